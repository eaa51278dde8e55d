"""The published claim, on any texts that were measured: how soon is a setting as good as the baseline? No torch.

EDLM's paper reports about 1.3: the wall time at which it reaches the baseline's generative perplexity, against the
time of MDLM. Perplexity alone is cheap (a lower temperature buys it with dull text), so a setting counts as good
as another only if the entropy of its texts is no lower either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..catalogue import PLAIN, SAMPLERS


@dataclass(frozen=True)
class Point:
    """A setting: averages over its texts."""

    sampler: str
    nll: float  # by one judge, nats per token
    entropy: float
    seconds: float  # a text
    name: str = ""


def as_good_as(own: Point, other: Point) -> bool:
    return own.nll <= other.nll and own.entropy >= other.entropy


def soonest(points: Sequence[Point], mark: Point) -> Point | None:
    """The cheapest of those that are as good as the mark; None where none is."""
    return min((p for p in points if as_good_as(p, mark)), key=lambda p: p.seconds, default=None)


def nearest(points: Sequence[Point]) -> Point:
    """The one that reads best."""
    return min(points, key=lambda p: p.nll)


def by_sampler(points: Sequence[Point]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(point.sampler, []).append(point)
    return found


def verdict(baseline: Point, points: Sequence[Point]) -> dict[str, Any]:
    """By sampler. `time_to_baseline`: the fewest seconds at which it is as good as the baseline, None where it never
    is. `claimed_speedup`: mdlm's over its own. `time_to_best_mdlm`, `speedup_to_best_mdlm`: the same with mdlm's
    lowest NLL for the mark."""
    samplers = by_sampler(points)
    marks = {"baseline": (baseline, "claimed_speedup")}
    marks["best_mdlm"] = nearest(samplers[PLAIN.name]), "speedup_to_best_mdlm"
    found: dict[str, Any] = {}
    for mark, (of, speedup) in marks.items():
        first = {sampler: soonest(theirs, of) for sampler, theirs in samplers.items()}
        seconds = {sampler: point and point.seconds for sampler, point in first.items()}
        found[f"time_to_{mark}"] = seconds
        found[speedup] = {
            s: _quotient(seconds[PLAIN.name], own) for s, own in seconds.items() if SAMPLERS[s].asks_energy
        }
    return found


def _quotient(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None else above / below
