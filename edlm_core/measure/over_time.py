"""When and where does the energy work? Measures of many seeds, by bins of time and position. No torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from .measures import Measures, TextStep
from .paired import mean_interval

TIMES, PLACES = 8, 16  # bins of t and of the position


class OverTime(NamedTuple):
    """Of the texts that have something in a bin of t."""

    t: float  # the bin's middle
    mean: float
    half: float  # of the 95 % interval
    runs: int


class Where(NamedTuple):
    """The share of words written in a bin of t and of the position that the energy changed."""

    time_bin: int
    place_bin: int
    mean: float
    half: float
    runs: int


def ess_over_time(measures: Measures) -> list[OverTime]:
    """Mean ESS / K of the steps in a bin; steps with one draft have no say in it."""
    return _over_time(measures, lambda steps: [step.ess / step.drafts for step in steps if step.drafts > 1])


def changed_over_time(measures: Measures) -> list[OverTime]:
    """Share of the words written in a bin that the energy changed."""
    return _over_time(measures, lambda steps: [float(i in step.changed) for step in steps for i in step.written])


def changed_where(measures: Measures) -> list[Where]:
    length = measures.asked.config.length
    table = np.full((len(measures.steps), TIMES, PLACES), np.nan)
    for n, steps in enumerate(measures.steps):
        for b, inside in _by_bin(steps):
            changed, written = np.zeros(PLACES), np.zeros(PLACES)
            for step in inside:
                np.add.at(written, [i * PLACES // length for i in step.written], 1)
                np.add.at(changed, [i * PLACES // length for i in step.changed], 1)
            table[n, b] = np.where(written > 0, changed / np.maximum(written, 1), np.nan)
    bins = ((b, c, table[:, b, c]) for b in range(TIMES) for c in range(PLACES))
    return [Where(b, c, *of_some) for b, c, values in bins if (of_some := _of_some(values))]


def _over_time(measures: Measures, values_of: Callable[[list[TextStep]], list[float]]) -> list[OverTime]:
    """A text's figure in a bin is the mean over what its steps there have to show."""
    table = np.full((len(measures.steps), TIMES), np.nan)
    for n, steps in enumerate(measures.steps):
        for b, inside in _by_bin(steps):
            values = values_of(inside)
            table[n, b] = sum(values) / len(values) if values else np.nan
    bins = enumerate(table.T)
    return [OverTime((b + 0.5) / TIMES, *of_some) for b, values in bins if (of_some := _of_some(values))]


def _by_bin(steps: Iterable[TextStep]) -> Iterator[tuple[int, list[TextStep]]]:
    bins: dict[int, list[TextStep]] = {}
    for step in steps:
        bins.setdefault(min(TIMES - 1, int(step.t * TIMES)), []).append(step)
    return iter(bins.items())


def _of_some(values: np.ndarray) -> tuple[float, float, int] | None:
    """(mean, half-width, how many) of those that are there."""
    known = values[~np.isnan(values)].tolist()
    return (*mean_interval(known), len(known)) if known else None
