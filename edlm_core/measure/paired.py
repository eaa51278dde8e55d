"""Averages with their intervals, and comparisons of texts paired by seed. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

RESAMPLES = 1000  # of the texts, for the interval of a ratio
Interval = tuple[float, float]  # mean, half-width of the 95 % interval


def mean_interval(values: Sequence[float]) -> Interval:
    """Mean and the half-width of its 95 % interval (normal approximation); nan for one value."""
    n = len(values)
    mean = sum(values) / n
    if n < 2:
        return mean, math.nan
    variance = sum((v - mean) ** 2 for v in values) / (n - 1)
    return mean, 1.96 * math.sqrt(variance / n)


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
