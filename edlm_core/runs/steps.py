"""One run, start to finish: models by name, prompt, sampler, and what it cost.

What the command line and the pages share: a request in words on one side, step records on the
other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from ..catalogue import TEXT, Kind, Reads, effective, energy_terms
from ..config import Request, SampleConfig
from ..method.energy import AutoregressiveEnergy, ClampedEnergy, Energy, SumEnergy, ZeroEnergy
from ..method.language_models import LanguageModel, Reading
from ..method.proposals import Proposals
from ..method.samplers import steps_of
from ..method.sampling import Branch, StepRecord, Trace, finish
from ..models.checkpoints import Model
from ..models.prompts import condition
from ..models.text_fingerprint import fingerprint
from ..refusals import Refusal
from . import budget
from .text_names import is_recorded, recorded_energy

# From a name to what a model folder has under it. SmolLM2 as an energy is the one adapted to the model's texts.
ENERGY_OF: dict[str, Callable[[Model], Energy]] = {
    "none": lambda model: ZeroEnergy(model.tokenizer.vocab_size),
    "ar": lambda model: AutoregressiveEnergy(model.autoregressive),
    "coar": lambda model: ClampedEnergy(model.autoregressive),
    "nce": lambda model: model.learned_energy,
    "smollm2": lambda model: AutoregressiveEnergy(model.smollm2_adapted),
}
LANGUAGE_MODEL_OF: dict[str, Callable[[Model], LanguageModel]] = {
    "none": lambda model: model.autoregressive,
    "ar": lambda model: model.autoregressive,
    "coar": lambda model: model.autoregressive,
    "smollm2": lambda model: model.smollm2_adapted,
}
JUDGE_OF: dict[str, Callable[[Model], LanguageModel]] = {
    "smollm2": lambda model: model.smollm2,
    "ar": lambda model: model.autoregressive,
}


def language_model_by_name(model: Model, name: str) -> LanguageModel:
    """What an energy scores with, for a sampler that reads with it itself; without an energy the folder's own."""
    (term,) = energy_terms(name)
    if term.kind is Kind.TEXT:
        return text_model_by_name(model, name.removeprefix(TEXT))
    return LANGUAGE_MODEL_OF[name](model)


def text_model_by_name(model: Model, name: str) -> LanguageModel:
    """By folder or hub id; the name that a run file has for one finds it where it has been loaded here before. Raises
    Refusal, MissingModel."""
    if not is_recorded(name):
        return model.text_model(name)
    loaded = (other for other in model.text_models if recorded_energy(TEXT + other, fingerprint) == TEXT + name)
    found = next(loaded, None)
    if found is None:
        raise Refusal("run-text-model", name=name)
    return model.text_models[found]


def energy_by_name(model: Model, name: str) -> Energy:
    """One of ENERGIES, text:<model>, or several joined by +. Raises MissingModel, BadModel."""
    terms = [
        AutoregressiveEnergy(language_model_by_name(model, term.name))
        if term.kind is Kind.TEXT
        else ENERGY_OF[term.name](model)
        for term in energy_terms(name)
    ]
    return terms[0] if len(terms) == 1 else SumEnergy([(1.0, term) for term in terms])


def judge_by_name(model: Model, name: str) -> LanguageModel:
    return JUDGE_OF[name](model)


def x_T_of(model: Model, request: Request) -> Tensor:
    """What a request fixes: (L,) ids, the mask where the model writes. Raises ValueError."""
    length = request.config.length
    if request.prompt is None:
        return torch.full((length,), model.tokenizer.mask_id)
    return condition(model.tokenizer, request.prompt, length)


@dataclass
class Cost:
    """What a run has used so far. A call is one batched pass of one network."""

    seconds: float = 0.0
    denoiser_calls: int = 0
    energy_calls: int = 0
    scored: float = 0.0  # candidates that the energy has read, a chain's average
    ess: list[float] = field(default_factory=list)  # mean over the chains, per step
    written: int = 0  # tokens revealed, over all chains
    changed: int = 0  # of them those that the first draw would have had otherwise


class Counted:
    """A denoiser, energy or language model that tells `count` of each call and its rows."""

    def __init__(self, inner: Any, count: Callable[[int], None]) -> None:
        self.inner, self.count = inner, count
        self.vocab_size = inner.vocab_size

    def __call__(self, first: Any, *rest: Any) -> Tensor:
        x_0 = first.x_0 if isinstance(first, Proposals) else first
        self.count(x_0.shape[:-1].numel())
        return self.inner(first, *rest)

    def token_log_probs(self, x_0: Tensor) -> Tensor:
        self.count(len(x_0))
        return self.inner.token_log_probs(x_0)

    def read(self, x_0: Tensor) -> Reading:
        self.count(len(x_0))
        return self.inner.read(x_0)


def run_steps(model: Model, request: Request, cost: Cost, branch: Branch | None = None) -> Iterator[StepRecord]:
    """The step records of a request, `cost` kept up to date. Loading the energy is not timed. Raises Refusal
    where the memory that is free does not hold it."""
    config, x_T = request.config, x_T_of(model, request)  # a prompt is refused before anything is loaded
    budget.check(model, request)
    spec, energy_name = effective(request.sampler, request.energy)

    def called(rows: int) -> None:
        cost.denoiser_calls += 1

    def scored(rows: int) -> None:
        cost.energy_calls += 1
        cost.scored += rows / config.num_chains

    denoiser: Any = None
    energy: Any = None
    language_model: Any = None
    if not spec.denoises:
        language_model = model.autoregressive
    elif spec.reads is not Reads.NOTHING:
        language_model = Counted(language_model_by_name(model, energy_name), scored)
    elif spec.asks_energy:
        energy = Counted(energy_by_name(model, energy_name), scored)
    if spec.denoises:
        denoiser = Counted(model.denoiser, called)
    steps = steps_of(
        spec.name,
        denoiser,
        energy,
        language_model,
        model.schedule,
        config,
        x_T=x_T,
        branch=branch,
        device=model.device,
    )
    started = time.perf_counter()
    for record in steps:
        cost.seconds += time.perf_counter() - started
        if not spec.denoises:
            cost.denoiser_calls += 1
        cost.ess.append(float(record.weights.ess.mean()))
        cost.written += int(record.revealed.sum())
        cost.changed += int((record.revealed & (record.x_s != record.proposals.x_0[:, 0])).sum())
        yield record
        del record  # its table of log-probabilities need not live beside the next one's
        started = time.perf_counter()


def as_mdlm(config: SampleConfig) -> SampleConfig:
    """The same run with one candidate a step: same schedule, same noise, no energy."""
    return replace(config, num_candidates=1)


def generate(model: Model, request: Request) -> tuple[Trace, Cost]:
    """`run_steps` to the end, every record of it kept."""
    budget.check(model, request, keeps_records=True)
    cost = Cost()
    steps = tuple(run_steps(model, request, cost))
    return finish(model.tokenizer.vocab_size, request.config, steps, x_T=x_T_of(model, request)), cost
