"""Training as a task. Its files lie in the model folder; the store holds how far it is, for a page to plot."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from .task import Doing, Models, Progress, Steps, register

if TYPE_CHECKING:
    from ..training.loop import TrainProgress

POINTS = 1000  # of a curve, before it is made half as fine


@dataclass(frozen=True)
class Trained:
    """How far a training has come."""

    step: int
    seconds: float  # spent, in earlier starts too
    seconds_left: float
    tokens_per_second: float
    losses: list[tuple[int, float]]  # of some steps since this start: the step and its loss, nats
    validations: list[dict[str, Any]]  # lines of its log, in earlier starts too: step, train, valid, best, ...


@register
@dataclass(frozen=True)
class Train:
    """Train a part of the model folder `out` on the corpus in `data`. -> Trained

    Stopped, it keeps the weights of its best validation; asked for again, it goes on where it stopped or, killed, where
    it validated last."""

    kind: ClassVar[str] = "train"
    interactive: ClassVar[bool] = False
    recipe: str  # as JSON
    data: str
    out: str
    replace: bool = False  # weights that are there

    def start(self, models: Models) -> Steps:
        from ..training.recipes import from_json
        from ..training.train import train_steps

        recipe = from_json(json.loads(self.recipe))
        log, losses = Path(self.out) / f"{recipe.kind}.log.jsonl", _Curve()
        with closing(train_steps(recipe, self.data, self.out, replace=self.replace)) as steps:
            for at in steps:
                losses.add(at.step, at.loss)
                doing = Doing("training", {"step": at.step, "loss": at.loss, "seconds_left": at.seconds_left})
                yield Progress(at.share, doing, partial(_trained, at, losses, log))

    def result_type(self) -> Any:
        return Trained


class _Curve:
    """A number a step, thinned out where there are too many to draw."""

    def __init__(self) -> None:
        self.points: list[tuple[int, float]] = []
        self._every = 1

    def add(self, step: int, value: float) -> None:
        if step % self._every == 0:
            self.points.append((step, value))
        if len(self.points) > POINTS:
            self._every *= 2
            self.points = [point for point in self.points if point[0] % self._every == 0]


def _trained(at: TrainProgress, losses: _Curve, log: Path) -> Trained:
    lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    return Trained(
        step=at.step,
        seconds=at.seconds,
        seconds_left=at.seconds_left,
        tokens_per_second=at.tokens_per_second,
        losses=list(losses.points),
        validations=[json.loads(line) for line in lines],
    )
