"""The texts that a board speaks of, out of the store or a recorded file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..measure import recorded
from ..measure.board import Board
from ..measure.filled import filled_of
from ..measure.kpis import Sample
from ..measure.words import words_of
from ..refusals import Refusal
from .cells import Trials
from .export import as_csv, checksum, rows_of
from .recorded import Recorded


@dataclass(frozen=True)
class Samples:
    """`own`, and the one beside it where the board has one; `rows` are those of both, as a file has them."""

    samples: tuple[Sample, ...]
    rows: Sequence[dict[str, Any]]

    @property
    def csv(self) -> bytes:
        return as_csv(self.rows)

    @property
    def sha(self) -> str:
        return checksum(self.csv)


def samples_of(trials: Trials, board: Board) -> Samples:
    """Raises Refusal where a setting has no texts, or a file that belongs to it is damaged."""
    cells = [board.cell, *filter(None, [board.beside])]
    rows = rows_of(trials, cells)
    return Samples(tuple(_sample(board, cell, [row for row in rows if row["cell"] == cell]) for cell in cells), rows)


def _sample(board: Board, cell: str, rows: Sequence[dict[str, Any]]) -> Sample:
    if not rows:
        raise Refusal("board-cell", cell=cell[:40])
    return Sample(rows, board.judge, board.price, words_of(rows[0]["model"]), filled_of(rows[0]))


def recorded_trials(name: str) -> Recorded:
    """What came with the app, by the name of its file. Raises Refusal where there is none."""
    known = {path.stem: path for path in sorted(recorded.FOLDER.glob("*.db"))}
    if name not in known:
        raise Refusal("choice", name="recorded", known=", ".join(known) or "–", got=repr(name)[:40])
    return Recorded(known[name])
