"""Results as JSON and back, by their types: dataclasses, lists, numbers and arrays. NaN travels as null."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=_plain)


def decode(data: bytes, type_: Any) -> Any:
    return msgspec.json.decode(data, type=type_, dec_hook=_typed)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise NotImplementedError(f"expected a value that JSON can hold, got {type(value).__name__}")


def _typed(type_: type, value: Any) -> Any:
    if type_ is np.ndarray:
        return np.array(value, dtype=np.float64)
    raise NotImplementedError(f"expected a type that JSON can hold, got {type_.__name__}")
