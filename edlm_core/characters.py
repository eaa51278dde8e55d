"""Characters that no terminal and no page may be sent raw, and what stands in for them.

A control character acts instead of being read: ESC begins a terminal's commands, BEL rings, NUL ends a string in some
programs. A noncharacter or half a character (a surrogate) is no text at all. Line breaks and tabs are let through.
"""

from __future__ import annotations

import json
import re
from typing import Any

_C0 = """NULL; START OF HEADING; START OF TEXT; END OF TEXT; END OF TRANSMISSION; ENQUIRY; ACKNOWLEDGE; BELL; BACKSPACE;
CHARACTER TABULATION; LINE FEED; LINE TABULATION; FORM FEED; CARRIAGE RETURN; SHIFT OUT; SHIFT IN; DATA LINK ESCAPE;
DEVICE CONTROL ONE; DEVICE CONTROL TWO; DEVICE CONTROL THREE; DEVICE CONTROL FOUR; NEGATIVE ACKNOWLEDGE;
SYNCHRONOUS IDLE; END OF TRANSMISSION BLOCK; CANCEL; END OF MEDIUM; SUBSTITUTE; ESCAPE; INFORMATION SEPARATOR FOUR;
INFORMATION SEPARATOR THREE; INFORMATION SEPARATOR TWO; INFORMATION SEPARATOR ONE"""
_NAMES = dict(enumerate(re.split(r";\s+", _C0))) | {0x7F: "DELETE"}
_PLANES = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
_UNSENDABLE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_PLANES}]")


def unsendable(text: str) -> list[str]:
    """The different characters of a text that must not be sent raw, in their order in Unicode."""
    return sorted(set(_UNSENDABLE.findall(text)))


def character_name(c: str) -> str:
    """U+0007 BELL. (Unicode gives these characters no names; their well-known aliases stand in the table above.)"""
    code = ord(c)
    other = "CONTROL" if code < 0xA0 else "SURROGATE" if code < 0xE000 else "NONCHARACTER"
    return f"U+{code:04X} {_NAMES.get(code, other)}"


def visible(text: str) -> str:
    """The text with a name in place of each character that must not be sent raw: ⟨U+0007 BELL⟩."""
    return _UNSENDABLE.sub(lambda match: f"⟨{character_name(match[0])}⟩", text)


def json_line(value: Any) -> str:
    """JSON on one line, readable, with the same characters escaped: what is read from it is exactly `value`."""
    return _UNSENDABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


def one_line(text: str) -> str:
    """`visible`, its line breaks and tabs turned into spaces: what a message may quote."""
    return visible(re.sub(r"[\t\r\n\u2028\u2029]+", " ", text)).strip()
