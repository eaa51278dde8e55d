"""Noise contrastive estimation: a learned energy tells real completions from the denoiser's own draws.

Real x_0 ~ q(x_0 | x_t), noise x_0 ~ p_theta(x_0 | x_t) (EDLM, section 4.2; Gutmann & Hyvärinen 2010).
Whoever can tell them apart perfectly knows the ratio of the two, which is what the weights are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..method.denoiser import Denoiser
from ..method.importance import ImportanceWeights
from ..method.proposals import propose
from ..method.schedules import NoiseSchedule, mask_tokens
from ..models.learned_energy import pair_energy
from .losses import low_discrepancy_times

LOGIT_EDGES = (-8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Contrast:
    """Energies of a batch of real completions, and of n of the denoiser's own for each."""

    positive: Tensor  # (B,) E(x_0, x_t) of the text that x_t was made from
    negative: Tensor  # (B, n) of draws from p_theta(x_0 | x_t)
    t: Tensor  # (B,)

    def binary_loss(self) -> Tensor:
        """softplus(E+) + softplus(-E-), averaged over the negatives (EDLM eq. 8). At its optimum exp(-E) is
        q(x_0 | x_t) / p_theta(x_0 | x_t); 2 log 2 where the two cannot be told apart."""
        return (F.softplus(self.positive) + F.softplus(-self.negative).mean(-1)).mean()

    def ranking_loss(self) -> Tensor:
        """-log softmax(-E) of the real one among all n + 1 (InfoNCE): the sampler's own choice at K = n + 1.
        The same optimum up to a term in x_t alone, which cancels in the weights."""
        energies = torch.cat([self.positive[:, None], self.negative], dim=1)
        real = torch.zeros(len(energies), dtype=torch.long, device=energies.device)
        return F.cross_entropy(ImportanceWeights.from_energy(energies).log_w, real)


def contrast(
    network: nn.Module,
    denoiser: Denoiser,
    x_0: Tensor,
    schedule: NoiseSchedule,
    num_negatives: int,
    generator: torch.Generator,
) -> Contrast:
    """Mask x_0 (B, L) at one time a row, draw all negatives from one denoiser call, score everything.

    `network` is a PairTransformer; the denoiser is in eval mode, as its class sees to; `generator` lives on the CPU.
    """
    B, L = x_0.shape
    mask_id, n = denoiser.vocab_size, num_negatives
    t = low_discrepancy_times(B, generator).to(x_0.device)
    uniform = torch.rand(B, L, generator=generator).to(x_0.device)
    noise = torch.rand(B, n, L, generator=generator, dtype=torch.float64).to(x_0.device)
    x_t = mask_tokens(x_0, schedule.alpha(t), mask_id, uniform)
    masked = x_t == mask_id
    draws = propose(denoiser(x_t, t, masked), x_t, masked, noise).x_0
    candidates = torch.cat([x_0[:, None], draws], dim=1).flatten(0, 1)  # (B·(n + 1), L)
    rows = x_t[:, None].expand(-1, n + 1, -1).flatten(0, 1)
    energies = pair_energy(network, candidates, rows, mask_id).sum(-1).unflatten(0, (B, n + 1))
    return Contrast(energies[:, 0], energies[:, 1:], t)


def report_contrast(batches: list[Contrast]) -> dict[str, Any]:
    """How well real and drawn are told apart, for the log.

    `auc`: P(a real one has the lower energy than a drawn one of its own x_t), over all and by quarter of t, 1/2
    is chance. `positive`, `negative`: shares of the logits -E between LOGIT_EDGES. `calibration`: mean gap
    between sigmoid(-E) and the share that is real, in ten equal bins, real and drawn counted alike.
    """
    positive = torch.cat([c.positive for c in batches]).float().cpu()
    negative = torch.cat([c.negative for c in batches]).float().cpu()
    t = torch.cat([c.t for c in batches]).cpu()
    gap = negative - positive[:, None]
    wins = ((gap > 0).float() + 0.5 * (gap == 0)).mean(-1)
    quarters = [wins[(t > q / 4) & (t <= (q + 1) / 4)] for q in range(4)]
    logits = torch.cat([-positive, -negative.flatten()])
    real = torch.cat([torch.ones_like(positive), torch.zeros(negative.numel())])
    weight = torch.cat([torch.ones_like(positive), torch.full((negative.numel(),), 1 / negative.shape[1])])
    bins = (logits.sigmoid() * 10).long().clamp(max=9)
    gaps = [float((weight * (logits.sigmoid() - real))[bins == b].sum()) for b in range(10)]
    error = sum(map(abs, gaps)) / float(weight.sum())
    return {
        "auc": round(float(wins.mean()), 4),
        "auc_by_t": [round(float(q.mean()), 4) if len(q) else None for q in quarters],
        "positive": _shares(-positive),
        "negative": _shares(-negative.flatten()),
        "calibration": round(error, 4),
    }


def _shares(logits: Tensor) -> list[float]:
    places = torch.bucketize(logits, torch.tensor(LOGIT_EDGES))
    counts = torch.bincount(places, minlength=len(LOGIT_EDGES) + 1)
    return [round(float(c), 4) for c in counts / len(logits)]
