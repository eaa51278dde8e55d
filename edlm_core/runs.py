"""One run, start to finish: models by name, prompt, sampler, and what it cost.

What the command line and the pages share: a request in words on one side, step records on the
other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from .autoregressive import autoregressive_steps
from .checkpoints import Model
from .config import Request, SampleConfig
from .energy import AutoregressiveEnergy, Energy, ZeroEnergy
from .language_models import LanguageModel
from .prompts import condition
from .sampling import StepRecord, Trace, finish, sample_steps


def energy_by_name(model: Model, name: str) -> Energy:
    """SmolLM2 as an energy is the one adapted to the model's texts; as a judge it is the published one."""
    if name == "none":
        return ZeroEnergy()
    return AutoregressiveEnergy(model.smollm2_adapted if name == "smollm2" else model.autoregressive)


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
    ess: list[float] = field(default_factory=list)  # mean over the chains, per step
    flips: list[float] = field(default_factory=list)  # share of chains whose choice is not the first draw, per step


def run_steps(model: Model, request: Request, cost: Cost) -> Iterator[StepRecord]:
    """The step records of a request, `cost` kept up to date. Loading the energy is not timed."""
    x_T = x_T_of(model, request)
    if request.sampler == "ar":
        steps = autoregressive_steps(model.autoregressive, request.config, x_T=x_T, device=model.device)
    else:
        plain = request.sampler == "mdlm" or request.energy == "none"
        energy = ZeroEnergy() if plain else energy_by_name(model, request.energy)
        config = request.config if not plain else as_mdlm(request.config)
        steps = sample_steps(model.denoiser, energy, model.schedule, config, x_T=x_T, device=model.device)
    started = time.perf_counter()
    for record in steps:
        cost.seconds += time.perf_counter() - started
        K = record.energy.shape[1]
        cost.denoiser_calls += 1
        cost.energy_calls += K > 1
        cost.ess.append(float(record.weights.ess.mean()))
        cost.flips.append(float((record.chosen != 0).float().mean()))
        yield record
        started = time.perf_counter()


def as_mdlm(config: SampleConfig) -> SampleConfig:
    """The same run with one candidate a step: same schedule, same noise, no energy."""
    return replace(config, num_candidates=1)


def run(model: Model, request: Request) -> tuple[Trace, Cost]:
    """`run_steps` to the end."""
    cost = Cost()
    steps = tuple(run_steps(model, request, cost))
    return finish(model.tokenizer.vocab_size, request.config, steps, x_T=x_T_of(model, request)), cost
