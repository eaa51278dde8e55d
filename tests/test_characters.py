"""No control character, noncharacter or half a character leaves raw."""

import json
import unicodedata

import pytest

from edlm_core.characters import character_name, json_line, one_line, unsendable, visible
from edlm_core.refusals import Refusal


@pytest.mark.parametrize(
    ("c", "name"),
    [
        ("\0", "U+0000 NULL"),
        ("\x07", "U+0007 BELL"),
        ("\x0d", "U+000D CARRIAGE RETURN"),
        ("\x1b", "U+001B ESCAPE"),
        ("\x1f", "U+001F INFORMATION SEPARATOR ONE"),
        ("\x7f", "U+007F DELETE"),
        ("\x9b", "U+009B CONTROL"),
        ("\ud800", "U+D800 SURROGATE"),
        ("\ufdd0", "U+FDD0 NONCHARACTER"),
        ("\U0010ffff", "U+10FFFF NONCHARACTER"),
    ],
)
def test_what_must_not_be_sent_is_shown_by_name(c, name):
    assert character_name(c) == name
    assert visible(f"a{c}b") == f"a⟨{name}⟩b"


def test_each_control_has_the_name_that_python_knows_it_by():
    for code in range(0x20):
        assert unicodedata.lookup(character_name(chr(code)).split(" ", 1)[1]) == chr(code) or code == 7  # 🔔 is BELL


def test_all_else_is_left_alone():
    everything = [chr(n) for n in range(0x110000)]
    kept = [c for c in everything if not unsendable(c)]
    controls = [c for c in everything if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n"]
    assert len(everything) - len(kept) == len(controls) + 66  # Unicode has 66 noncharacters
    text = "naïve “日本” 👩‍👩‍👧 \u202e\ufeff\t\n"
    assert visible(text) == text
    assert not unsendable(visible("".join(everything)))


def test_a_refusal_that_quotes_is_one_line():
    refusal = Refusal("file-missing", path="a\n\x1b[31mb\r\nc\u2028d")
    assert str(refusal) == "a ⟨U+001B ESCAPE⟩[31mb c d: expected a file, found none: check the name"
    assert one_line(" a\t\n b ") == "a  b"


def test_json_escapes_what_must_not_be_sent_and_still_says_exactly_that():
    value = {"texts": ["\x1b[31m \x7f\x9b31m \ufdd0\U0001ffff\ud800", 'é ▢ \n"quoted"']}
    line = json_line(value)
    assert unsendable(line) == []
    assert json.loads(line) == value
    assert "é ▢" in line
