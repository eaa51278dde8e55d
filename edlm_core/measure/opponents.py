"""Which settings may be held against each other, and against which of the plain ones. No torch."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from ..catalogue import PLAIN, SAMPLERS

# Texts that differ in one of these are no pairs: other noise, other sums, another task or other seconds.
CONDITIONS = ("model", "fingerprint", "device", "processor", "dtype", "threads", "length", "prompt")
# What of a setting changes its texts, by the samplers that listen to it.
_TIMETABLE = ("num_steps", "reveal")
_ENERGY = ("energy", "num_candidates", "energy_temperature", "window_low", "window_high", "adaptive")


def conditions(setting: Mapping[str, Any]) -> tuple[Hashable, ...]:
    """What two settings must share to be compared."""
    return tuple(setting[name] for name in CONDITIONS)


def heard(sampler: str) -> tuple[str, ...]:
    """The names of what this sampler listens to."""
    spec = SAMPLERS[sampler]
    return (
        *(_TIMETABLE if spec.keeps_timetable else ()),
        *(_ENERGY if spec.asks_energy else ()),
        "temperature",
    )


def opponent(setting: Mapping[str, Any], among: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The one that is most like a setting in what both listen to, the first of several; None of none."""

    def alike(other: Mapping[str, Any]) -> int:
        both = set(heard(setting["sampler"])) & set(heard(other["sampler"]))
        return sum(setting[name] == other[name] for name in both)

    return max(among, key=alike, default=None)


def first_pair(known: Sequence[tuple[Mapping[str, Any], int]]) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """Of settings that may be compared, each with its number of texts: what is looked at first, the one with most texts
    that is not plain, against the plain one most like it; None beside a single one."""
    own, _ = max(known, key=lambda one: (one[0]["sampler"] != PLAIN.name, one[1]))
    others = [setting for setting, _ in known if setting is not own]
    return own, opponent(own, [setting for setting in others if setting["sampler"] == PLAIN.name] or others)
