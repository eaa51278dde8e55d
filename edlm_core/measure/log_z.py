"""log Z(x_t), the normaliser of p_theta(x_0 | x_t) · exp(-E): what it can be bounded by, and when it cannot.

Z is an average over the denoiser's draws, Z = E_q[w], w = exp(-E). The log of an average of n weights
lies below log Z in the mean (Jensen); an end from above takes more (method: "log Z").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..method.denoiser import Denoiser
from ..method.energy import Energy
from ..method.importance import ImportanceWeights
from ..method.proposals import Proposals, propose
from .paired import mean_interval
from .telling import Tell, untold

# Of log w, beyond which the upper end can lie below log Z in the mean, as with fewer draws than these: see the tests.
MAX_SD, MIN_DRAWS = 2.0, 4
ROWS = 256  # texts that a network meets at once


@dataclass(frozen=True)
class LogZ:
    """log Z in nats, averaged over N partly masked texts. Ends come as (mean, half-width of the 95 % interval)."""

    lower: tuple[float, float]  # E[log Zhat_n]: below log Z in the mean, whatever the weights
    upper: tuple[float, float]  # above it in the mean only where `upper_is` says "bound"
    upper_is: str  # "bound", or "estimate" where sd(log w) > 2 for some of the texts, or n < 4
    jackknife: tuple[float, float]  # their midpoint: bias of order 1/n^2
    with_target: tuple[float, float] | None  # above log Z at every n, where a draw from the target was given
    sd_log_w: tuple[float, float]  # median and largest over the texts
    ess: float  # of n, mean over the texts
    draws: int  # n


def log_z(
    denoiser: Denoiser,
    energy: Energy,
    x_t: Tensor,
    t: Tensor,
    draws: int,
    generator: torch.Generator,
    *,
    target: Tensor | None = None,
    tell: Tell = untold,
) -> LogZ:
    """Both ends of log Z at x_t (N, L), t (N,), from `draws` >= 2 of the denoiser's candidates for each.

    target (N, L): for each x_t one draw of x_0 from p(x_0 | x_t) itself, as the text that x_t was made from
    is where the target generated it. It opens the end that holds at every n (bidirectional Monte Carlo,
    Grosse, Ghahramani & Adams 2015). `generator` lives on the CPU.
    """
    log_w, log_w_target = draw_log_weights(denoiser, energy, x_t, t, draws, generator, also=target, tell=tell)
    return summarise(log_w, log_w_target)


def draw_log_weights(
    denoiser: Denoiser,
    energy: Energy,
    x_t: Tensor,
    t: Tensor,
    draws: int,
    generator: torch.Generator,
    *,
    also: Tensor | None = None,
    tell: Tell = untold,
) -> tuple[Tensor, Tensor | None]:
    """log w (N, draws) of candidates ~ p_theta(. | x_t), and log w (N,) of the completions `also` (N, L)."""
    masked = x_t == denoiser.vocab_size
    log_probs = denoiser(x_t, t, masked)
    noise = torch.rand(len(x_t), draws, x_t.shape[1], generator=generator, dtype=torch.float64).to(x_t.device)
    proposals = propose(log_probs, x_t, masked, noise)
    if also is not None:
        own = scored_by(log_probs, also, masked)
        proposals = Proposals(
            torch.cat([proposals.x_0, also[:, None]], dim=1), torch.cat([proposals.token_log_q, own[:, None]], dim=1)
        )
    size, energies = max(1, ROWS // proposals.x_0.shape[1]), []  # so many texts at once
    tensors = (proposals.x_0, proposals.token_log_q, x_t, t)
    for x_0, token_log_q, masked_x, time in zip(*(tensor.split(size) for tensor in tensors), strict=True):
        tell(len(energies) * size / len(x_t), "")
        energies.append(energy(Proposals(x_0, token_log_q), masked_x, time).sum(-1))
    log_w = log_weights(torch.cat(energies))
    return log_w[:, :draws], log_w[:, draws] if also is not None else None


def scored_by(log_probs: Tensor, x_0: Tensor, masked: Tensor) -> Tensor:
    """log p_theta of a text's own tokens, 0 where it is not masked: (M, V), (B, L), (B, L) -> (B, L)."""
    token_log_q = torch.zeros(x_0.shape, dtype=log_probs.dtype, device=x_0.device)
    token_log_q[masked] = log_probs.gather(1, x_0[masked][:, None])[:, 0]
    return token_log_q


def log_weights(energies: Tensor) -> Tensor:
    """log w = -E as it stands: a forbidden candidate weighs nothing, also where all are forbidden. (N, n) -> (N, n)"""
    return ImportanceWeights.from_energy(energies).log_w.masked_fill(energies.isposinf(), -math.inf)


def summarise(log_w: Tensor, log_w_target: Tensor | None = None) -> LogZ:
    """LogZ of log-weights (N, n), n >= 2, and where there is one the log-weight (N,) of a draw from the target."""
    low, high = lower_end(log_w), upper_end(log_w)
    spread = log_w.std(-1).nan_to_num(nan=math.inf)  # a weight of zero is infinitely far from the others
    target_end = None
    if log_w_target is not None:
        target_end = mean_interval(lower_end(torch.cat([log_w[:, 1:], log_w_target[:, None]], dim=1)).tolist())
    return LogZ(
        lower=mean_interval(low.tolist()),
        upper=mean_interval(high.tolist()),
        upper_is="bound" if spread.max() <= MAX_SD and log_w.shape[1] >= MIN_DRAWS else "estimate",
        jackknife=mean_interval(((low + high) / 2).tolist()),
        with_target=target_end,
        sd_log_w=(float(spread.median()), float(spread.max())),
        ess=float(ImportanceWeights(log_w).ess.mean()),
        draws=log_w.shape[1],
    )


def lower_end(log_w: Tensor) -> Tensor:
    """log Zhat_n, the log of the mean weight: (N, n) -> (N,)."""
    return ImportanceWeights(log_w).log_mean


def upper_end(log_w: Tensor) -> Tensor:
    """(2n - 1) log Zhat_n - 2 (n - 1) mean_j log Zhat_{n-1}^(-j): (N, n) -> (N,) (Deng et al. 2020, theorem 2).

    Its bias is the lower end's with the sign changed, to the first order in 1/n. Every leave-one-out average is a
    logsumexp of its own: subtracting one weight from the sum leaves nothing where that weight is nearly all of it.
    """
    n = log_w.shape[1]
    itself = torch.eye(n, dtype=torch.bool, device=log_w.device)
    others = log_w[:, None].expand(-1, n, -1).masked_fill(itself, -math.inf)  # (N, n, n)
    without = others.logsumexp(-1) - math.log(n - 1)
    return (2 * n - 1) * lower_end(log_w) - 2 * (n - 1) * without.mean(-1)
