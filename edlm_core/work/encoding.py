"""Results as JSON and back, by their types: dataclasses, lists, numbers and arrays. NaN travels as null."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from ..refusals import Refusal


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=_plain)


def decode(data: bytes, type_: Any) -> Any:
    return msgspec.json.decode(data, type=type_, dec_hook=_typed)


def told_refusal(value: Any) -> Any:
    """A refusal as JSON has it; its values may be refusals, which are put into words later as well."""
    if isinstance(value, Refusal):
        return {"code": value.code, "values": {name: told_refusal(one) for name, one in value.values.items()}}
    return value if isinstance(value, int | float) else str(value)


def restored_refusal(value: Any) -> Any:
    if isinstance(value, dict):
        return Refusal(value["code"], **{name: restored_refusal(one) for name, one in value["values"].items()})
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise NotImplementedError(f"expected a value that JSON can hold, got {type(value).__name__}")


def _typed(type_: type, value: Any) -> Any:
    if type_ is np.ndarray:
        return np.array(value, dtype=np.float64)
    raise NotImplementedError(f"expected a type that JSON can hold, got {type_.__name__}")
