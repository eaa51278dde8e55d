"""Which settings nobody need choose: others are as cheap and as good. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence


def dominated(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Of each point (cost, loss), lower is better: whether another costs no more, loses no more, and is better in one
    of the two. Equal points dominate neither each other. A point with a nan is dominated by none and dominates none."""
    order = sorted((n for n, point in enumerate(points) if not any(map(math.isnan, point))), key=points.__getitem__)
    beaten, best, at = [False] * len(points), math.inf, math.nan  # the lowest loss so far, and the cost that it took
    for n in order:
        cost, loss = points[n]
        beaten[n] = loss > best or (loss == best and cost > at)
        if loss < best:
            best, at = loss, cost
    return beaten
