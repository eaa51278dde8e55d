"""Every sampler by name: one interface, whatever decides.

    name         at each step                                        law with an exact denoiser and energy
    mdlm         independent draws                                   factorisation error, O(1/T)
    edlm         one of K drafts by its weight                       the target as K grows
    i-sir        the same, the last text is one of the K             each step leaves the target invariant
    edlm-mh      the same pool, accept or keep                       each step leaves the target invariant
    block        drafts differ only where the step reveals           approximate at any K
    gibbs        edlm, then far-apart words drawn again (i-sir)      its second part leaves the target invariant
    corrector    edlm, then the worst words picked anew, one by one  approximate at any K
    smc          K particles, resampled as they go                   the target as K grows; unbiased Z
    remask       mdlm, some words masked again (ReMDM)               factorisation error
    confidence   mdlm, the surest words first (MaskGIT)              biased: the order listens to the draws
    entropy      mdlm, the narrowest marginals first                 factorisation error
    speculative  K drafts, the longest prefix that passes            exactly the autoregressive model's
    ar           one token, left to right (`autoregressive.py`)      exactly the autoregressive model's

Each one's law is enumerated, and its code tested against that, in `tests/test_samplers.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ..config import UNCORRECTED, SampleConfig
from .corrector import corrector_steps, most_surprising, pick_each
from .denoiser import Denoiser
from .energy import Energy, ZeroEnergy
from .language_models import ReadableModel
from .particles import smc_steps
from .rules import common_rest, keep_last, metropolis
from .sampling import Branch, StepRecord, sample_steps
from .schedules import NoiseSchedule
from .speculative import speculative_steps
from .timetable import least_entropy, most_confident, remasked

STEPS: dict[str, dict[str, Any]] = {
    "mdlm": {}, "edlm": {}, "edlm-mh": {"rule": metropolis}, "i-sir": {"rule": keep_last},
    "block": {"rule": common_rest}, "remask": {"timetable": remasked},
    "confidence": {"order": most_confident}, "entropy": {"order": least_entropy},
}  # fmt: skip
CORRECTORS: dict[str, dict[str, Any]] = {"gibbs": {}, "corrector": {"rule": pick_each, "aim": most_surprising}}


def steps_of(
    name: str,
    denoiser: Denoiser,
    energy: Energy,
    language_model: ReadableModel | None,
    schedule: NoiseSchedule,
    config: SampleConfig,
    *,
    x_T: Tensor | None = None,
    branch: Branch | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[StepRecord]:
    """The step records of a sampler of the table, `ar` apart. `language_model` is what `smc` and `speculative` read
    with; the others ask `energy`. Raises ValueError where a branch is asked of one that keeps no timetable."""
    where = {"x_T": x_T, "device": device}
    if name in UNCORRECTED:
        energy, config = ZeroEnergy(denoiser.vocab_size), replace(config, num_candidates=1)
    if branch is not None and name not in STEPS:
        raise ValueError(f"branch: expected a run of {', '.join(STEPS)}, got {name}: it does not follow a timetable")
    if name == "speculative":
        return speculative_steps(denoiser, language_model, config, **where)
    if name == "smc":
        return smc_steps(denoiser, language_model, schedule, config, **where)
    if name in CORRECTORS:
        return corrector_steps(denoiser, energy, schedule, config, **CORRECTORS[name], **where)
    return sample_steps(denoiser, energy, schedule, config, **STEPS[name], **where, branch=branch)
