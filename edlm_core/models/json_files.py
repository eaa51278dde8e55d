"""JSON from outside, of bounded size, read into a type that says what may stand in it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from ..files import read_bounded
from ..refusals import Refusal

T = TypeVar("T")


def read_json(path: Path, kind: type[T], most_bytes: int) -> T:
    """What the file says, as `kind`. Raises Refusal: of the file (file-…), or of what stands in it (json-…)."""
    return parse_json(read_bounded(path, most_bytes), kind)


def parse_json(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise Refusal("json-deep") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refusal("json-wrong", reason=str(error)) from None
