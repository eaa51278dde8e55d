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

from ..config import READABLE, TEXT, UNCORRECTED, Request, SampleConfig
from ..method.autoregressive import autoregressive_steps
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


def language_model_by_name(model: Model, name: str) -> LanguageModel:
    """What an autoregressive energy scores with. SmolLM2 as an energy is the one adapted to the model's texts."""
    if name.startswith(TEXT):
        return text_model_by_name(model, name.removeprefix(TEXT))
    return model.smollm2_adapted if name == "smollm2" else model.autoregressive


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
    if "+" in name:
        return SumEnergy([(1.0, energy_by_name(model, part)) for part in name.split("+")])
    if name == "none":
        return ZeroEnergy(model.tokenizer.vocab_size)
    if name == "nce":
        return model.learned_energy
    language_model = language_model_by_name(model, name)
    return ClampedEnergy(language_model) if name == "coar" else AutoregressiveEnergy(language_model)


def x_T_of(model: Model, request: Request) -> Tensor:
    """What a request fixes: (L,) ids, the mask where the model writes. Raises ValueError."""
    length = request.config.length
    if request.prompt is None:
        return torch.full((length,), model.tokenizer.mask_id)
    return condition(model.tokenizer, request.prompt, length)


def judge_by_name(model: Model, name: str) -> LanguageModel:
    return model.smollm2 if name == "smollm2" else model.autoregressive


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
    budget.check(model, request)
    config, name, energy_name = request.config, request.sampler, request.energy
    if name in UNCORRECTED:
        energy_name = "none"
    elif energy_name == "none" and name != "speculative":
        name = "mdlm"  # nothing to correct by

    def called(rows: int) -> None:
        cost.denoiser_calls += 1

    def scored(rows: int) -> None:
        cost.energy_calls += 1
        cost.scored += rows / config.num_chains

    where = {"x_T": x_T_of(model, request), "device": model.device}
    if name == "ar":
        steps = autoregressive_steps(model.autoregressive, config, **where)
    else:
        by_name = language_model_by_name if name in READABLE else energy_by_name
        scorer = by_name(model, energy_name)
        scorer = Counted(scorer, scored) if not isinstance(scorer, ZeroEnergy) else scorer
        models = Counted(model.denoiser, called), scorer, scorer, model.schedule
        steps = steps_of(name, *models, config, **where, branch=branch)
    started = time.perf_counter()
    for record in steps:
        cost.seconds += time.perf_counter() - started
        if name == "ar":
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


def run(model: Model, request: Request) -> tuple[Trace, Cost]:
    """`run_steps` to the end."""
    budget.check(model, request, keeps_records=True)
    cost = Cost()
    steps = tuple(run_steps(model, request, cost))
    return finish(model.tokenizer.vocab_size, request.config, steps, x_T=x_T_of(model, request)), cost
