"""What a request comes to: one form for all requests that write the same texts. No torch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..catalogue import effective
from ..config import Request, SampleConfig


def settled(request: Request) -> Request:
    """The request with everything that its sampler does not listen to set to one value: `mdlm` of K = 8 is `mdlm` of
    K = 1, and the baseline at T = 4 is the baseline at T = L. It writes the same texts."""
    spec, energy = effective(request.sampler, request.energy)
    deaf: dict[str, Any] = {}
    if not spec.asks_energy:
        plain = SampleConfig(num_candidates=1)
        deaf |= {
            field: getattr(plain, field) for field in ("num_candidates", "window", "energy_temperature", "adaptive")
        }
    if not spec.keeps_timetable:
        deaf |= {"num_steps": request.config.length, "reveal": SampleConfig().reveal}
    return replace(request, sampler=spec.name, energy=energy, config=replace(request.config, **deaf))
