"""What if the same candidates had been weighed at another temperature, or fewer had been drawn?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..method.boltzmann import log_weights
from ..method.streams import CHOICE, stream
from .pool import Pool


@dataclass(frozen=True)
class Reweighed:
    """One step again, with its own candidates and its own noise."""

    weight: np.ndarray  # (k,) normalised
    ess: float
    chosen: int  # which candidate the run's own random number would have picked


def reweigh(pool: Pool, seed: int, temperature: float, num_candidates: int) -> Reweighed:
    """The first `num_candidates` of the pool at another energy temperature. The k-th candidate depends on no other,
    so these are what a run with fewer would have met at this step. What follows the step is not known."""
    log_w = log_weights(pool.energy[:num_candidates], temperature)
    weight = np.exp(log_w - log_w.max())
    weight /= weight.sum()
    chosen = _resampled(weight, stream(seed, CHOICE, pool.step, ()))
    return Reweighed(weight, float(1 / np.square(weight).sum()), chosen)


def _resampled(weight: np.ndarray, uniform: np.ndarray) -> int:
    """`method.importance.importance_resample` for one row, without torch: the same draw."""
    cdf = weight.cumsum()
    point = min(uniform * cdf[-1], np.nextafter(cdf[-1], 0))
    return int(np.searchsorted(cdf, point, side="right"))
