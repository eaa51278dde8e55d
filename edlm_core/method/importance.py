"""Self-normalised importance weights of candidates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .boltzmann import log_weights


@dataclass(frozen=True)
class ImportanceWeights:
    """w proportional to exp(-E / temperature), kept as log_w (B, K), unnormalised, float32 or better."""

    log_w: Tensor

    @classmethod
    def from_energy(cls, energy: Tensor, temperature: float = 1.0) -> ImportanceWeights:
        """Weights from energies (B, K). An infinite energy forbids a candidate; where all K are forbidden the choice is
        uniform. Raises FloatingPointError if an energy is NaN or -infinity."""
        return cls(log_weights(energy.to(torch.promote_types(energy.dtype, torch.float32)), temperature))

    @classmethod
    def from_log(cls, log_w: Tensor) -> ImportanceWeights:
        """Weights from their logarithms (B, K); rows that forbid everything become uniform."""
        hopeless = torch.isneginf(log_w).all(-1, keepdim=True)
        return cls(torch.where(hopeless, 0.0, log_w))

    @property
    def normalized(self) -> Tensor:
        """(B, K), rows sum to 1."""
        return self.log_w.softmax(-1)

    @property
    def ess(self) -> Tensor:
        """Effective sample size 1 / sum of squared weights: (B,), between 1 (one candidate decides,
        whatever its quality) and K (the energy does not tell the candidates apart)."""
        return 1 / self.normalized.square().sum(-1)

    @property
    def log_mean(self) -> Tensor:
        """log of the mean weight, an estimate of log Z from below in the mean: (B,)."""
        return self.log_w.logsumexp(-1) - math.log(self.log_w.shape[-1])


def importance_resample(weights: ImportanceWeights, uniform: Tensor) -> Tensor:
    """Pick one candidate a row with probability its normalised weight: uniform (B,) -> index (B,)."""
    cdf = weights.normalized.double().cumsum(-1)
    total = cdf[:, -1:]
    point = torch.minimum(uniform.double()[:, None] * total, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(cdf, point, right=True)[:, 0]
