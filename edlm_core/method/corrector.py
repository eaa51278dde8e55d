"""Predictor, then corrector: most steps write the text, the others mask some of it again and draw it better.

While much is masked, an energy has nothing but drafts to judge, most of them hopeless (their ESS is near 1 of K).
Once all is written, a few tokens masked again have neighbours that are there, so that the denoiser
proposes well and the energy sees what matters: its calls are spent where they tell candidates apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor

from ..config import SampleConfig
from .denoiser import Denoiser
from .energy import Energy
from .importance import ImportanceWeights
from .noise import CHOICE, REMASK, Noise, uniforms
from .proposals import Proposals
from .rules import Choice, Rule, Step, keep_last, with_carried
from .sampling import StepRecord, sample_steps, start, temper
from .schedules import NoiseSchedule, dilated_steps

PREDICTOR = 5 / 8  # of the steps; measured on `tales`: docs/samplers.md has the table
AHEAD = 3  # how many of the next tokens have a say in whether a token fits


class Aim(Protocol):
    """Which positions a corrector step masks again."""

    def __call__(self, turn: Tensor, surprise: Tensor, written: Tensor) -> Tensor:
        """turn (b, L) bool: a far-apart class of the written positions, each class in its turn; surprise (b, L):
        -log p of each token by the energy's model, 0 before its first call; written (b, L) bool: all that
        may be masked. Returns (b, L) bool."""
        ...


def corrector_steps(
    denoiser: Denoiser,
    energy: Energy,
    schedule: NoiseSchedule,
    config: SampleConfig,
    *,
    rule: Rule = keep_last,
    aim: Aim | None = None,
    x_T: Tensor | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[StepRecord]:
    """PREDICTOR of the T steps are `edlm`, the rest corrector steps with K candidates too, one of them the text
    as it is. With `keep_last`, each corrector step is a blocked Gibbs update by importance resampling: it leaves
    p_theta exp(-E) / Z given the rest invariant, whatever the text was before. Where there is
    nothing to correct with (K = 1, or a window without the corrector's noise level) all T steps are `edlm`.
    A record's times say how much of the run is done; the noise level of a corrector step is the share it masks.
    """
    V, T = denoiser.vocab_size, config.num_steps
    first = math.ceil(PREDICTOR * T)
    corrects = config.num_candidates > 1 and config.window[0] <= 1 / first <= config.window[1] and first < T
    predictor = replace(config, num_steps=first if corrects else T)
    x = start(V, config, x_T).to(device)
    written = x == V
    for record in sample_steps(denoiser, energy, schedule, predictor, x_T=x_T, device=device):
        x[record.chains.to(device)] = record.x_s
        yield replace(record, t=1 - record.step.double() / T, s=1 - (record.step + 1).double() / T)
    chains = written.any(1).nonzero()[:, 0]
    if not corrects or len(chains) == 0:
        return
    seeds = [config.seed + b for b in chains.tolist()]
    written, surprise = written[chains], torch.zeros(len(chains), config.length, device=device)
    orders = [uniforms(seed, REMASK, 0, (first,)) for seed in seeds]
    classes = torch.stack([dilated_steps(u, here) for u, here in zip(orders, written.cpu(), strict=True)]).to(device)
    for n in range(first, T):
        turn = written & (classes == n % first)
        hide = turn if aim is None else aim(turn, surprise, written)
        before = x[chains]
        x_t = before.masked_fill(hide, V)
        t = hide.double().mean(1)
        log_probs = temper(denoiser(x_t, t, hide), config.temperature)
        noise = Noise([(seed, n) for seed in seeds], device)
        step = Step(t, x_t, hide, log_probs, hide, before, config.num_candidates, config.energy_temperature, noise)
        choice = rule(step, energy)
        x[chains] = x_s = choice.x_0
        time = torch.full((len(chains),), 1 - n / T, dtype=torch.float64)
        surprise = (choice.token_energy - choice.proposals.token_log_q)[torch.arange(len(chains)), choice.chosen]
        yield StepRecord(
            chains=chains.cpu(),
            step=torch.full((len(chains),), n),
            t=time,
            s=time - 1 / T,
            x_t=x_t,
            masked=hide,
            log_probs=log_probs,
            proposals=choice.proposals,
            token_energy=choice.token_energy,
            energy=choice.energy,
            weights=choice.weights,
            chosen=choice.chosen,
            revealed=hide,
            x_s=x_s,
        )


def most_surprising(turn: Tensor, surprise: Tensor, written: Tensor) -> Tensor:
    """As many positions as are in turn, those that the energy's model found least likely, no two closer than its say
    in each other (cf. Zhao et al. 2024, informed correctors); the turn itself where that is not known."""
    score = surprise.masked_fill(~written, -torch.inf)
    place = torch.arange(turn.shape[1], device=turn.device)
    hide = torch.zeros_like(turn)
    for n in range(int(turn.sum(1).max())):
        best, where = score.max(1)
        take = (best > -torch.inf) & (n < turn.sum(1))
        hide |= take[:, None] & (place == where[:, None])
        score = score.masked_fill((place - where[:, None]).abs() <= AHEAD, -torch.inf)
    known = (surprise != 0).sum(1) > turn.sum(1)  # some energies say nothing of tokens that were visible
    return torch.where(known[:, None], hide, turn)


def pick_each(step: Step, energy: Energy) -> Choice:
    """Every masked position picks a token of its own among the K, by the energy's terms from there to AHEAD tokens on.

    As masked positions lie farther apart than that, each choice is importance resampling of one token given its
    neighbours, with an ESS that whole candidates do not reach. Terms further on are neglected: approximate.
    The picked tokens make up the second candidate, or are the first one, the text as it was; a candidate's
    weight is the mean of its tokens'.
    """
    proposals = with_carried(step, step.propose())
    token_energy = energy(proposals, step.x_t, step.t)
    L = step.x_t.shape[1]
    total = torch.nn.functional.pad(token_energy.cumsum(-1), (1, 0))
    end = (torch.arange(L, device=total.device) + 1 + AHEAD).clamp(max=L)
    local = total[..., end] - total[..., :-1]  # (b, K, L)
    share = ImportanceWeights.from_energy(local.transpose(1, 2).flatten(0, 1), step.energy_temperature).normalized
    share = share.unflatten(0, (-1, L)).transpose(1, 2)  # (b, K, L), sums to 1 over K
    point = step.noise(CHOICE, L)[:, None]
    picked = (share.double().cumsum(1) <= point).sum(1).clamp(max=share.shape[1] - 1)  # (b, L)
    # A token that was visible goes with the pick before it: so it has been read after what stands there now.
    last = torch.where(step.masked, torch.arange(L, device=total.device), -1).cummax(-1).values
    picked = torch.where(last < 0, 0, picked.gather(1, last.clamp(min=0)))

    source = torch.arange(share.shape[1], device=share.device)[:, None].repeat(len(share), 1, L)  # (b, K, L)
    source.scatter_(1, picked[:, None], 1)  # the second candidate's token changes places with the picked one
    source[:, 0], source[:, 1] = 0, picked
    proposals = Proposals(proposals.x_0.gather(1, source), proposals.token_log_q.gather(1, source))
    weight = share.gather(1, source).mul(step.masked[:, None]).sum(-1)
    changed = (step.masked & (picked > 0)).any(1)
    return Choice(proposals, token_energy.gather(1, source), ImportanceWeights.from_log(weight.log()), changed.long())
