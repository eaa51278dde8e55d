"""Sampling as a generator of step records. START READING HERE.

    for record in sample_steps(denoiser, energy, schedule, config):
        ...

One step of EDLM (Xu et al. 2025, algorithm 1), from time t to s:

    log_probs  the denoiser's marginals at the masked positions
    propose    K complete candidates x_0, every position drawn independently
    energy     one number for each candidate as a whole, low = plausible
    weights    softmax(-E)
    resample   one candidate, by its weight
    reveal     its tokens at the positions that this step reveals; the rest is masked again

The middle three are a *rule* (`rules.py`): EDLM's own, or one that keeps the last choice among the
candidates, or lets them differ only where tokens are revealed. Plain MDLM is the same loop with
`ZeroEnergy` and K = 1. Which positions a step reveals does not depend on their tokens, so that
schedule is drawn first (`timetable.py`) and steps that reveal nothing are never run: a chain costs one
denoiser call for each of its non-empty steps, at any batch size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..config import SampleConfig
from .denoiser import Denoiser
from .energy import Energy, ZeroEnergy
from .importance import ImportanceWeights
from .noise import Noise
from .proposals import Proposals
from .rules import Rule, Step, resample_candidates
from .schedules import NoiseSchedule
from .timetable import Order, Timetable, as_scheduled, branched, scheduled, together


@dataclass(frozen=True)
class StepRecord:
    """Everything there is to know about one step of some chains (b of the B)."""

    chains: Tensor  # (b,) which chains
    step: Tensor  # (b,) which of the T steps, 0 first; steps that reveal nothing do not appear
    t: Tensor  # (b,) time before
    s: Tensor  # (b,) time after
    x_t: Tensor  # (b, L) before
    masked: Tensor  # (b, L) bool: x_t is the mask
    log_probs: Tensor  # (M, V) marginals at the masked positions, row-major
    proposals: Proposals
    token_energy: Tensor  # (b, K, L) terms of the energy by position
    energy: Tensor  # (b, K) their sums
    weights: ImportanceWeights
    chosen: Tensor  # (b,) index of the candidate taken
    revealed: Tensor  # (b, L) bool: masked in x_t, visible in x_s
    x_s: Tensor  # (b, L) after


@dataclass(frozen=True)
class Trace:
    """A finished run: its config, its step records in order, and the clean text x_0 (B, L)."""

    config: SampleConfig
    steps: tuple[StepRecord, ...]
    x_0: Tensor


@dataclass(frozen=True)
class Branch:
    """A run that leaves another one: it stands at x (L,) before `step`; what the schedule would have
    revealed earlier and x masks is revealed at that step."""

    step: int
    x: Tensor


def sample_steps(
    denoiser: Denoiser,
    energy: Energy,
    schedule: NoiseSchedule,
    config: SampleConfig,
    *,
    rule: Rule = resample_candidates,
    timetable: Timetable = scheduled,
    order: Order = as_scheduled,
    x_T: Tensor | None = None,
    branch: Branch | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[StepRecord]:
    """Denoise step by step, yielding each step as it is done.

    x_T (L,) or (num_chains, L): tokens where a position is fixed (prompt, suffix, template), the
    mask elsewhere; all mask if not given. Fixed positions never change. Stop iterating to stop.
    A branch keeps the parent's schedule and noise and begins at its step.
    """
    V = denoiser.vocab_size
    if energy.vocab_size != V:
        raise ValueError(
            f"energy: expected {V} tokens, as the denoiser has, got {energy.vocab_size}: use one tokenizer"
        )
    x = start(V, config, x_T).to(device)
    seeds = [config.seed + b for b in range(len(x))]
    tables = [timetable(seed, here, schedule, config) for seed, here in zip(seeds, x.cpu() == V, strict=True)]
    if branch is not None:
        x = branch.x.to(device).expand_as(x).clone()
        tables = [branched(table, branch.step, branch.x.cpu() == V, config.num_steps) for table in tables]
    carried = torch.full_like(x, V)  # the clean text that each chain took last

    for chains, events, inside in together(tables, config.window):
        candidates, scored_by = (config.num_candidates, energy) if inside else (1, ZeroEnergy(V))
        steps, t, s = (torch.tensor([getattr(e, name) for e in events]) for name in ("step", "t", "s"))
        reveal, hide = (torch.stack([getattr(e, name) for e in events]).to(device) for name in ("reveal", "hide"))
        noise = Noise([(seeds[b], event.step) for b, event in zip(chains, events, strict=True)], device)

        x_t = x[chains].masked_fill(hide, V)
        masked = x_t == V
        log_probs = temper(denoiser(x_t, t.to(device), masked), config.temperature)
        if config.adaptive:
            candidates, scored_by = worthwhile(log_probs, masked, candidates, scored_by)
        step = Step(
            t.to(device), x_t, masked, log_probs, reveal, carried[chains], candidates, config.energy_temperature, noise
        )
        choice = rule(step, scored_by)
        revealed = order(step, choice) & masked
        x_s = torch.where(revealed, choice.x_0, x_t)
        x[chains], carried[chains] = x_s, choice.x_0
        yield StepRecord(
            chains=torch.tensor(chains),
            step=steps,
            t=t,
            s=s,
            x_t=x_t,
            masked=masked,
            log_probs=log_probs,
            proposals=choice.proposals,
            token_energy=choice.token_energy,
            energy=choice.energy,
            weights=choice.weights,
            chosen=choice.chosen,
            revealed=revealed,
            x_s=x_s,
        )
        del log_probs, step  # so that the next table, the largest tensor of a run, need not be made beside this one


def sample(denoiser: Denoiser, energy: Energy, schedule: NoiseSchedule, config: SampleConfig, **how: Any) -> Trace:
    """`sample_steps` run to its end, with the same arguments."""
    steps = tuple(sample_steps(denoiser, energy, schedule, config, **how))
    return finish(denoiser.vocab_size, config, steps, x_T=how.get("x_T"))


def finish(vocab_size: int, config: SampleConfig, steps: tuple[StepRecord, ...], *, x_T: Tensor | None = None) -> Trace:
    """The Trace of records that were collected one by one."""
    x = start(vocab_size, config, x_T)
    for record in steps:
        x[record.chains] = record.x_s.to(x.device)
    return Trace(config, steps, x)


def start(vocab_size: int, config: SampleConfig, x_T: Tensor | None) -> Tensor:
    """A fresh (num_chains, L) of x_T's tokens. Raises ValueError if x_T does not fit."""
    if x_T is None:
        x_T = torch.full((config.length,), vocab_size)
    if x_T.shape not in ((config.length,), (config.num_chains, config.length)):
        raise ValueError(
            f"expected x_T of shape ({config.length},) or ({config.num_chains}, {config.length}), "
            f"got {tuple(x_T.shape)}"
        )
    if x_T.min() < 0 or x_T.max() > vocab_size:
        raise ValueError(f"expected ids from 0 to the mask's, {vocab_size}, got {int(x_T.min())} to {int(x_T.max())}")
    return x_T.expand(config.num_chains, -1).clone()


