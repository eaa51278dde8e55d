"""What if the same candidates had been weighed at another temperature, or fewer had been drawn?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..method.importance import ImportanceWeights, importance_resample
from ..method.noise import CHOICE, uniforms
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
    energy = torch.tensor(pool.energy[:num_candidates], dtype=torch.float64)[None]
    weights = ImportanceWeights.from_energy(energy, temperature)
    chosen = importance_resample(weights, uniforms(seed, CHOICE, pool.step, ())[None])
    return Reweighed(weights.normalized[0].numpy(), float(weights.ess), int(chosen))
