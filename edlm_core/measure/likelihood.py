"""How likely is this text? One place for every answer, and each answer says what it is.

`ar_nll` is exact. `mdlm_nelbo` and `nelbo_finite_k` are bounds from above on the model's NLL, estimated by
Monte Carlo: the first on the denoiser run in ever smaller steps, the second on EDLM as it is run, with its T steps,
its K candidates and its window. `paper_formula` is the published figure and no bound at all (method, section 4).
The exact NLL of a chain is enumerated in `exact.py`, where a world is small enough.

All take clean texts x_0 (N, L), and `scored` (L,) or (N, L), True where a token counts; the others are
given, as a prompt is. Randomness lives on the CPU and is fixed by a seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import torch
from torch import Tensor

from ..config import SampleConfig
from ..method.denoiser import Denoiser
from ..method.energy import Energy
from ..method.importance import ImportanceWeights
from ..method.language_models import LanguageModel
from ..method.noise import TOKENS, uniforms
from ..method.proposals import Proposals, propose
from ..method.sampling import temper
from ..method.schedules import NoiseSchedule, time_grid
from ..method.timetable import reveal_schedule
from ..refusals import Refusal
from .log_z import ROWS, LogZ, draw_log_weights, lower_end, scored_by, summarise, upper_end
from .paired import mean_interval
from .telling import Tell, untold


@dataclass(frozen=True)
class NLL:
    """Nats per scored token, averaged over texts."""

    kind: str  # "exact", "upper bound" or "not a bound"
    mean: float
    over_texts: float  # half-width of the 95 % interval, the texts as a sample of all texts; nan for one text
    over_draws: float  # the same for these very texts, Monte Carlo noise alone; nan for one draw
    texts: int
    draws: int  # for each text; 0 where nothing is drawn, and there is no noise
    per_text: tuple[float, ...] = field(repr=False)  # what `mean` is the mean of, for paired comparisons


@dataclass(frozen=True)
class PaperFormula:
    """The published figure by the end of log Z that goes into it."""

    nll: NLL  # log Z by the jackknife
    with_lower: float  # nats per token; E[log Zhat] <= log Z makes the text look more likely than the formula has it
    with_upper: float
    log_z: LogZ | None  # None where Z = 1 by construction


def ar_nll(language_model: LanguageModel, x_0: Tensor, *, scored: Tensor | None = None) -> NLL:
    """-log p(x_0^i | x_0^{<i}), summed over the scored i. Raises Refusal where there is nothing to score."""
    scored = _what_to_score(x_0, scored, getattr(language_model, "vocab_size", None))
    parts = zip(x_0.split(ROWS), scored.split(ROWS), strict=True)
    values = torch.cat([-language_model.token_log_probs(x).masked_fill(~here, 0).sum(-1) for x, here in parts])
    return _nll("exact", values[None], scored, draws=0)


def mdlm_nelbo(
    denoiser: Denoiser,
    x_0: Tensor,
    *,
    scored: Tensor | None = None,
    draws: int = 8,
    seed: int = 0,
    tell: Tell = untold,
) -> NLL:
    """The denoiser's NELBO E_t (1/t) sum_{masked} -log p_theta(x_0^i | x_t) (MDLM eq. 10), `draws` times a text."""
    scored = _what_to_score(x_0, scored, denoiser.vocab_size)

    def at(x: Tensor, x_t: Tensor, t: Tensor, generator: torch.Generator) -> Tensor:
        masked = x_t == denoiser.vocab_size
        return -scored_by(denoiser(x_t, t, masked), x, masked).sum(-1)[None]

    values = _over_times(at, x_0, scored, denoiser.vocab_size, draws, seed, ROWS, tell)
    return _nll("upper bound", values[:, 0], scored, draws)


