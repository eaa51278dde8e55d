"""Why this candidate and not that one, token by token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .pool import Pool


@dataclass(frozen=True)
class Comparison:
    """log w of candidate `one` less that of `other`, in nats, and how it is made up. Positive: for `one`."""

    one: int
    other: int
    difference: float  # at the run's energy temperature
    parts: np.ndarray | None  # (L,) they sum to it: exact, and additive, whatever the energy
    differs: np.ndarray  # (L,) bool: the two have other tokens here


def compare(pool: Pool, one: int, other: int) -> Comparison:
    """A term of an autoregressive energy is log p_AR - log p_theta of its token given the tokens before it: where two
    candidates agree but their past differs, the part says what that past makes of the token. `parts` is None
    where the run file has no terms."""
    parts = None if pool.parts is None else (pool.parts[one] - pool.parts[other]) / pool.temperature
    return Comparison(
        one, other, float(pool.log_w[one] - pool.log_w[other]), parts, pool.candidate[one] != pool.candidate[other]
    )


def decisive(comparison: Comparison, top: int = 8) -> list[int]:
    """The positions with the largest parts, whichever way they count, the largest first; none without parts."""
    parts = comparison.parts
    if parts is None:
        return []
    order = np.argsort(-abs(parts), kind="stable")
    return [int(i) for i in order[:top] if parts[i] != 0]
