"""Is a target met, as sure as what was measured is? And if that can't be told, how many texts more would tell? No
torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from .estimates import Estimate


class State(StrEnum):
    MET = "met"  # the whole interval is on the target's good side
    MISSED = "missed"  # the whole interval is on the other
    OPEN = "open"  # the target lies within the interval
    ABSENT = "absent"  # nobody has measured it


@dataclass(frozen=True)
class Verdict:
    """`more` texts, as scattered as these, would settle what is open; None where no number would or nothing is open."""

    state: State
    more: int | None = None
    at_least: bool = False  # so many bring an interval to begin with; whether that settles it, nobody knows


def verdict(found: Estimate | None, target: float, *, lower: bool) -> Verdict:
    """`lower`: whether lower is better. What just reaches its target has met it."""
    if found is None:
        return Verdict(State.ABSENT)
    if found.high <= target if lower else found.low >= target:
        return Verdict(State.MET)
    if found.low > target if lower else found.high < target:
        return Verdict(State.MISSED)
    return Verdict(State.OPEN, *_more(found, target))


def _more(found: Estimate, target: float) -> tuple[int | None, bool]:
    """The interval narrows as 1 / sqrt(draws): until its end on the target's side is nearer than the target."""
    gap = abs(target - found.value)
    if gap == 0:
        return None, False
    reach = found.high - found.value if target > found.value else found.value - found.low
    unbounded = math.isinf(reach)
    needed = found.least if unbounded else math.ceil(found.draws * (reach / gap) ** 2)
    draws = max(1, needed - found.draws)
    return math.ceil(draws * found.texts / found.draws), unbounded


def attained(value: float, target: float, *, lower: bool) -> float:
    """How far towards its target a value is: 1 reaches it, 2 is twice as good, and nothing is below 0."""
    part, whole = (target, value) if lower else (value, target)
    if part == whole:
        return 1.0
    return max(0.0, part / whole) if whole > 0 else math.inf
