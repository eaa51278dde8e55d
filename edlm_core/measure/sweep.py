"""Many trials: a grid of settings, the same seeds in every cell.

requests = grid(request, num_steps=(8, 16), reveal=REVEALS)     # request.config.num_chains texts in each cell
for measures in cells(sweep(model, requests, judges)):
    ...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..catalogue import corrects_by_something
from ..config import Request
from ..models.checkpoints import Model
from .grid import changed
from .measures import Measures, joined
from .telling import Tell, untold
from .todo import cost_of
from .trial import Embed, Trial

CHAINS = 16  # sampled together


def sweep(
    model: Model,
    requests: Sequence[Request],
    judges: Sequence[str] = (),
    *,
    together: int = CHAINS,
    embed: Embed | None = None,
) -> Iterator[Trial]:
    """Trials still to be run, request after request, each of at most `together` of its num_chains texts. Raises
    Refusal."""
    weights = [request.config.num_chains * cost_of(request) for request in requests]
    whole, done = sum(weights), 0.0
    for cell, (request, weight) in enumerate(zip(requests, weights, strict=True)):
        N = request.config.num_chains
        for first in range(0, N, together):
            size = min(together, N - first)
            part = changed(request, num_chains=size, seed=request.config.seed + first)
            span = done / whole, (done + weight * size / N) / whole
            yield Trial(model, part, judges, embed=embed, cell=cell, span=span)
            done += weight * size / N


def batches(requests: Sequence[Request], together: int = CHAINS) -> list[Request]:
    """The largest batch of each request, as `sweep` will run it."""
    return [changed(request, num_chains=min(together, request.config.num_chains)) for request in requests]


def cells(trials: Iterable[Trial], tell: Tell = untold) -> Iterator[Measures]:
    """Runs the trials; the texts of each request together, as soon as the last of them is measured."""
    for _, parts in groupby(trials, key=lambda trial: trial.cell):
        yield joined([_finished(trial, tell) for trial in parts])


class Sweep:
    """A sweep as work that can be watched and stopped: cells as far as their trials are finished."""

    def __init__(self, trials: Iterator[Trial]) -> None:
        self.trials = trials
        self._parts: dict[int, list[Measures]] = {}

    def steps(self) -> Iterator[float]:
        for trial in self.trials:
            for _ in trial:
                yield trial.share
            measured = trial.measures()  # before the cell is there: whoever asks meanwhile finds whole trials
            self._parts.setdefault(trial.cell, []).append(measured)
        yield 1.0

    def result(self) -> list[Measures]:
        """Only whole trials are in it."""
        return [joined(parts) for parts in self._parts.values()]


def described(request: Request) -> str:
    config = request.config
    energy = [request.energy] if corrects_by_something(request.energy) else []
    return " ".join([request.sampler, *energy, f"T={config.num_steps} K={config.num_candidates} {config.reveal}"])


def _finished(trial: Trial, tell: Tell) -> Measures:
    for _ in trial:
        tell(trial.share, described(trial.request))
    return trial.measures()
