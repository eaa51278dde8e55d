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

Plain MDLM is the same loop with `ZeroEnergy` and K = 1. Which positions a step reveals does not
depend on their tokens, so that schedule is drawn first and steps that reveal nothing are never
run: a chain costs one denoiser call for each of its non-empty steps, at any batch size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from .config import SampleConfig
from .denoiser import Denoiser
from .energy import Energy, ZeroEnergy
from .importance import ImportanceWeights, importance_resample
from .noise import CHOICE, REVEAL, TOKENS, uniforms
from .proposals import Proposals, propose
from .schedules import NoiseSchedule, dilated_steps, reveal_steps, time_grid


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
    """Where a run leaves its parent: earlier steps are not run, the chains stand at x (L,) before `step`. What x
    still masks but the parent had revealed by then is revealed at `step`."""

    step: int
    x: Tensor


def sample_steps(
    denoiser: Denoiser,
    energy: Energy,
    schedule: NoiseSchedule,
    config: SampleConfig,
    *,
    x_T: Tensor | None = None,
    branch: Branch | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[StepRecord]:
    """Denoise step by step, yielding each step as it is done.

    x_T (L,) or (num_chains, L): tokens where a position is fixed (prompt, suffix, template), the
    mask elsewhere; all mask if not given. Fixed positions never change. Stop iterating to stop.
    A branch keeps the parent's schedule and noise and begins at its step.
    """
    x = start(denoiser.vocab_size, config, x_T).to(device)
    B, L = x.shape
    seeds = [config.seed + b for b in range(B)]
    reveal_at = reveal_schedule(x.cpu() == denoiser.vocab_size, schedule, config).to(device)
    if branch is not None:
        x = branch.x.to(device).expand(B, -1).clone()
        reveal_at = reveal_at.clamp(min=branch.step).masked_fill(x != denoiser.vocab_size, -1)
    grid = time_grid(config.num_steps)

    for chains, steps in _events(reveal_at, grid, config.window):
        t, s = grid[steps].to(device), grid[[n + 1 for n in steps]].to(device)
        inside = config.window[0] <= grid[steps[0]] <= config.window[1]
        K, E = (config.num_candidates, energy) if inside else (1, ZeroEnergy())
        drawn = [(seeds[b], n) for b, n in zip(chains, steps, strict=True)]
        token_noise = torch.stack([uniforms(seed, TOKENS, n, (K, L)) for seed, n in drawn]).to(device)
        choice_noise = torch.stack([uniforms(seed, CHOICE, n, ()) for seed, n in drawn]).to(device)

        x_t = x[chains]
        masked = x_t == denoiser.vocab_size
        log_probs = temper(denoiser(x_t, t, masked), config.temperature)
        proposals = propose(log_probs, x_t, masked, token_noise)
        token_energy = E(proposals, x_t, t)
        energies = token_energy.sum(-1)
        weights = ImportanceWeights.from_energy(energies, config.energy_temperature)
        chosen = importance_resample(weights, choice_noise)
        x_0 = proposals.x_0[torch.arange(len(chains), device=device), chosen]
        revealed = reveal_at[chains] == torch.tensor(steps, device=device)[:, None]
        x_s = torch.where(revealed, x_0, x_t)
        x[chains] = x_s
        yield StepRecord(
            torch.tensor(chains), torch.tensor(steps), t, s, x_t, masked, log_probs,
            proposals, token_energy, energies, weights, chosen, revealed, x_s,
        )  # fmt: skip


def sample(
    denoiser: Denoiser,
    energy: Energy,
    schedule: NoiseSchedule,
    config: SampleConfig,
    *,
    x_T: Tensor | None = None,
    device: torch.device | str = "cpu",
) -> Trace:
    """`sample_steps` run to its end."""
    steps = tuple(sample_steps(denoiser, energy, schedule, config, x_T=x_T, device=device))
    return finish(denoiser.vocab_size, config, steps, x_T=x_T)


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


def reveal_schedule(masked: Tensor, schedule: NoiseSchedule, config: SampleConfig) -> Tensor:
    """At which step each position is revealed: masked (B, L), the positions to write -> (B, L), -1 at the others."""
    T, rows = config.num_steps, []
    for b, here in enumerate(masked):
        if config.reveal == "dilated":
            row = dilated_steps(uniforms(config.seed + b, REVEAL, 0, (T,)), here)
        else:
            row = reveal_steps(uniforms(config.seed + b, REVEAL, 0, here.shape), schedule, T)
        rows.append(row.masked_fill(~here, -1))  # fixed: revealed before the first step
    return torch.stack(rows)


def temper(log_probs: Tensor, temperature: float) -> Tensor:
    """p^(1/temperature), normalised: (M, V) -> (M, V)."""
    return log_probs if temperature == 1 else (log_probs / temperature).log_softmax(-1)


def _events(reveal_at: Tensor, grid: Tensor, window: tuple[float, float]) -> Iterator[tuple[list[int], list[int]]]:
    """Pairs (chains, steps) to run together: every chain's first non-empty step, then every
    chain's second, and so on; apart where the window gives them different K."""
    pending = [sorted({n for n in row if n >= 0}) for row in reveal_at.tolist()]
    for event in range(max(map(len, pending))):
        ready = [(b, steps[event]) for b, steps in enumerate(pending) if event < len(steps)]
        for inside in (True, False):
            group = [(b, n) for b, n in ready if (window[0] <= grid[n] <= window[1]) == inside]
            if group:
                yield [b for b, _ in group], [n for _, n in group]
