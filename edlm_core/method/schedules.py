"""Noise schedules and the two places where they act: masking x_0, and when each position is revealed."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class NoiseSchedule(Protocol):
    """alpha(t) = P(a position is still clean at time t): 1 at t = 0, 0 at t = 1, falling."""

    def alpha(self, t: Tensor) -> Tensor:
        """(...) -> (...)"""
        ...

    def loss_weight(self, t: Tensor) -> Tensor:
        """-alpha'(t) / (1 - alpha(t)): weight of the masked cross-entropy in the NELBO (MDLM eq. 10)."""
        ...


class LogLinearSchedule:
    """alpha(t) = 1 - t: positions are masked, and so revealed, at uniform times (MDLM, section 3)."""

    def alpha(self, t: Tensor) -> Tensor:
        return 1 - t

    def loss_weight(self, t: Tensor) -> Tensor:
        return 1 / t


def mask_tokens(x_0: Tensor, keep: Tensor, mask_id: int, uniform: Tensor) -> Tensor:
    """The forward process q(x_t | x_0): each position stays clean with its row's probability.

    x_0 (B, L), keep (B,) = alpha(t), uniform (B, L) in [0, 1) -> x_t (B, L).
    """
    return torch.where(uniform < keep[:, None], x_0, mask_id)


def time_grid(num_steps: int) -> Tensor:
    """Times of the T steps, from all masked to clean: (T + 1,) float64, 1 down to 0."""
    return torch.arange(num_steps, -1, -1, dtype=torch.float64) / num_steps


def reveal_steps(uniform: Tensor, schedule: NoiseSchedule, num_steps: int) -> Tensor:
    """At which of the T steps each position is revealed: (...) uniforms in [0, 1) -> (...) steps 0..T-1.

    In the reverse process a position masked at t becomes clean on the way to s with probability
    (alpha(s) - alpha(t)) / (1 - alpha(t)), whatever the tokens are. Telescoped, step n has
    probability alpha(t_{n+1}) - alpha(t_n); so the whole schedule can be drawn before the first
    token is (method: "revealing and drawing are two separate random choices").
    """
    boundaries = schedule.alpha(time_grid(num_steps))[1:-1].to(uniform.device)
    return torch.bucketize(uniform.to(torch.float64), boundaries, right=True)


def dilated_steps(uniform: Tensor, masked: Tensor) -> Tensor:
    """The same question with the positions of one step as far apart as they can be: uniform (T,),
    masked (L,) bool -> (L,) steps 0..T-1.

    The n-th masked position has residue n modulo T; the residues come in the order of `uniform`. What
    is drawn together is then nearly independent, so the factorised draw loses less. It is still an
    order that no token has a say in, so an exact denoiser and energy still give the exact law.
    """
    residue = (masked.cumsum(0) - 1).clamp(min=0) % len(uniform)
    return uniform.argsort().argsort()[residue]
