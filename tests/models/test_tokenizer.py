"""Text to ids and back, exactly; and in SmolLM2's own tokens."""

import json
import re

import pytest

from edlm_core.models.tokenizer import END_OF_TEXT, MASK_DISPLAY, Tokenizer, restrict
from edlm_core.refusals import Refusal

STORY = (
    "Once upon a time, there was a little girl named Lily. She said, “Don't be sad!” and smiled at the big dog. "
    "They played in the park all day, and then they went home to eat 12 cookies."
)
ODD = [
    "", " ", "  two  spaces ", "a\tb\n\n c", "\r\n", "don't", "1234567890", "naïve café", "“quoted” – said",
    "👩‍👩‍👧‍👦 family", "日本語", "e\u0301", "\u0301", " \u0301 lone", "\u200d", "\u202eabc", "\ufeff", "\u2028",
    "ﬁ ½ ™", "𝔘𝔫",
    "\x7f", "\uffff", "\U0010ffff", "�", "▢", "_", "<|endoftext|>", "x<|endoftext|>y", "<|endoftext|", STORY,
]  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer(tales):
    return tales.tokenizer


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_decoding_undoes_encoding(tokenizer, text):
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert all(0 <= i < tokenizer.vocab_size for i in ids)


def test_the_end_of_text_written_out_becomes_its_one_id(tokenizer):
    x, y = tokenizer.encode("x"), tokenizer.encode("y")
    assert tokenizer.encode(f"x{END_OF_TEXT}y") == [*x, tokenizer.end_of_text, *y]


