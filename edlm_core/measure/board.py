"""A board: the targets of a pilot for one setting, with another beside it or none. Pure but for its file. No torch.

A board is kept as a JSON file in the data folder's `boards/`, not as a row of the store: it is written by a person, a
handful of numbers under a name, that nobody filters or sums up; as a file it can be sent, compared and kept with the
pilot's papers, and the store's schema stays what it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ..characters import unsendable
from ..files import write_whole
from ..json_files import read_own
from ..model_refs import data_folder
from ..refusals import Refusal
from .estimates import Estimate
from .kpis import KPIS, Kpi, Sample
from .targets import Verdict, verdict

MAX_BYTES = 1 << 16
MAX_NAME = 60
Amount = Annotated[float, Meta(ge=0, le=1e6)]


class Board(msgspec.Struct, frozen=True):
    cell: str
    beside: str | None = None  # another cell, to compare with
    source: str = ""  # the recorded file that they stand in; "": the store
    judge: str = "smollm2"
    price: Amount = 1.0  # of an hour of the machine
    targets: dict[str, Amount] = {}
    name: str = ""

    def target(self, kpi: Kpi) -> float:
        return self.targets.get(kpi.name, kpi.target)


@dataclass(frozen=True)
class Line:
    """One target: what was measured of it, and what that says."""

    kpi: Kpi
    target: float
    found: Estimate | None
    verdict: Verdict
    beside: Estimate | None  # of the other setting


def lines(board: Board, own: Sample, other: Sample | None = None) -> list[Line]:
    return [_line(board, kpi, own, other) for kpi in KPIS.values()]


def _line(board: Board, kpi: Kpi, own: Sample, other: Sample | None) -> Line:
    target, found = board.target(kpi), kpi.estimate(own)
    beside = other and kpi.estimate(other)
    return Line(kpi, target, found, verdict(found, target, lower=kpi.lower), beside)


HEADER = (
    "kpi",
    "target",
    "value",
    "low",
    "high",
    "texts",
    "state",
    "texts_more",
    "beside",
    "beside_low",
    "beside_high",
)


def table(found: Sequence[Line]) -> Iterator[list[Any]]:
    """A row a target, under HEADER, for a file; None where there is no such number."""
    for line in found:
        texts = line.found.texts if line.found is not None else 0
        said = [texts, line.verdict.state.value, line.verdict.more]
        yield [line.kpi.name, line.target, *_ends(line.found), *said, *_ends(line.beside)]


def _ends(found: Estimate | None) -> list[float | None]:
    if found is None:
        return [None, None, None]
    return [number if abs(number) < float("inf") else None for number in (found.value, found.low, found.high)]


# ── kept by name ─────────────────────────────────────────────────────────────────
def as_json(board: Board) -> bytes:
    return msgspec.json.format(msgspec.json.encode(board)) + b"\n"


def read_board(path: Path) -> Board:
    """Raises Refusal."""
    return read_own(path, Board, MAX_BYTES)


def kept_boards() -> tuple[list[Board], list[Refusal]]:
    """By name, and what is wrong with those that can't be read."""
    found, problems = [], []
    for path in sorted(_folder().glob("*.json")):
        try:
            found.append(read_board(path))
        except Refusal as refusal:
            problems.append(refusal)
    return sorted(found, key=lambda board: board.name), problems


def board_named(name: str) -> Board:
    """Raises Refusal where there is none."""
    if not _path(name).is_file():
        known = ", ".join(board.name for board in kept_boards()[0]) or "–"
        raise Refusal("board-unknown", known=known[:200], got=repr(name)[:80])
    return read_board(_path(name))


def save_board(board: Board) -> None:
    """In place of one of the same name. Raises Refusal."""
    if not 0 < len(board.name) <= MAX_NAME or unsendable(board.name) or board.name != board.name.strip():
        raise Refusal("board-name", most=MAX_NAME, got=repr(board.name)[:80])
    try:
        _folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal("file-unwritable", path=_folder(), error=error.strerror) from None
    write_whole(_path(board.name), as_json(board), replace=True)


def delete_board(name: str) -> None:
    """Raises Refusal where the disk does not let go of it."""
    try:
        _path(name).unlink(missing_ok=True)
    except OSError as error:
        raise Refusal("file-unwritable", path=_path(name).name, error=error.strerror) from None


def _folder() -> Path:
    return data_folder() / "boards"


def _path(name: str) -> Path:
    """Any name makes a file, whatever the file system thinks of its characters."""
    return _folder() / (hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16] + ".json")
