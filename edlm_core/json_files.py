"""JSON from outside, of bounded size, read into a type that says what may stand in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from .files import read_bounded
from .refusals import Refusal

T = TypeVar("T")

# What msgspec says, in English, and the part of a message that says it in the reader's language.
_KINDS = (
    ("json-missing", re.compile(r"Object missing required field `(?P<name>.*)`")),
    ("json-unknown", re.compile(r"Object contains unknown field `(?P<name>.*)`")),
    ("json-type", re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")),
    ("json-length", re.compile(r"Expected `[^`]*` of (?:at least )?length (?P<expected>[<>=]* ?\d+)")),
    ("json-range", re.compile(r"Expected `[^`]*` (?P<expected>[<>]=? \S+)")),
)


def read_json(path: Path, kind: type[T], most_bytes: int) -> T:
    """What the file says, as `kind`. Raises Refusal: of the file (file-…), or of what stands in it (json-…)."""
    return parse_json(read_bounded(path, most_bytes), kind)


def read_own(path: Path, kind: type[T], most_bytes: int) -> T:
    """The same of a file that this app has written. Raises Refusal, one that names the file."""
    data = read_bounded(path, most_bytes)
    try:
        return parse_json(data, kind)
    except Refusal as fault:
        raise Refusal("file-damaged", path=path.name, fault=fault) from None


def parse_json(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise json_fault(error) from None


def json_fault(error: Exception) -> Refusal:
    """What msgspec finds wrong, as a part of a message: which kind of fault it is, and at which place."""
    if isinstance(error, RecursionError):
        return Refusal("json-deep")
    if not isinstance(error, msgspec.ValidationError):
        return Refusal("json-syntax")
    said, _, place = str(error).partition(" - at `")
    place = place.removesuffix("`") or "$"
    if isinstance(error.__cause__, Refusal):  # a type of ours has refused its values
        return Refusal("json-refused", place=place, reason=error.__cause__)
    found = ((code, pattern.match(said)) for code, pattern in _KINDS)
    code, values = next(((code, match.groupdict()) for code, match in found if match), ("json-value", {}))
    return Refusal(code, place=place, **values)
