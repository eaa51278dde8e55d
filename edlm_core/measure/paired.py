"""Averages with their intervals, and comparisons of texts paired by seed. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 1000  # of the texts, for the interval of a ratio
Interval = tuple[float, float]  # mean, half-width of the 95 % interval


FEW = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)  # Student's t, 97.5 %, of 1 to 9 degrees


def student(degrees: int) -> float:
    """How many standard errors the 95 % interval of a mean reaches to each side: the 97.5 % quantile of Student's t,
    to 3 digits behind the point. Beyond 9 degrees of freedom by its series around the normal one (Abramowitz and
    Stegun 26.7.5)."""
    if degrees <= len(FEW):
        return FEW[degrees - 1]
    return 1.95996 + 2.37227 / degrees + 2.8225 / degrees**2 + 2.55585 / degrees**3


def beyond(t: float, degrees: int) -> float:
    """The probability that Student's t lies further from 0 than `t` >= 0: by the finite series that it has for whole
    degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan2(t, math.sqrt(degrees))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    odd = degrees % 2
    term, total = (math.cos(angle) if odd else 1.0), 0.0
    for k in range(2 + odd, degrees + 1, 2):
        total += term
        term *= square * (k - 1) / k
    within = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return max(0.0, 1 - within)  # rounding may end below it


def mean_interval(values: Sequence[float]) -> Interval:
    """Mean and the half-width of its 95 % interval by Student's t; nan for one value."""
    n = len(values)
    mean = sum(values) / n
    if n < 2:
        return mean, math.nan
    variance = sum((v - mean) ** 2 for v in values) / (n - 1)
    return mean, student(n - 1) * math.sqrt(variance / n)


def interval_of_sums(n: int, total: float, squares: float, independent: int) -> Interval:
    """The same from sums of n values and of their squares, of which chance has drawn so many by itself: the texts of a
    batch share its seconds."""
    mean = total / n
    if independent < 2:
        return mean, math.nan
    return mean, student(independent - 1) * math.sqrt(max(0.0, squares / n - mean * mean) / (independent - 1))


def paired_difference(own: Sequence[float], other: Sequence[float]) -> Interval:
    """own - other, text by text: pairs share their noise, so this is much narrower than the two means suggest."""
    return mean_interval([a - b for a, b in zip(own, other, strict=True)])


def wilson(wins: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of n (Wilson 1927): inside [0, 1] even where all or none are wins."""
    share, z = wins / n, 1.96
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def closed(mdlm: Sequence[float], own: Sequence[float], ar: Sequence[float]) -> tuple[float, float, float]:
    """The share of the way from `mdlm` to `ar` that is done, (mdlm - own) / (mdlm - ar) of means over texts paired by
    seed, and its 95 % bootstrap interval."""
    table = np.array([mdlm, own, ar])
    rows = np.random.default_rng(0).integers(table.shape[1], size=(RESAMPLES, table.shape[1]))
    low, high = np.quantile(_share(table[:, rows].mean(-1)), [0.025, 0.975])
    return float(_share(table.mean(-1))), float(low), float(high)


def _share(means: np.ndarray) -> np.ndarray:
    """(3, …) means of mdlm, own and ar -> (…)."""
    mdlm, own, ar = means
    return (mdlm - own) / (mdlm - ar)


# ── a test of two settings ───────────────────────────────────────────────────────
@dataclass(frozen=True)
class Paired:
    """Texts of two settings, paired by seed: is one's measure lower?"""

    pairs: int
    failures: int  # seeds of which a text has no such measure: no pairs, and never taken for 0
    mean: float  # own - other
    low: float  # of its 95 % bootstrap interval over the pairs
    high: float
    p: float  # that chance alone brings a mean so far from 0 (two-sided, by Student's t); 1 of one pair
    more: int | None  # pairs more, as scattered as these, until 0 is outside the interval; None where none would do

    @property
    def settled(self) -> bool:
        return self.more == 0


def paired_test(own: Mapping[int, float | None], other: Mapping[int, float | None]) -> Paired | None:
    """A measure of each text by its seed, None where it has none; seeds that only one of them has are left out. None
    where there is no pair."""
    both = [(own[seed], other[seed]) for seed in sorted(own.keys() & other.keys())]
    differences = np.array([a - b for a, b in both if a is not None and b is not None])
    n = len(differences)
    if n == 0:
        return None
    mean = float(differences.mean())
    rows = np.random.default_rng(0).integers(n, size=(RESAMPLES, n))
    low, high = np.quantile(differences[rows].mean(1), [0.025, 0.975]).tolist()
    error = float(differences.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return Paired(n, len(both) - n, mean, low, high, _chance(mean, error, n), _more(n, mean, low, high, error))


def holm(p: Sequence[float]) -> list[float]:
    """The same p where so many questions were asked at once: their family is wrong anywhere with at most the
    probability that one alone would be (Holm 1979). In the order that they came in."""
    adjusted, worst = [0.0] * len(p), 0.0
    for rank, n in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        worst = max(worst, min(1.0, (len(p) - rank) * p[n]))
        adjusted[n] = worst
    return adjusted


def _chance(mean: float, error: float, n: int) -> float:
    if math.isnan(error):
        return 1.0
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return beyond(abs(mean) / error, n - 1)


def _more(n: int, mean: float, low: float, high: float, error: float) -> int | None:
    """The interval narrows as 1 / sqrt(pairs); one pair has none."""
    if math.isnan(error):
        return None
    if low > 0 or high < 0:
        return 0
    if mean == 0:
        return None
    return max(1, math.ceil((1.96 * error / mean) ** 2 * n) - n)
