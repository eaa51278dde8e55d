"""Sweeps that are worth a name. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..config import Request, SampleConfig
from ..messages import N_
from .grid import grid


@dataclass(frozen=True)
class Preset:
    name: str
    label: str
    about: str
    num: int  # texts of a setting, where nothing else is said
    requests: Callable[[int], list[Request]]  # of so many texts


def first_look(num: int) -> list[Request]:
    """Every kind of sampler once."""
    base = Request("edlm", "ar", SampleConfig(length=48, num_steps=8, num_candidates=4, num_chains=num))
    return grid(base, sampler=("mdlm", "edlm", "corrector", "ar"))


def frontier(num: int) -> list[Request]:
    """What quality costs: T and K, and the two samplers that have neither."""
    base = Request("edlm", "ar", SampleConfig(length=64, reveal="dilated", num_chains=num))
    steps = (4, 8, 16, 32)
    return [
        *grid(base, sampler=("mdlm",), num_steps=steps),
        *grid(base, sampler=("edlm", "corrector"), num_candidates=(4, 8), num_steps=steps),
        *grid(base, sampler=("speculative",), num_candidates=(1, 4)),
        *grid(base, sampler=("ar",)),
    ]


def published_claim(num: int) -> list[Request]:
    """The baseline, then every point by steps and reveal order; `speculative` has neither."""
    base = Request("ar", "ar", SampleConfig(length=48, num_candidates=8, num_chains=num))
    temperatures = (1.0, 0.8)
    return [
        base,
        *grid(
            base,
            num_steps=(8, 16, 32),
            reveal=("random", "dilated"),
            temperature=temperatures,
            sampler=("mdlm", "edlm", "corrector"),
        ),
        *grid(base, sampler=("speculative",), temperature=temperatures),
    ]


def recorded(num: int) -> list[Request]:
    """What comes with the app: the samplers of Watch at its first setting, and fewer texts at others and of the
    one that takes longest."""
    base = Request("edlm", "ar", SampleConfig(reveal="dilated", num_chains=num))  # as Watch has it
    fewer = (max(1, num // 8),)
    return [
        *grid(base, sampler=("mdlm", "edlm", "corrector", "ar")),
        *grid(base, sampler=("mdlm", "edlm", "corrector"), num_steps=(4, 8, 32), num_chains=fewer),
        *grid(base, sampler=("speculative",), num_chains=fewer),
    ]


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "first-look",
            N_("First look"),
            N_("Four samplers, a few texts each: under three minutes on two cores."),
            16,
            first_look,
        ),
        Preset("frontier", N_("Frontier"), N_("What quality costs: by sampler, steps and drafts."), 96, frontier),
        Preset(
            "claim",
            N_("The published claim"),
            N_("How soon a corrected text is as good as the baseline's, at no lower entropy."),
            128,
            published_claim,
        ),
        Preset("recorded", N_("Recorded"), N_("The sweep that comes with the app, made anew."), 512, recorded),
    )
}
