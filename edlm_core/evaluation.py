"""What the card of a model reports: likelihood on held-out text, and the effect of the energy.

Texts of different samplers are paired by seed: the same reveal schedule and the same noise. So
the mean difference has a much narrower interval than the two means suggest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from . import metrics
from .checkpoints import Model
from .config import Request, SampleConfig
from .losses import denoising_loss
from .runs import Cost, judge_by_name, run_steps, x_T_of
from .sampling import start

CHAINS = 16  # sampled together


@dataclass(frozen=True)
class Row:
    """One line of the effect table. Averages come as (mean, half-width of the 95 % interval)."""

    sampler: str
    energy: str
    steps: int
    candidates: int
    reveal: str
    judge_nll: dict[str, tuple[float, float]]  # nats per token, by judge; judged by its own energy: "self-judged"
    against_mdlm: dict[
        str, tuple[float, float]
    ]  # paired difference to `mdlm` at the same T, revealed at random; empty where none
    entropy: tuple[float, float]
    repeated_words: tuple[float, float]
    ess: float  # mean over the steps
    seconds_per_text: float  # sampled sixteen at a time


def likelihood(model: Model, windows: Tensor, rounds: int = 8) -> dict[str, tuple[float, float]]:
    """AR NLL (exact) and the denoiser's NELBO (Monte Carlo) per token on clean windows (N, L). The
    NLL's interval is over windows, the NELBO's over `rounds` passes through all of them."""
    V, ar = model.tokenizer.vocab_size, model.autoregressive
    batches = windows.to(model.device).split(64)
    nll = torch.cat([-ar.token_log_probs(x_0).mean(-1) for x_0 in batches])
    generator = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        nelbo = [
            sum(
                float(denoising_loss(model.denoiser.network, x_0, model.schedule, V, generator)) * len(x_0)
                for x_0 in batches
            )
            / len(windows)
            for _ in range(rounds)
        ]
    return {"ar_nll": metrics.mean_interval(nll.tolist()), "mdlm_nelbo": metrics.mean_interval(nelbo)}


def sample_many(model: Model, request: Request) -> tuple[Tensor, Cost]:
    """The texts of a request of many chains, CHAINS at a time, keeping no records: (N, L)."""
    texts, total = [], Cost()
    config = request.config
    for first in range(0, config.num_chains, CHAINS):
        n = min(CHAINS, config.num_chains - first)
        part = SampleConfig(**asdict(config) | {"num_chains": n, "seed": config.seed + first})
        cost = Cost()
        x = start(model.tokenizer.vocab_size, part, x_T_of(model, request))
        for record in run_steps(model, Request(request.sampler, request.energy, part, request.prompt), cost):
            x[record.chains] = record.x_s.to(x.device)
        texts.append(x)
        total.seconds += cost.seconds
        total.ess += cost.ess
        total.denoiser_calls += cost.denoiser_calls
        total.scored += cost.scored
    return torch.cat(texts), total


def effect(
    model: Model,
    *,
    num_texts: int,
    length: int,
    steps: Sequence[int],
    candidates: Sequence[int],
    energies: Sequence[str],
    judges: Sequence[str],
    reveals: Sequence[str],
    seed: int,
    reference: Tensor | None = None,
) -> Iterator[Row]:
    """Rows of the effect table as they are measured: real text (N, L) where given, the AR baseline, `mdlm`
    with one token a step, then at each T and reveal order `mdlm` and `edlm` by energy and K."""
    scored: dict[int, dict[str, list[float]]] = {}

    def row(sampler: str, energy: str, T: int, K: int, reveal: str, x_0: Tensor, cost: Cost) -> Row:
        generated = torch.ones_like(x_0, dtype=torch.bool)
        by_judge = {
            name: metrics.judge_nll(judge_by_name(model, name), x_0.to(model.device), generated) for name in judges
        }
        plain = (sampler, reveal) == ("mdlm", "random")
        if plain:
            scored[T] = by_judge
        against = {}
        if sampler in ("mdlm", "edlm") and not plain and T in scored:
            for name, values in by_judge.items():
                against[name] = metrics.mean_interval([a - b for a, b in zip(values, scored[T][name], strict=True)])
        ids = x_0.tolist()
        return Row(
            sampler, energy, T, K, reveal,
            {name: metrics.mean_interval(values) for name, values in by_judge.items()},
            against,
            metrics.mean_interval([metrics.token_entropy(x) for x in ids]),
            metrics.mean_interval([metrics.repeated_words(model.tokenizer.decode(x)) for x in ids]),
            sum(cost.ess) / max(1, len(cost.ess)),
            cost.seconds / len(x_0),
        )  # fmt: skip

    if reference is not None:
        yield row("real text", "none", 0, 0, "–", reference, Cost())
    plan = [("ar", "none", length, 1, "–"), ("mdlm", "none", length, 1, "random")]
    for T in steps:
        for reveal in reveals:
            plan.append(("mdlm", "none", T, 1, reveal))
            plan += [("edlm", energy, T, K, reveal) for energy in energies for K in candidates]
    for sampler, energy, T, K, reveal in plan:
        config = SampleConfig(
            length=length, num_steps=T, num_candidates=K, num_chains=num_texts, seed=seed,
            reveal="random" if sampler == "ar" else reveal,
        )  # fmt: skip
        x_0, cost = sample_many(model, Request(sampler, energy, config))
        yield row(sampler, energy, T, K, reveal, x_0, cost)
