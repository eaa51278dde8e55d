"""The batches of a sweep in this process, one after the other."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from ..measure.settled import How
from ..measure.todo import Batch
from .executor import refusal_of
from .hands import Written

if TYPE_CHECKING:
    from ..measure.trial_row import TrialRow


class Here:
    """A turn is a step of a sampler."""

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
