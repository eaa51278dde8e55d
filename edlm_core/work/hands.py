"""Who writes the batches of a sweep: this process, one after the other (`here.py`), or a cluster (`on_ray.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..measure.todo import Batch
from ..refusals import Refusal

if TYPE_CHECKING:
    from ..measure.trial_row import TrialRow

HERE, RAY = "here", "ray"  # or ray://host:port, a cluster that runs


@dataclass(frozen=True)
class Written:
    """A batch that has come to its end: its rows, or why there are none."""

    batch: Batch
    rows: list[TrialRow]
    error: Refusal | None = None


class Hands(Protocol):
    @property
    def free(self) -> bool:
        """Another batch can be taken."""
        ...

    @property
    def busy(self) -> bool:
        """A batch is in hand."""
        ...

    def take(self, batch: Batch) -> None: ...

    def turn(self) -> list[Written]:
        """Work, or wait, for a moment; what has come to its end in it."""
        ...

    def close(self) -> None:
        """What is in hand is lost."""
        ...
