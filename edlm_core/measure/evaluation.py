"""What the card of a model reports: likelihood on held-out text, log Z, and what each sampler writes.

Texts of different samplers are paired by seed: the same reveal schedule and the same noise. So
the mean difference has a much narrower interval than the two means suggest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..catalogue import PLAIN, SAMPLERS, energy_terms, self_judged
from ..config import Request, SampleConfig
from ..method.autoregressive import autoregressive_steps
from ..method.energy import AutoregressiveEnergy
from ..method.sampling import start
from ..models.checkpoints import Model
from ..models.language_models import TransformerLanguageModel
from ..runs import metrics
from ..runs.steps import Cost, as_mdlm, energy_by_name, judge_by_name, run_steps, x_T_of
from .likelihood import NLL, PaperFormula, ar_nll, mdlm_nelbo, nelbo_finite_k, paper_formula
from .log_z import LogZ, log_z

CHAINS = 16  # sampled together
Interval = tuple[float, float]  # mean, half-width of the 95 % interval


# ── likelihood ───────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class SamplerBound:
    """The bound on a sampler's own NLL; K = 1 is `mdlm`, paired with the others of its T by reveal schedule."""

    energy: str
    steps: int
    candidates: int
    reveal: str
    nelbo_finite_k: NLL
    against_mdlm: Interval | None  # paired difference of the bounds, over texts; None for `mdlm` itself


@dataclass(frozen=True)
class Likelihoods:
    """Nats per token of held-out texts, each figure named for what it is."""

    ar_nll: NLL
    mdlm_nelbo: NLL
    paper_formula: dict[str, PaperFormula]  # by energy
    samplers: tuple[SamplerBound, ...]


def likelihoods(
    model: Model, windows: Tensor, energies: Sequence[str], configs: Sequence[SampleConfig], *, z_draws: int
) -> Likelihoods:
    """On clean windows (N, L), for each energy and each of `configs`. Raises ValueError where nothing is to score."""
    x_0 = windows.to(model.device)
    formula = {
        name: paper_formula(
            model.denoiser, energy_by_name(model, name), x_0, z_draws=0 if _normalised(name) else z_draws
        )
        for name in energies
    }
    bounds: list[SamplerBound] = []
    plain: dict[SampleConfig, NLL] = {}
    for config in configs:
        mdlm = as_mdlm(config)
        if mdlm not in plain:
            plain[mdlm] = nelbo_finite_k(model.denoiser, energy_by_name(model, "none"), model.schedule, mdlm, x_0)
            bounds.append(SamplerBound("none", config.num_steps, 1, config.reveal, plain[mdlm], None))
        for name in energies:
            bound = nelbo_finite_k(model.denoiser, energy_by_name(model, name), model.schedule, config, x_0)
            gaps = [a - b for a, b in zip(bound.per_text, plain[mdlm].per_text, strict=True)]
            against = metrics.mean_interval(gaps)
            bounds.append(SamplerBound(name, config.num_steps, config.num_candidates, config.reveal, bound, against))
    return Likelihoods(ar_nll(model.autoregressive, x_0), mdlm_nelbo(model.denoiser, x_0), formula, tuple(bounds))


def _normalised(energy: str) -> bool:
    """Z(x_t) = 1 by construction: nothing to estimate."""
    terms = energy_terms(energy)
    return len(terms) == 1 and terms[0].normalised


@dataclass(frozen=True)
class MaskedLogZ:
    """log Z(x_t) of an energy where so many tokens of a text are masked."""

    energy: str
    masked: int
    log_z: LogZ


