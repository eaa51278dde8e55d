"""What a request comes to: one form for all requests that write the same texts, and a name for them. No torch."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec

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


@dataclass(frozen=True)
class How:
    """What decides texts, their measures and their seconds besides the request."""

    model: str  # its name, or its folder
    fingerprint: str  # of its weights
    device: str
    dtype: str
    threads: int
    judges: tuple[str, ...]
    together: int  # texts written in a batch, at the most
    similarity: bool = False  # of neighbouring sentences is measured too
    processor: str = ""  # not asked for: whichever there is


def cell_of(request: Request, how: How) -> str:
    """The name of all texts of a request but for their seed and number: 16 hex digits. Within one the seed tells a text
    from every other."""
    setting = asdict(settled(request))
    del setting["config"]["seed"], setting["config"]["num_chains"]
    where = asdict(how) | {"judges": sorted(how.judges)}
    del where["model"], where["processor"]  # its weights tell a model
    return hashlib.sha256(msgspec.json.encode([setting, where], order="sorted")).hexdigest()[:16]