def paper_formula(
    denoiser: Denoiser,
    energy: Energy,
    x_0: Tensor,
    *,
    z_draws: int,
    scored: Tensor | None = None,
    draws: int = 8,
    seed: int = 0,
    tell: Tell = untold,
) -> PaperFormula:
    """E_t (1/t) [-log p_theta(x_0 | x_t) + E + log Z(x_t)] (EDLM, section 4), log Z from `z_draws` candidates.

    Of a factorised p(x_0 | x_t) it is a bound. In ever smaller steps one token is shown at a time, and its marginal is
    what counts; the log of a joint p(x_0 | x_t) exceeds the sum of those by all that the masked tokens know of each
    other, and the formula can fall below the data's own entropy. z_draws = 0 says that Z(x_t) = 1 by construction, as
    coAR's is; then the formula's mean is the autoregressive model's own NLL.
    """
    scored = _what_to_score(x_0, scored, denoiser.vocab_size)
    _check_vocabulary(denoiser, energy)
    seen: list[Tensor] = []

    def at(x: Tensor, x_t: Tensor, t: Tensor, generator: torch.Generator) -> Tensor:
        masked = x_t == denoiser.vocab_size
        log_q = scored_by(denoiser(x_t, t, masked), x, masked).sum(-1)
        log_w, own = draw_log_weights(denoiser, energy, x_t, t, z_draws, generator, also=x)
        seen.append(log_w)
        below = cast(Tensor, own) + log_q  # known: `also` was asked
        ends = (lower_end(log_w), upper_end(log_w)) if z_draws else (torch.zeros_like(below),) * 2
        return torch.stack([end - below for end in ends])

    size = max(1, ROWS // (z_draws + 1))
    ends = _over_times(at, x_0, scored, denoiser.vocab_size, draws, seed, size, tell)
    low, high = (float((end / scored.sum(-1)).mean()) for end in ends.unbind(1))
    log_z = summarise(torch.cat(seen)) if z_draws else None
    return PaperFormula(_nll("not a bound", ends.mean(1), scored, draws), low, high, log_z)


def nelbo_finite_k(
    denoiser: Denoiser,
    energy: Energy,
    schedule: NoiseSchedule,
    config: SampleConfig,
    x_0: Tensor,
    *,
    scored: Tensor | None = None,
    draws: int = 2,
    tell: Tell = untold,
) -> NLL:
    """A bound from above on the NLL of the `edlm` sampler as `config` runs it, any K, T, window, energy, temperature.

    For a reveal schedule R, drawn before any token, p(x_0) = E_R prod_n p(x^S | x_t), S what step n reveals. A step
    draws z_1 .. z_K ~ q, takes one by its weight and shows its tokens at S, so that

        p(x^S | x_t) = q(x^S) · E sum_m w(z_m') / (w(z_m') + sum_{j != m} w(z_j)),

    z_m' being z_m with x^S in the place of its own tokens there. The log of that sum, its expectation left out, and
    the mean over R both go below log p(x_0) (Jensen); K = 1 makes the sum 1. Draw d of text n takes the reveal
    schedule and the noise of chain d · N + n. `config.length` and `config.num_chains` are not read.
    """
    scored = _what_to_score(x_0, scored, denoiser.vocab_size)
    _check_vocabulary(denoiser, energy)
    N = len(x_0)
    texts, counts = x_0.repeat(draws, 1), scored.repeat(draws, 1)
    size = max(1, ROWS // (2 * config.num_candidates))
    values = []
    for first in range(0, len(texts), size):
        tell(first / len(texts), "")
        part = replace(config, seed=config.seed + first)
        x, here = texts[first : first + size], counts[first : first + size]
        values.append(_of_one_schedule(denoiser, energy, schedule, part, x, here))
    return _nll("upper bound", torch.cat(values).view(draws, N), scored, draws)


def _of_one_schedule(
    denoiser: Denoiser, energy: Energy, schedule: NoiseSchedule, config: SampleConfig, x_0: Tensor, scored: Tensor
) -> Tensor:
    """One draw of the bound for each text: (B, L) -> (B,) nats."""
    reveal_at = reveal_schedule(scored.cpu(), schedule, config).to(x_0.device)
    grid = time_grid(config.num_steps)
    total = torch.zeros(len(x_0), dtype=torch.float64, device=x_0.device)
    for n in range(config.num_steps):
        rows = (reveal_at == n).any(1).nonzero()[:, 0]
        if len(rows) == 0:
            continue
        masked, t = reveal_at[rows] >= n, grid[n].expand(len(rows)).to(x_0.device)
        x_t = torch.where(masked, denoiser.vocab_size, x_0[rows])
        log_probs = temper(denoiser(x_t, t, masked), config.temperature)
        revealed = reveal_at[rows] == n
        own = scored_by(log_probs, x_0[rows], masked).masked_fill(~revealed, 0)  # log p_theta of x^S
        total[rows] -= own.sum(-1).double()
        if config.num_candidates > 1 and config.window[0] <= grid[n] <= config.window[1]:
            shape = (config.num_candidates, x_0.shape[1])
            noise = torch.stack([uniforms(config.seed + b, TOKENS, n, shape) for b in rows.tolist()])
            drawn = propose(log_probs, x_t, masked, noise.to(x_0.device))
            total[rows] -= _log_share(
                energy, drawn, x_0[rows], x_t, t, revealed, own, config.energy_temperature
            ).double()
    return total


def _log_share(
    energy: Energy,
    drawn: Proposals,
    x_0: Tensor,
    x_t: Tensor,
    t: Tensor,
    revealed: Tensor,
    own: Tensor,
    energy_temperature: float,
) -> Tensor:
    """One draw of log sum_m w(z_m') / (w(z_m') + sum_{j != m} w(z_j)): (B,). own (B, L): log p_theta of x^S."""
    K = drawn.x_0.shape[1]
    shown = revealed[:, None]  # (B, 1, L)
    clamped_x_0 = torch.where(shown, x_0[:, None], drawn.x_0)
    clamped_log_q = torch.where(shown, own[:, None], drawn.token_log_q)
    both = Proposals(torch.cat([drawn.x_0, clamped_x_0], dim=1), torch.cat([drawn.token_log_q, clamped_log_q], dim=1))
    others, mine = energy(both, x_t, t).sum(-1).split(K, dim=1)
    itself = torch.eye(K, dtype=torch.bool, device=x_0.device)
    table = torch.where(itself, mine[:, :, None], others[:, None, :])  # (B, K, K): row m, z_m' among the other z_j
    weights = ImportanceWeights.from_energy(table, energy_temperature)
    return weights.log_w.log_softmax(-1).diagonal(dim1=1, dim2=2).logsumexp(-1)


_At = Callable[[Tensor, Tensor, Tensor, torch.Generator], Tensor]  # x_0 (B, L), x_t, t (B,) -> (ends, B) nats


def _over_times(
    at: _At, x_0: Tensor, scored: Tensor, mask_id: int, draws: int, seed: int, size: int, tell: Tell
) -> Tensor:
    """(draws, ends, N) draws of E_t (1/t) at(x_0, x_t, t), `size` texts at a time.

    Given t the number of masked tokens is binomial, and over t in [0, 1] with the weight 1/t it is 1 .. L with weights
    1/n. So n is drawn, stratified over the texts, in place of t: no smallest t to choose, and less variance. Which
    schedule alpha(t) follows makes no difference to the integral (MDLM: invariance to the noise schedule).
    """
    generator = torch.Generator().manual_seed(seed)
    counts, rounds = scored.sum(-1).cpu(), []
    for draw in range(draws):
        slices = torch.randperm(len(x_0), generator=generator) + torch.rand(1, generator=generator).double()
        n = 1 + (slices / len(x_0) * counts).long()
        order = torch.rand(x_0.shape, generator=generator).masked_fill(~scored.cpu(), 2).argsort(-1).argsort(-1)
        masked, t = (order < n[:, None]).to(x_0.device), (n / counts).double().to(x_0.device)
        x_t = torch.where(masked, mask_id, x_0)
        values = []
        for x, masked_x, time in zip(x_0.split(size), x_t.split(size), t.split(size), strict=True):
            tell((draw + len(values) * size / len(x_0)) / draws, "")
            values.append(at(x, masked_x, time, generator))
        rounds.append(torch.cat(values, dim=1).double() / t)
    return torch.stack(rounds)


def _nll(kind: str, values: Tensor, scored: Tensor, draws: int) -> NLL:
    """values (max(1, draws), N) nats a text."""
    per_token = values.double() / scored.sum(-1)
    per_text = per_token.mean(0).tolist()
    mean, over_texts = mean_interval(per_text)
    noise = math.hypot(*(mean_interval(of_text)[1] for of_text in per_token.T.tolist())) / len(scored)
    return NLL(kind, mean, over_texts, noise if draws else 0.0, len(scored), draws, tuple(per_text))


def _what_to_score(x_0: Tensor, scored: Tensor | None, vocab_size: int | None) -> Tensor:
    """`scored` as (N, L) bool. Raises Refusal where a text has nothing to score, or a mask in it."""
    scored = torch.ones_like(x_0, dtype=torch.bool) if scored is None else scored.expand(x_0.shape)
    if x_0.numel() == 0 or not scored.any(-1).all():
        raise Refusal("nothing-to-score")
    if vocab_size is not None and int(x_0.max()) >= vocab_size:
        raise Refusal("unfinished-text", size=vocab_size, got=int(x_0.max()))
    return scored


def _check_vocabulary(denoiser: Denoiser, energy: Energy) -> None:
    scorer = getattr(energy, "language_model", energy)
    size = getattr(scorer, "vocab_size", getattr(scorer, "mask_id", None))  # None: it reads any ids
    if size is not None and size != denoiser.vocab_size:
        raise Refusal("energy-vocabulary", size=denoiser.vocab_size, got=size)