def log_z_by_masks(
    model: Model, name: str, *, num_texts: int, length: int, draws: int, seed: int
) -> Iterator[MaskedLogZ]:
    """From two masked tokens to all of them. The texts are those that the energy's own language model writes, where it
    has one, which opens the end that always holds; else the AR baseline's, without that end. No corpus is needed. With
    all of them masked the truth is known for an autoregressive energy: Z = 1."""
    energy = energy_by_name(model, name)
    own = isinstance(energy, AutoregressiveEnergy) and isinstance(energy.language_model, TransformerLanguageModel)
    writer = energy.language_model if own else model.autoregressive
    config = SampleConfig(length=length, num_chains=num_texts, seed=seed)
    *_, last = autoregressive_steps(writer, config, device=model.device)
    x_0, generator = last.x_s, torch.Generator().manual_seed(seed)
    order = torch.rand(x_0.shape, generator=generator).argsort(-1).to(x_0.device)
    for masked in sorted({min(n, length) for n in (2, 8, max(2, length // 2), length)}):
        x_t = torch.where(order < masked, model.tokenizer.mask_id, x_0)
        t = torch.full((num_texts,), masked / length, dtype=torch.float64, device=x_0.device)
        target = x_0 if own else None
        yield MaskedLogZ(name, masked, log_z(model.denoiser, energy, x_t, t, draws, generator, target=target))


# ── what the samplers write ──────────────────────────────────────────────────────
@dataclass(frozen=True)
class Row:
    """One line of the effect table. Averages come as (mean, half-width of the 95 % interval)."""

    sampler: str
    energy: str
    steps: int
    candidates: int
    reveal: str
    texts: int
    judge_nll: dict[str, Interval]  # nats per token, by judge
    self_judged: tuple[str, ...]  # judges that are no evidence: what wrote the text, or decided it
    against_mdlm: dict[str, Interval]  # paired difference to `mdlm` at the same T, random reveal; empty where none
    entropy: Interval  # of the token frequencies inside a text, nats
    repeated_words: Interval  # share
    distinct_2: float  # share of different word pairs, over all texts of the row
    similarity: (
        Interval | None
    )  # cosine of neighbouring sentences; None without an embedder, or of fewer than two texts
    ess: float  # mean over the steps
    denoiser_calls: float  # batched passes, for sixteen texts
    energy_calls: float
    seconds_per_text: float  # sampled sixteen at a time


def sample_many(model: Model, request: Request) -> tuple[Tensor, Cost]:
    """The texts of a request of many chains, CHAINS at a time, keeping no records: (N, L)."""
    texts, total = [], Cost()
    config = request.config
    for first in range(0, config.num_chains, CHAINS):
        n = min(CHAINS, config.num_chains - first)
        part = replace(request, config=replace(config, num_chains=n, seed=config.seed + first))
        cost = Cost()
        x = start(model.tokenizer.vocab_size, part.config, x_T_of(model, request))
        for record in run_steps(model, part, cost):
            x[record.chains] = record.x_s.to(x.device)
        texts.append(x)
        total.seconds += cost.seconds
        total.denoiser_calls += cost.denoiser_calls
        total.energy_calls += cost.energy_calls
        total.ess += cost.ess
        total.scored += cost.scored
    return torch.cat(texts), total


def effect_requests(
    config: SampleConfig,
    *,
    steps: Sequence[int],
    candidates: Sequence[int],
    energies: Sequence[str],
    reveals: Sequence[str],
) -> list[Request]:
    """The AR baseline, `mdlm` with one token a step, then at each T and reveal order `mdlm` and `edlm` by
    energy and K; all else as in `config`."""
    one_by_one = replace(config, num_steps=config.length, num_candidates=1, reveal="random")
    requests = [Request("ar", "none", one_by_one), Request("mdlm", "none", one_by_one)]
    for T in steps:
        for reveal in reveals:
            plain = replace(config, num_steps=T, num_candidates=1, reveal=reveal)
            requests.append(Request("mdlm", "none", plain))
            for name in energies:
                requests += [Request("edlm", name, replace(plain, num_candidates=K)) for K in candidates]
    return requests


def effect(
    model: Model,
    requests: Sequence[Request],
    judges: Sequence[str],
    *,
    reference: Tensor | None = None,
    embed: Callable[[Sequence[str]], Tensor] | None = None,
) -> Iterator[Row]:
    """A row a request, as it is measured, any sampler; before them one of real text (N, L) where given. A row is
    compared with the `mdlm` of its T if that stands above it; the requests share num_chains and seed."""
    plain: dict[int, dict[str, list[float]]] = {}

    def measure(sampler: str, energy: str, T: int, K: int, reveal: str, x_0: Tensor, cost: Cost) -> Row:
        generated = torch.ones_like(x_0, dtype=torch.bool)
        nll = {name: metrics.judge_nll(judge_by_name(model, name), x_0.to(model.device), generated) for name in judges}
        against = {}
        spec = SAMPLERS.get(sampler)  # real text has none
        if spec is PLAIN and reveal == "random":
            plain[T] = nll
        elif spec is not None and spec.denoises and T in plain:
            gaps = {name: [a - b for a, b in zip(nll[name], plain[T][name], strict=True)] for name in judges}
            against = {name: metrics.mean_interval(values) for name, values in gaps.items()}
        ids, batches = x_0.tolist(), math.ceil(len(x_0) / CHAINS)
        texts = [model.tokenizer.decode(x) for x in ids]
        similar = [metrics.sentence_similarity(text, embed) for text in texts] if embed is not None else []
        similar = [value for value in similar if value is not None]
        return Row(
            sampler, energy, T, K, reveal, len(x_0),
            {name: metrics.mean_interval(values) for name, values in nll.items()},
            tuple(name for name in judges if self_judged(name, sampler, energy)),
            against,
            metrics.mean_interval([metrics.token_entropy(x) for x in ids]),
            metrics.mean_interval([metrics.repeated_words(text) for text in texts]),
            metrics.distinct_n(texts, 2),
            metrics.mean_interval(similar) if len(similar) > 1 else None,
            sum(cost.ess) / max(1, len(cost.ess)),
            cost.denoiser_calls / batches,
            cost.energy_calls / batches,
            cost.seconds / len(x_0),
        )  # fmt: skip

    if reference is not None:
        yield measure("real text", "none", 0, 0, "–", reference, Cost())
    for request in requests:
        config = request.config
        reveal = config.reveal if SAMPLERS[request.sampler].keeps_timetable else "–"
        x_0, cost = sample_many(model, request)
        yield measure(request.sampler, request.energy, config.num_steps, config.num_candidates, reveal, x_0, cost)
