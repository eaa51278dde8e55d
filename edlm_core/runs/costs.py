"""How long a run will take, from how long earlier ones took on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from ..config import UNCORRECTED, Request
from .run_file import Run

TOKENS_A_ROUND = 2.2  # that speculative decoding keeps of one draft of `tales`
Rates = dict[str, float]  # seconds per token read, by network: "denoiser", an energy's name, "baseline"


def expected_steps(length: int, num_steps: int, reveal: str = "random") -> float:
    """Mean number of steps that reveal something: T (1 - (1 - 1/T)^L), dilated the lesser of T and L."""
    return min(num_steps, length) if reveal == "dilated" else num_steps * (1 - (1 - 1 / num_steps) ** length)


def learn(rates: Rates, run: Run) -> Rates:
    """Rates with what a finished run has shown. An energy is charged with what its lane took
    beyond its denoiser calls."""
    learned = dict(rates)
    for lane in run.lanes:
        tokens = max(1, lane.steps * lane.length)
        candidates = sum(lane.num_candidates) * lane.length
        if lane.sampler == "ar":
            learned["baseline"] = lane.seconds / max(1, lane.steps)
        elif lane.energy_calls == 0:
            learned["denoiser"] = lane.seconds / tokens
        elif "denoiser" in learned and lane.sampler not in ("smc", "speculative"):
            learned[_network(run.energy)] = max(0.0, lane.seconds - learned["denoiser"] * tokens) / candidates
    return learned


def estimate_seconds(requests: Sequence[Request], rates: Rates) -> float | None:
    """Seconds for all lanes together; None while a rate that it takes is unknown."""
    total = 0.0
    for request in requests:
        config = request.config
        L = config.length
        steps = expected_steps(L, config.num_steps, config.reveal)
        inside = config.window[1] - config.window[0]
        plain = request.sampler in UNCORRECTED or request.energy == "none" or config.num_candidates == 1
        drafts, rows = inside * config.num_candidates, 1
        if request.sampler == "speculative":
            plain, steps, drafts = False, L / TOKENS_A_ROUND, config.num_candidates
        elif request.sampler == "smc":
            drafts = rows = config.num_candidates
        parts = {"denoiser": steps * rows * L, _network(request.energy): 0 if plain else steps * drafts * L}
        if request.sampler == "ar":
            parts = {"baseline": L}
        for network, tokens in parts.items():
            if tokens and network not in rates:
                return None
            total += tokens and tokens * rates[network]
    return total


def _network(energy: str) -> str:
    """The network that an energy costs; "none" has one where a sampler reads all the same."""
    return "ar" if energy in ("coar", "none") else energy
