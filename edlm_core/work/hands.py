"""Who writes the batches of a sweep: this process, one after the other, or a cluster (`on_ray.py`)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..measure.settled import How
from ..measure.todo import Batch
from ..refusals import Refusal
from .executor import refusal_of

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


class Here:
    """This process: a turn is a step of a sampler."""

    def __init__(self, how: How) -> None:
        from ..measure.batch import batch_steps, tools

        tools(how)
        self.how, self._steps_of = how, batch_steps
        self._hand: tuple[Batch, Generator[float, None, list[TrialRow]]] | None = None

    @property
    def free(self) -> bool:
        return self._hand is None

    @property
    def busy(self) -> bool:
        return self._hand is not None

    def take(self, batch: Batch) -> None:
        self._hand = batch, self._steps_of(self.how, batch.request)

    def turn(self) -> list[Written]:
        if self._hand is None:
            return []
        batch, steps = self._hand
        try:
            next(steps)
        except StopIteration as stop:
            written = Written(batch, stop.value)
        except Exception as error:  # noqa: BLE001, of whatever kind, it is this cell's and no other's
            written = Written(batch, [], refusal_of(error))
        else:
            return []
        self._hand = None
        return [written]

    def close(self) -> None:
        self._hand = None


def hands(on: str, how: How) -> Hands:
    """Raises Refusal where they can't be had."""
    if on == HERE:
        return Here(how)
    from .on_ray import Cluster

    return Cluster(on, how)