def temper(log_probs: Tensor, temperature: float) -> Tensor:
    """p^(1/temperature), normalised: (M, V) -> (M, V)."""
    return log_probs if temperature == 1 else (log_probs / temperature).log_softmax(-1)


def worthwhile(log_probs: Tensor, masked: Tensor, K: int, energy: Energy) -> tuple[int, Energy]:
    """Adaptive K in its unbiased form: no more candidates than there are likely texts, exp(entropy of
    p_theta(. | x_t)). It is settled by x_t before the first draw, so given x_t the law is q_K as ever; a K that
    waits for the weights to please would favour the texts that end the wait."""
    entropy = torch.zeros(masked.shape, dtype=log_probs.dtype, device=masked.device)
    entropy[masked] = torch.special.entr(log_probs.exp()).sum(-1)
    allowed = entropy.sum(-1).clamp(max=math.log(K)).exp().ceil().clamp(1, K)  # (b,)

    return int(allowed.max()), _Limited(energy, allowed, energy.vocab_size)


@dataclass
class _Limited:
    """An energy that forbids all but the first `allowed` (b,) candidates of each text."""

    energy: Energy
    allowed: Tensor
    vocab_size: int

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        beyond = torch.arange(proposals.x_0.shape[1], device=x_t.device) >= self.allowed[:, None]
        return self.energy(proposals, x_t, t).masked_fill(beyond[..., None], torch.inf)
