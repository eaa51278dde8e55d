"""A figure, how sure it is, and what it is of: averages, rates and quantiles with 95 % intervals. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from .paired import interval_of_sums

TAIL = 0.025  # of a 95 % interval, at each end


@dataclass(frozen=True)
class Estimate:
    """An end that nothing bounds, as of a single text, is infinite."""

    value: float
    low: float
    high: float
    texts: int
    draws: int  # what chance drew by itself: texts, or the batches that share their seconds
    least: int  # draws below which one of the ends is infinite

    def times(self, factor: float) -> Estimate:
        return replace(self, value=factor * self.value, low=factor * self.low, high=factor * self.high)


def mean(values: Sequence[float], draws: int | None = None) -> Estimate | None:
    """None of no value. `draws`: how many of them are independent, all if not given."""
    if not values:
        return None
    n, draws = len(values), len(values) if draws is None else draws
    middle, half = interval_of_sums(n, sum(values), sum(value * value for value in values), draws)
    half = math.inf if math.isnan(half) else half
    return Estimate(middle, middle - half, middle + half, n, draws, least=2)


def rate(seconds: Estimate) -> Estimate:
    """How many a second of what takes so long."""
    slowest = 1 / seconds.high if math.isfinite(seconds.high) else 0.0
    fastest = 1 / seconds.low if seconds.low > 0 else math.inf
    return replace(seconds, value=1 / seconds.value, low=slowest, high=fastest)


def quantile(values: Sequence[float], share: float, texts: int) -> Estimate | None:
    """The smallest of the values that so large a share of them does not exceed. Its interval lies between two of them,
    by how many of n fall below it (binomial), whatever their law is: of few, nothing bounds a high quantile above."""
    if not values:
        return None
    n, ordered = len(values), sorted(values)
    below = list(accumulate(_binomial(n, share)))  # below[k]: P(at most k of n lie below the quantile)
    first = sum(p <= TAIL for p in below)  # the first of `ordered` lie below the quantile: so many surely do
    last = next((k for k in range(1, n + 1) if 1 - below[k - 1] <= TAIL), None)
    return Estimate(
        ordered[max(1, math.ceil(share * n)) - 1],
        ordered[first - 1] if first else -math.inf,
        ordered[last - 1] if last is not None else math.inf,
        texts,
        n,
        least=math.ceil(math.log(TAIL) / math.log(max(share, 1 - share))),
    )


def _binomial(n: int, p: float) -> list[float]:
    """P(k of n), k = 0 to n."""
    log_p, log_q = math.log(p), math.log(1 - p)
    ways = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    return [math.exp(ways[k] + k * log_p + (n - k) * log_q) for k in range(n + 1)]
