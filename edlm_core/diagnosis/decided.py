"""Where one draft has nearly all the weight: which of its words won it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .pool import Pool


@dataclass(frozen=True)
class Decided:
    """The heaviest draft against the mean of all others, word by word. `parts` (L,) sum to `lead`, in nats at the run's
    energy temperature: how much better log w is than theirs on average."""

    draft: int
    parts: np.ndarray
    usual: np.ndarray  # (L,) the token that most of the others have
    written: float  # nats of the lead in the words that the step writes; the others are drawn again

    @property
    def lead(self) -> float:
        return float(self.parts.sum())


def decided_by(pool: Pool) -> Decided | None:
    """None where the energy is not known by word, or one is infinite, or there is one draft alone."""
    if pool.parts is None or len(pool.weight) < 2 or not np.isfinite(pool.parts).all():
        return None
    best = int(pool.weight.argmax())
    others = np.arange(len(pool.weight)) != best
    parts = (pool.parts[best] - pool.parts[others].mean(0)) / pool.temperature
    usual = np.array([np.bincount(column).argmax() for column in pool.candidate[others].T])
    return Decided(best, parts, usual, float(parts[pool.revealed].sum()))
