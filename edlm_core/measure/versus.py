"""Who reads better, how often, and how much longer does it take? Two settings on texts paired by seed. No torch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .paired import wilson


class Row(Protocol):
    """Of a table, its values by name."""

    def __getitem__(self, name: str, /) -> Any: ...


@dataclass(frozen=True)
class Versus:
    """A lower NLL reads better; pairs of which a text was not measured are none, and two equal texts are a pair that
    nobody wins."""

    n: int  # pairs
    wins: int  # those in which the first has the lower NLL
    share: float  # wins / n
    low: float  # of its 95 % Wilson interval
    high: float
    ratio: float  # seconds a text of the first over those of the second: the median over the batches
    ratio_low: float  # nine batches in ten lie between
    ratio_high: float
    differences: tuple[float, ...]  # NLL of the first minus that of the second, nats per token, in ascending order

    def quantile(self, difference: float) -> float:
        """Where an NLL difference lies among the pairs: the share of them in which the first did at least as well."""
        return bisect_right(self.differences, difference) / self.n


def versus(own: Mapping[int, Row], other: Mapping[int, Row], nll: str) -> Versus | None:
    """Rows by seed, each with `batch`, `seconds` and, under the name of `nll`, what a judge says of it, or None. None
    where there is no pair."""
    both = sorted(own.keys() & other.keys())
    seeds = [seed for seed in both if own[seed][nll] is not None and other[seed][nll] is not None]
    if not seeds:
        return None
    n, differences = len(seeds), sorted(own[seed][nll] - other[seed][nll] for seed in seeds)
    wins = sum(difference < 0 for difference in differences)
    ratios = list({own[seed]["batch"]: own[seed]["seconds"] / other[seed]["seconds"] for seed in seeds}.values())
    low, middle, high = np.quantile(ratios, [0.05, 0.5, 0.95]).tolist()
    return Versus(n, wins, wins / n, *wilson(wins, n), middle, low, high, tuple(differences))
