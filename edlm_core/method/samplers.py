"""From a sampler's name to its code: one row each, one interface, whatever decides.

What each does at a step, what its law is and what it costs stands in `catalogue.py`. Each one's law is enumerated, and
its code tested against that, in `tests/method/test_samplers.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from ..catalogue import SAMPLERS
from ..config import SampleConfig
from ..refusals import Refusal
from .autoregressive import autoregressive_steps
from .corrector import corrector_steps, most_surprising, pick_each
from .denoiser import Denoiser
from .energy import Energy, ZeroEnergy
from .language_models import LanguageModel
from .particles import smc_steps
from .rules import common_rest, keep_last, metropolis
from .sampling import Branch, StepRecord, sample_steps
from .schedules import NoiseSchedule
from .speculative import speculative_steps
from .timetable import least_entropy, most_confident, remasked


@dataclass(frozen=True)
class Networks:
    """All that a sampler may ask. Which of them a row asks, and for what, its own function says."""

    denoiser: Any
    energy: Any
    language_model: Any
    schedule: NoiseSchedule


class Steps(Protocol):
    """A row of the table: a sampler with its variant settled."""

    def __call__(self, networks: Networks, config: SampleConfig, /, **where: Any) -> Iterator[StepRecord]:
        """`where`: x_T and device, and for a sampler that can be branched `branch`."""
        ...


def diffusion(**variant: Any) -> Steps:
    """Draws by its timetable (`sampling.py`): a rule, a timetable or an order of its own."""
    return lambda n, config, **where: sample_steps(n.denoiser, n.energy, n.schedule, config, **variant, **where)


def correction(**variant: Any) -> Steps:
    """A predictor, then a corrector (`corrector.py`): a rule or an aim of its own."""
    return lambda n, config, **where: corrector_steps(n.denoiser, n.energy, n.schedule, config, **variant, **where)


def particles(n: Networks, config: SampleConfig, **where: Any) -> Iterator[StepRecord]:
    return smc_steps(n.denoiser, n.language_model, n.schedule, config, **where)


def drafts_and_verdicts(n: Networks, config: SampleConfig, **where: Any) -> Iterator[StepRecord]:
    return speculative_steps(n.denoiser, n.language_model, config, **where)


def left_to_right(n: Networks, config: SampleConfig, **where: Any) -> Iterator[StepRecord]:
    return autoregressive_steps(n.language_model, config, **where)


STEPS: dict[str, Steps] = {
    "mdlm": diffusion(),
    "edlm": diffusion(),
    "edlm-mh": diffusion(rule=metropolis),
    "i-sir": diffusion(rule=keep_last),
    "block": diffusion(rule=common_rest),
    "gibbs": correction(),
    "corrector": correction(rule=pick_each, aim=most_surprising),
    "smc": particles,
    "remask": diffusion(timetable=remasked),
    "confidence": diffusion(order=most_confident),
    "entropy": diffusion(order=least_entropy),
    "speculative": drafts_and_verdicts,
    "ar": left_to_right,
}


def steps_of(
    name: str,
    denoiser: Denoiser | None,
    energy: Energy | None,
    language_model: LanguageModel | None,
    schedule: NoiseSchedule,
    config: SampleConfig,
    *,
    x_T: Tensor | None = None,
    branch: Branch | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[StepRecord]:
    """The step records of a sampler of the table. `language_model` is what `smc` (any), `speculative` (a
    ReadableModel) and `ar` (a StepwiseModel, and no denoiser) read with; the others ask `energy`.

    Raises Refusal where a branch is asked of one that keeps no timetable.
    """
    spec, where = SAMPLERS[name], dict[str, Any](x_T=x_T, device=device)
    if denoiser is not None and not spec.asks_energy:
        energy, config = ZeroEnergy(denoiser.vocab_size), replace(config, num_candidates=1)
    if branch is not None:
        if not spec.branchable:
            known = ", ".join(other.name for other in SAMPLERS.values() if other.branchable)
            raise Refusal("branch", known=known, got=name)
        where["branch"] = branch
    return STEPS[name](Networks(denoiser, energy, language_model, schedule), config, **where)