def test_plain_words_cost_about_a_token_each(tokenizer):
    assert len(tokenizer.encode(STORY)) < 1.6 * len(STORY.split())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a\x04b", "U+0004 END OF TRANSMISSION: remove"),
        ("\x13x\x06", "U+0006 ACKNOWLEDGE, U+0013 DEVICE CONTROL THREE: remove"),
        ("a\udcffb", "U+DCFF SURROGATE"),
        ("\ud83d", "U+D83D SURROGATE"),
    ],
)
def test_a_character_it_cannot_spell_is_refused_by_name(tokenizer, text, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        tokenizer.encode(text)


def test_the_mask_is_no_token_and_shows_as_a_box(tokenizer):
    assert tokenizer.mask_id == tokenizer.vocab_size
    assert tokenizer.decode([*tokenizer.encode("a"), tokenizer.mask_id]) == f"a{MASK_DISPLAY}"
    assert tokenizer.spell(tokenizer.mask_id) == MASK_DISPLAY


def test_a_broken_character_shows_as_a_replacement_when_decoded_and_as_bytes_when_spelled(tokenizer):
    first, *_ = tokenizer.encode("日")
    assert tokenizer.decode([first]) == "�"
    assert tokenizer.spell(first) == f"⟨{tokenizer.spelled_bytes(first).hex(' ').upper()}⟩"
    assert tokenizer.spelled_bytes(first) == "日".encode()[: len(tokenizer.spelled_bytes(first))]


def test_spellings_are_each_ids_text_with_the_mask_last(tokenizer):
    assert len(tokenizer.spellings) == tokenizer.vocab_size + 1
    assert tokenizer.spellings[tokenizer.encode(" girl")[0]] == " girl"
    assert tokenizer.spellings[-1] == MASK_DISPLAY


# ── in another tokenizer's tokens ────────────────────────────────────────────────
def test_every_id_is_the_same_token_in_smollm2(tokenizer, smollm2_tokenizer):
    ours = json.loads(tokenizer._hf.to_str())["model"]["vocab"]
    assert all(smollm2_tokenizer.id_to_token(tokenizer.to_source[i]) == token for token, i in ours.items())


def test_words_whose_tokens_were_kept_are_encoded_as_smollm2_encodes_them(tokenizer, smollm2_tokenizer):
    kept, agreed = set(tokenizer.to_source), 0
    for word in re.findall(r" ?[^ ]+", STORY):
        source = smollm2_tokenizer.encode(word, add_special_tokens=False).ids
        if kept.issuperset(source):
            assert [tokenizer.to_source[i] for i in tokenizer.encode(word)] == source
            agreed += 1
    assert agreed > 30


@pytest.fixture(scope="module")
def smaller(tokenizer):
    return restrict(tokenizer._hf, [STORY], 320)


def test_a_restricted_tokenizer_still_spells_every_text(smaller):
    assert [smaller.decode(smaller.encode(text)) for text in ODD] == ODD


def test_restricting_keeps_at_most_the_size_asked_for_and_the_end_of_text_first(smaller):
    assert 310 < smaller.vocab_size <= 320
    assert smaller.end_of_text == 0


def test_a_kept_token_stands_for_the_same_bytes_as_its_source(smaller, tokenizer):
    assert [smaller.spelled_bytes(i) for i in range(smaller.vocab_size)] == [
        tokenizer.spelled_bytes(i) for i in smaller.to_source
    ]


def test_words_whose_tokens_were_kept_are_encoded_as_before(smaller, tokenizer):
    kept = set(smaller.to_source)
    words = [w for w in re.findall(r" ?[^ ]+", STORY) if kept.issuperset(tokenizer.encode(w))]
    assert len(words) > 20
    for word in words:
        assert [smaller.to_source[i] for i in smaller.encode(word)] == tokenizer.encode(word)


def test_the_most_frequent_tokens_are_kept_first(tokenizer):
    (source,) = tokenizer.encode(" girl")
    size = restrict(tokenizer._hf, [" girl"], 1000).vocab_size  # room for one of the two and its pieces
    often, seldom = (restrict(tokenizer._hf, [" girl" * n + " dog" * (11 - n)], size) for n in (10, 1))
    assert source in often.to_source
    assert source not in seldom.to_source


# ── files ────────────────────────────────────────────────────────────────────────
def test_a_saved_tokenizer_loads_as_it_was(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "new")
    again = Tokenizer.load(tmp_path / "new")
    assert again.to_source == tokenizer.to_source
    assert again.spellings == tokenizer.spellings
    assert again.encode(STORY) == tokenizer.encode(STORY)


@pytest.mark.parametrize("name", ["tokenizer.json", "source_ids.json"])
def test_a_missing_file_is_named(tokenizer, tmp_path, name):
    tokenizer.save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(Refusal, match=rf"{name}: expected a file, found none"):
        Tokenizer.load(tmp_path)


def without_end_of_text(spec):
    spec["added_tokens"] = []
    spec["model"]["vocab"]["Zqx"] = spec["model"]["vocab"].pop(END_OF_TEXT)


def with_a_gap(spec):
    spec["model"]["vocab"]["Ġgirl"] = 9999


def with_a_character_that_is_no_byte(spec):
    vocab = spec["model"]["vocab"]
    vocab["日"] = vocab.pop("Ġcrocodile")
    spec["model"]["merges"] = [m for m in spec["model"]["merges"] if "".join(m) != "Ġcrocodile"]


@pytest.mark.parametrize("damage", [without_end_of_text, with_a_gap, with_a_character_that_is_no_byte])
def test_a_tokenizer_of_another_kind_is_refused_by_name(tokenizer, tmp_path, damage):
    tokenizer.save(tmp_path)
    spec = json.loads((tmp_path / "tokenizer.json").read_text())
    damage(spec)
    (tmp_path / "tokenizer.json").write_text(json.dumps(spec))
    with pytest.raises(ValueError, match=r"tokenizer\.json is not a tokenizer file"):
        Tokenizer.load(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", "[1, 2", '{"model": 3}'])
def test_what_is_no_tokenizer_file_is_refused_by_name(tokenizer, tmp_path, text):
    tokenizer.save(tmp_path)
    (tmp_path / "tokenizer.json").write_text(text)
    with pytest.raises(ValueError, match=r"tokenizer\.json is not a tokenizer file"):
        Tokenizer.load(tmp_path)


@pytest.mark.parametrize("text", ["", "[1, 2]", "7", '"x"', json.dumps(["1"] * 3968), json.dumps({"0": 1}), "[1.5]"])
def test_source_ids_that_do_not_fit_are_refused_by_name(tokenizer, tmp_path, text):
    tokenizer.save(tmp_path)
    (tmp_path / "source_ids.json").write_text(text)
    with pytest.raises(ValueError, match=r"source_ids\.json does not fit"):
        Tokenizer.load(tmp_path)
