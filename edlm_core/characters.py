"""Characters that no terminal and no page may be sent raw, those that nobody can see, and what stands in for them.

A control character acts instead of being read: ESC begins a terminal's commands, BEL rings, NUL ends a string in some
programs. A noncharacter or half a character (a surrogate) is no text at all. Line breaks and tabs are let through.
An invisible character is text, and yet a token of it would look like no token.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_C0 = """NULL; START OF HEADING; START OF TEXT; END OF TEXT; END OF TRANSMISSION; ENQUIRY; ACKNOWLEDGE; BELL; BACKSPACE;
CHARACTER TABULATION; LINE FEED; LINE TABULATION; FORM FEED; CARRIAGE RETURN; SHIFT OUT; SHIFT IN; DATA LINK ESCAPE;
DEVICE CONTROL ONE; DEVICE CONTROL TWO; DEVICE CONTROL THREE; DEVICE CONTROL FOUR; NEGATIVE ACKNOWLEDGE;
SYNCHRONOUS IDLE; END OF TRANSMISSION BLOCK; CANCEL; END OF MEDIUM; SUBSTITUTE; ESCAPE; INFORMATION SEPARATOR FOUR;
INFORMATION SEPARATOR THREE; INFORMATION SEPARATOR TWO; INFORMATION SEPARATOR ONE"""
_NAMES = dict(enumerate(re.split(r";\s+", _C0))) | {0x7F: "DELETE"}
_PLANES = " ".join(f"{plane << 16 | 0xFFFE:X}-{plane << 16 | 0xFFFF:X}" for plane in range(17))
_UNSENDABLE = f"0-8 B-1F 7F-9F D800-DFFF FDD0-FDEF {_PLANES}"
# Spaces of other widths, joiners, marks of direction, fillers, variation selectors, tags.
_INVISIBLE = """A0 AD 34F 61C 115F-1160 1680 17B4-17B5 180B-180F 2000-200F 2028-202F 205F-2064 2066-206F 2800 3000 3164
FE00-FE0F FEFF FFA0 FFF9-FFFB 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"""


_TAGS = 0xE0000


def _ranges(table: str) -> Iterator[tuple[int, int]]:
    for span in table.split():
        first, _, last = span.partition("-")
        yield int(first, 16), int(last or first, 16)


def _any_of(table: str) -> re.Pattern[str]:
    spans = (f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in _ranges(table))
    return re.compile("[" + "".join(spans) + "]")


_SENT_BY_NAME = _any_of(_UNSENDABLE)
_SHOWN_BY_NAME = _any_of(f"{_UNSENDABLE} {_INVISIBLE}")


def unsendable(text: str) -> list[str]:
    """The different characters of a text that must not be sent raw, in their order in Unicode."""
    return sorted(set(_SENT_BY_NAME.findall(text)))


def character_name(c: str) -> str:
    """U+0007 BELL, U+200B ZERO WIDTH SPACE. (Unicode gives control characters no names; their well-known aliases stand
    in the table above.)"""
    code = ord(c)
    return f"U+{code:04X} {_name(code) or _kind(code)}"


def _name(code: int) -> str:
    """Empty where there is none; the tags are hundreds."""
    return _NAMES.get(code) or (unicodedata.name(chr(code), "") if code < _TAGS else "")


def _kind(code: int) -> str:
    if code < 0xA0:
        return "CONTROL"
    return "SURROGATE" if 0xD800 <= code < 0xE000 else "TAG" if _TAGS <= code < _TAGS + 0x1000 else "NONCHARACTER"


def visible(text: str) -> str:
    """The text with a name in place of each character that must not be sent raw: ⟨U+0007 BELL⟩."""
    return _SENT_BY_NAME.sub(lambda match: f"⟨{character_name(match[0])}⟩", text)


def named(text: str) -> str:
    """The same with the name of each invisible character too: what a token of it shows."""
    return _SHOWN_BY_NAME.sub(lambda match: f"⟨{character_name(match[0])}⟩", text)


def names_shown() -> dict[str, Any]:
    """What `named` replaces, for other languages: `ranges` of code points, first and last, and the `names` of those
    that have one. Of what is left "TAG", "SURROGATE", "CONTROL" or "NONCHARACTER" is said."""
    ranges = [*_ranges(f"{_UNSENDABLE} {_INVISIBLE}")]
    codes = (code for first, last in ranges for code in range(first, last + 1))
    return {"ranges": ranges, "names": {code: name for code in codes if (name := _name(code))}}


def json_line(value: Any) -> str:
    """JSON on one line, readable, with the same characters escaped: what is read from it is exactly `value`."""
    return _SENT_BY_NAME.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


def one_line(text: str) -> str:
    """`visible`, its line breaks and tabs turned into spaces: what a message may quote."""
    return visible(re.sub(r"[\t\r\n\u2028\u2029]+", " ", text)).strip()
