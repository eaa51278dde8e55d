"""safetensors files, looked at before they are read: the header says what is in one, and costs nothing to compare."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..files import write_whole
from ..refusals import Refusal

MAX_WEIGHTS_BYTES = 512 * 2**20
MAX_HEADER_BYTES = 2**20
DTYPES = ("BF16", "F16", "F32")
LARGEST = 1e4  # no trained weight comes near; a flipped bit of the exponent goes beyond, and overflows on the way
POINTER = b"version https://git-lfs"  # how a file begins that stands for one that was not fetched
Shapes = Mapping[str, tuple[int, ...]]


class Header(NamedTuple):
    shape: tuple[int, ...]
    dtype: str


def read_weights(path: Path, expected: Shapes | None = None) -> dict[str, Tensor]:
    """The tensors of a file, on the CPU, each in its own dtype. Raises Refusal, and reads no weights, if the file is
    too large or damaged, or if names, shapes (where `expected` is given) or dtypes are not those of a network's
    weights; and if one of them is no number."""
    headers = read_headers(path, MAX_WEIGHTS_BYTES)
    if expected is not None:
        compare_shapes(path, expected, {name: header.shape for name, header in headers.items()})
    return read_tensors(path, headers)


def read_headers(path: Path, most_bytes: int, dtypes: Collection[str] = DTYPES) -> dict[str, Header]:
    """What the file says is in it; no tensor is read. Raises Refusal."""
    check_size(path, most_bytes)
    header = _header_bytes(path)
    if not 2 <= header <= min(MAX_HEADER_BYTES, path.stat().st_size - 8):
        raise Refusal("weights-damaged", path=path, error=Refusal("weights-header"))
    try:
        with safe_open(str(path), framework="pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118, it is no mapping
            headers = {name: Header(tuple(part.get_shape()), part.get_dtype()) for name, part in slices.items()}
    except (SafetensorError, OSError):
        raise Refusal("weights-damaged", path=path, error=Refusal("weights-read")) from None
    for name, tensor in headers.items():
        if tensor.dtype not in dtypes:
            raise Refusal("weights-dtype", path=path, name=name, dtype=tensor.dtype)
    return headers


def read_tensors(path: Path, names: Iterable[str]) -> dict[str, Tensor]:
    """Some tensors of a file whose headers have been read, on the CPU. Raises Refusal if one is no number."""
    try:
        with safe_open(str(path), framework="pt") as file:
            tensors = {name: file.get_tensor(name).clone() for name in names}  # else they stay in the file
    except (SafetensorError, OSError):
        raise Refusal("weights-damaged", path=path, error=Refusal("weights-read")) from None
    for name, tensor in tensors.items():
        if tensor.numel() and not tensor.abs().max() <= LARGEST:  # false for NaN too
            raise Refusal("weights-no-numbers", path=path, name=name, largest=int(LARGEST))
    return tensors


def write_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """In bf16; an older file is replaced, all of it or nothing."""
    write_whole(
        path, save({n: p.detach().to("cpu", torch.bfloat16).contiguous() for n, p in weights.items()}), replace=True
    )


def file_digest(path: Path) -> bytes:
    """SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def check_size(path: Path, most_bytes: int) -> None:
    """That it is a regular file, and not too large to be read. Raises Refusal."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise Refusal("file-missing", path=path) from None
    except OSError as error:
        raise Refusal("file-unreadable", path=path, error=error.strerror) from None
    if not stat.S_ISREG(status.st_mode):
        raise Refusal("file-not-regular", path=path)
    if status.st_size > most_bytes:
        raise Refusal("weights-too-large", path=path, most=most_bytes >> 20)


def _header_bytes(path: Path) -> int:
    """How long the file says its header is, which a library would believe."""
    try:
        with path.open("rb") as file:
            first = file.read(len(POINTER))
    except OSError as error:
        raise Refusal("file-unreadable", path=path, error=error.strerror) from None
    if first == POINTER:
        raise Refusal("weights-pointer", path=path)
    return int.from_bytes(first[:8], "little")


def compare_shapes(path: Path, expected: Shapes, got: Shapes) -> None:
    """Raises Refusal with the first difference."""
    if expected == got:
        return
    odd = min(name for name in {*expected, *got} if expected.get(name) != got.get(name))
    nothing = Refusal("weights-nothing")
    raise Refusal("weights-shape", path=path, name=odd, expected=expected.get(odd, nothing), got=got.get(odd, nothing))
