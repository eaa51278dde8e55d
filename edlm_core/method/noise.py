"""The uniforms of `streams`, as tensors where a sampler wants them."""

from __future__ import annotations

import torch
from torch import Tensor

from .streams import ACCEPT, CHOICE, REMASK, REVEAL, TOKENS, stream

__all__ = ["ACCEPT", "CHOICE", "REMASK", "REVEAL", "TOKENS", "Noise", "uniforms"]


def uniforms(seed: int, purpose: int, step: int, shape: tuple[int, ...]) -> Tensor:
    """float64 uniforms in [0, 1) on the CPU; a larger leading axis keeps the rows it had."""
    return torch.from_numpy(stream(seed, purpose, step, shape))


class Noise:
    """The uniforms of one step of some chains: rows are (seed, step), one a chain."""

    def __init__(self, rows: list[tuple[int, int]], device: torch.device | str) -> None:
        self.rows, self.device = rows, device

    def __call__(self, purpose: int, *shape: int) -> Tensor:
        """float64 (b, *shape) on the device."""
        return torch.stack([uniforms(seed, purpose, step, shape) for seed, step in self.rows]).to(self.device)
