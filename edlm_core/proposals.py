"""K complete candidates drawn in parallel from the denoiser."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Proposals:
    """Candidates for x_0 and what the denoiser thinks of them.

    x_0 (B, K, L): clean sequences, equal to x_t at visible positions.
    token_log_q (B, K, L): log p_theta of each drawn token; 0 at visible positions.
    """

    x_0: Tensor
    token_log_q: Tensor

    @property
    def log_q(self) -> Tensor:
        """log p_theta(x_0 | x_t), summed over the masked positions: (B, K)."""
        return self.token_log_q.sum(-1)


def inverse_cdf(log_probs: Tensor, uniform: Tensor) -> Tensor:
    """Exact categorical draws: log_probs (M, V), uniform (M, K) in [0, 1) -> tokens (M, K).

    The running sum is in float64: in float32 a token of probability 1e-7 would vanish beside
    the rounding of the sum, which is how a race in low precision starves rare tokens. A token
    of probability zero is never drawn.
    """
    cdf = log_probs.double().exp().cumsum(-1)
    total = cdf[:, -1:]
    point = torch.minimum(uniform.double() * total, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(cdf, point, right=True)


def propose(log_probs: Tensor, x_t: Tensor, masked: Tensor, uniform: Tensor) -> Proposals:
    """K independent draws of every masked position (EDLM, algorithm 1, line 4).

    log_probs (M, V) at the masked positions, x_t (B, L), masked (B, L), uniform (B, K, L).
    The k-th candidate depends on the k-th row of `uniform` alone.
    """
    K = uniform.shape[1]
    tokens = inverse_cdf(log_probs, uniform.transpose(1, 2)[masked])  # (M, K)
    x_0 = x_t[:, None].expand(-1, K, -1).clone()
    token_log_q = torch.zeros(x_0.shape, dtype=log_probs.dtype, device=x_t.device)
    # (B, L, K) views of both, so that one mask picks the rows
    x_0.transpose(1, 2)[masked] = tokens
    token_log_q.transpose(1, 2)[masked] = log_probs.gather(1, tokens)
    return Proposals(x_0, token_log_q)
