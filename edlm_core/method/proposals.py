"""K complete candidates drawn in parallel from the denoiser."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

BLOCK = 64  # tokens that a draw looks at together
ROWS_AT_ONCE = (
    256  # positions that meet the vocabulary at once: few enough for their probabilities to stay in the cache
)


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

    First the block of tokens that the uniform falls into, then the token inside it. What is added up over the whole
    vocabulary is in float64: in float32 a token of probability 1e-7 would vanish beside the rounding of the
    sum, which is how a race in low precision starves rare tokens. A token of probability zero is never drawn.
    """
    rows = zip(log_probs.split(ROWS_AT_ONCE), uniform.double().split(ROWS_AT_ONCE), strict=True)
    return torch.cat([_draw(part, u) for part, u in rows])


def _draw(log_probs: Tensor, uniform: Tensor) -> Tensor:
    M, V = log_probs.shape
    p = log_probs.new_zeros(M, -(-V // BLOCK) * BLOCK)
    torch.exp(log_probs, out=p[:, :V])
    p = p.unflatten(1, (-1, BLOCK))
    mass = p.sum(-1).double()  # (M, blocks), each right to float32's relative precision, however small it is
    block, within = _bisect(mass, uniform)
    row = torch.arange(M, device=p.device)[:, None]
    token, _ = _bisect(p[row, block].double(), within[..., None])  # (M, K, BLOCK): those K blocks alone
    return block * BLOCK + token[..., 0]


def _bisect(mass: Tensor, uniform: Tensor) -> tuple[Tensor, Tensor]:
    """Which cell of (..., N) masses each uniform (..., K) falls into, and how far into it, in [0, 1]."""
    end = mass.cumsum(-1)
    total = end[..., -1:]
    point = torch.minimum(uniform * total, torch.nextafter(total, torch.zeros_like(total)))
    cell = torch.searchsorted(end, point, right=True)
    here = mass.gather(-1, cell)
    return cell, (1 - (end.gather(-1, cell) - point) / here).clamp_(min=0)


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
