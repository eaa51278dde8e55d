"""A prompt, a suffix or a template becomes fixed positions and blanks."""

import re

import pytest

from edlm_core.characters import unsendable
from edlm_core.models.prompts import condition
from edlm_core.models.template import understood


@pytest.fixture(scope="module")
def tokenizer(tales):
    return tales.tokenizer


def shown(tokenizer, text, length):
    return tokenizer.decode(condition(tokenizer, text, length).tolist())


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("Once upon a time", 8, "Once upon a time▢▢▢▢"),
        ("Tom saw a ___ in the tree.", 10, "Tom saw a▢▢▢ in the tree."),
        ("____ the end.", 7, "▢▢▢▢ the end."),
        ("___", 5, "▢▢▢▢▢"),
        ("_ and _", 4, "▢ and▢▢"),
        ("a _ _ b", 4, "a▢▢ b"),
        (r"a\_b _", 8, "a_b▢"),
        (r"a \__ b", 8, "a _▢ b"),
        (r"\_\_", 8, "__"),
    ],
)
def test_each_underscore_is_a_blank_and_behind_the_text_all_is_blank(tokenizer, text, length, expected):
    assert shown(tokenizer, text, length).rstrip("▢") == expected.rstrip("▢")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Once upon a time", []),
        (r"im\_start", []),
        ("Tom saw a ___ in the tree. _", ["4 blanks found."]),
        ("_", ["1 blank found."]),
        (
            "<|im_start|>",
            ["1 blank found.", r"The underscore in im_start is a blank too: write im\_start where it is to stay."],
        ),
        ("a<|endoftext|>b", ["<|endoftext|> is read as the end of a text: another one begins after it."]),
    ],
)
def test_what_was_understood_is_said(text, said):
    assert understood(text) == said


def test_a_blank_swallows_one_space_before_it_and_no_more(tokenizer):
    assert shown(tokenizer, "a  _", 3) == "a ▢"
    assert shown(tokenizer, "a _ b", 3) == "a▢ b"


def test_the_ids_are_the_tokenizers_and_fill_the_length(tokenizer):
    ids = condition(tokenizer, "Once upon a time", 6).tolist()
    assert ids == [*tokenizer.encode("Once upon a time"), 3968, 3968]


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_prompt_is_refused(tokenizer, text):
    with pytest.raises(ValueError, match="prompt: expected some text"):
        condition(tokenizer, text, 8)


def test_a_prompt_longer_than_the_text_is_refused_with_both_lengths(tokenizer):
    with pytest.raises(ValueError, match="at most 3 tokens, as long as the text is to be, got 4"):
        condition(tokenizer, "Once upon a time", 3)


@pytest.mark.parametrize(("text", "length"), [("Once upon a time", 4), ("a_", 1)])
def test_a_prompt_that_leaves_no_room_is_refused(tokenizer, text, length):
    with pytest.raises(ValueError, match="prompt: expected"):
        condition(tokenizer, text, length)


def test_a_prompt_it_cannot_spell_is_refused_by_character(tokenizer):
    with pytest.raises(ValueError, match=r"U\+0004"):
        condition(tokenizer, "a \x04 _", 8)


@pytest.mark.parametrize(
    ("c", "name"),
    [("\0", "U+0000 NULL"), ("\x07", "U+0007 BELL"), ("\x1b", "U+001B ESCAPE"), ("\uffff", "U+FFFF NONCHARACTER")],
)
def test_a_character_that_must_not_be_sent_is_refused_by_name(tokenizer, c, name):
    with pytest.raises(ValueError, match=re.escape(f"without control characters, got {name}: remove")) as refused:
        condition(tokenizer, f"Tom{c} _", 8)
    assert c not in str(refused.value)


def test_what_the_model_may_write_of_them_is_spelled_by_name(tokenizer):
    shown = "".join(tokenizer.spellings)
    assert not unsendable(shown)
    assert "⟨U+007F DELETE⟩" in shown
