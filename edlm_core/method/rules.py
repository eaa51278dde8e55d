"""How a step takes one clean text x_0 from K candidates.

    resample_candidates  edlm     K fresh draws, one by its importance weight
    keep_last            i-sir    the text taken last is one of the K: leaves the target invariant
    metropolis           edlm-mh  the same pool, K - 1 accept-or-keep decisions: leaves the target invariant
    common_rest          block    candidates differ only where this step reveals: light weights, approximate

Each is a function of a Step and an Energy; none knows the schedule or the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .energy import Energy
from .importance import ImportanceWeights, importance_resample
from .noise import ACCEPT, CHOICE, TOKENS, Noise
from .proposals import Proposals, propose


@dataclass(frozen=True)
class Step:
    """What a rule may look at: b chains, each at a step of its own."""

    t: Tensor  # (b,)
    x_t: Tensor  # (b, L)
    masked: Tensor  # (b, L) bool
    log_probs: Tensor  # (M, V) marginals at the masked positions
    reveal: Tensor  # (b, L) bool: what the timetable reveals
    carried: Tensor  # (b, L) the clean text taken at the chain's last step; the mask where there was none
    num_candidates: int
    energy_temperature: float
    noise: Noise

    def propose(self) -> Proposals:
        """K fresh candidates."""
        return propose(
            self.log_probs, self.x_t, self.masked, self.noise(TOKENS, self.num_candidates, self.x_t.shape[1])
        )


@dataclass(frozen=True)
class Choice:
    """The candidates of a step, what the energy says of them, and which was taken."""

    proposals: Proposals
    token_energy: Tensor  # (b, K, L)
    weights: ImportanceWeights
    chosen: Tensor  # (b,)

    @property
    def energy(self) -> Tensor:
        """(b, K)"""
        return self.token_energy.sum(-1)

    @property
    def x_0(self) -> Tensor:
        """(b, L)"""
        return self.proposals.x_0[torch.arange(len(self.chosen), device=self.chosen.device), self.chosen]


class Rule(Protocol):
    def __call__(self, step: Step, energy: Energy) -> Choice: ...


def resample_candidates(step: Step, energy: Energy) -> Choice:
    """Self-normalised importance sampling (EDLM, algorithm 1): the target's law as K grows."""
    return _resampled(step, energy, step.propose())


def keep_last(step: Step, energy: Energy) -> Choice:
    """Iterated sampling importance resampling (Andrieu et al. 2018): the carried text and K - 1 fresh draws, one
    taken by its weight. Leaves p_theta(x_0 | x_t) exp(-E) / Z invariant at any K of 2 or more."""
    return _resampled(step, energy, with_carried(step, step.propose()))


def metropolis(step: Step, energy: Energy) -> Choice:
    """Independent Metropolis-Hastings: the same pool as `keep_last`, gone through one by one, each fresh draw
    accepted with probability min(1, w / w of the one held). Invariant too, and it moves more often (Peskun)."""
    proposals = with_carried(step, step.propose())
    token_energy = energy(proposals, step.x_t, step.t)
    weights = ImportanceWeights.from_energy(token_energy.sum(-1), step.energy_temperature)
    rows = torch.arange(len(step.x_t), device=step.x_t.device)
    held, accept = torch.zeros_like(rows), step.noise(ACCEPT, step.num_candidates)
    for k in range(1, step.num_candidates):
        better = weights.log_w[:, k] - weights.log_w[rows, held]
        # -inf against -inf is no number, and no reason to move
        held = torch.where(accept[:, k].log() < better.nan_to_num(nan=-torch.inf), k, held)
    return Choice(proposals, token_energy, weights, held)


def common_rest(step: Step, energy: Energy) -> Choice:
    """Candidates that differ only at the positions revealed now, on one fresh draw of the rest, which takes no part
    in what is decided. Fewer tokens differ, so the weights spread less; but the rest is one draw, not all of them,
    so no K makes the law exact."""
    fresh = step.propose()
    here = step.reveal[:, None]
    proposals = Proposals(
        torch.where(here, fresh.x_0, fresh.x_0[:, :1]), torch.where(here, fresh.token_log_q, fresh.token_log_q[:, :1])
    )
    return _resampled(step, energy, proposals)


def with_carried(step: Step, proposals: Proposals) -> Proposals:
    """The first candidate replaced by the carried text: where there is one, where the denoiser can draw it, and
    where it is not alone (one candidate has to be a fresh one, as in MDLM)."""
    masked, mask = step.masked, step.log_probs.shape[-1]
    log_q = torch.zeros_like(proposals.token_log_q[:, 0])
    log_q[masked] = step.log_probs.gather(1, step.carried[masked].clamp(max=mask - 1)[:, None])[:, 0]
    there = (step.carried != mask).all(-1) & log_q.isfinite().all(-1) & (step.num_candidates > 1)
    first = torch.arange(step.num_candidates, device=masked.device) == 0
    replaced = (there[:, None] & first)[..., None]
    return Proposals(
        torch.where(replaced, step.carried[:, None], proposals.x_0),
        torch.where(replaced, log_q[:, None], proposals.token_log_q),
    )


def _resampled(step: Step, energy: Energy, proposals: Proposals) -> Choice:
    token_energy = energy(proposals, step.x_t, step.t)
    weights = ImportanceWeights.from_energy(token_energy.sum(-1), step.energy_temperature)
    return Choice(proposals, token_energy, weights, importance_resample(weights, step.noise(CHOICE)))
