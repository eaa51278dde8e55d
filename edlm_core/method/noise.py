"""All randomness of a run, addressed by what it decides instead of by when it is drawn.

Chain b of a run with seed s draws from streams keyed by (s + b, purpose, step). So a chain's
text does not depend on what else is in the batch, two samplers of one seed meet the same
reveal schedule and the same draws, the first candidate is the same at every K, and a CPU and a
GPU see the same numbers.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

REVEAL, TOKENS, CHOICE, ACCEPT, REMASK = range(5)


def uniforms(seed: int, purpose: int, step: int, shape: tuple[int, ...]) -> Tensor:
    """float64 uniforms in [0, 1) on the CPU; a larger leading axis keeps the rows it had."""
    bits = np.random.Philox(np.random.SeedSequence((seed, purpose, step)))
    return torch.from_numpy(np.random.Generator(bits).random(shape))


class Noise:
    """The uniforms of one step of some chains: rows are (seed, step), one a chain."""

    def __init__(self, rows: list[tuple[int, int]], device: torch.device | str) -> None:
        self.rows, self.device = rows, device

    def __call__(self, purpose: int, *shape: int) -> Tensor:
        """float64 (b, *shape) on the device."""
        return torch.stack([uniforms(seed, purpose, step, shape) for seed, step in self.rows]).to(self.device)
