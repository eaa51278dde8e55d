"""How long a run will take, from how long earlier ones took on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from ..catalogue import SAMPLERS, Reads, effective, networks_of
from ..config import Request
from .run_file import Run

Rates = dict[str, float]  # seconds per token read, by network: "denoiser", an energy's own, "baseline"


def learn(rates: Rates, run: Run) -> Rates:
    """Rates with what a finished run has shown. A network that reads drafts is charged with what its lane took beyond
    its denoiser calls; where several did, nobody knows which took how much."""
    learned = dict(rates)
    for lane in run.lanes:
        spec, networks = SAMPLERS[lane.sampler], networks_of(lane.sampler, run.energy)
        tokens = max(1, lane.steps * lane.length)
        candidates = max(1, sum(lane.num_candidates) * lane.length)
        if not spec.denoises:
            learned["baseline"] = lane.seconds / max(1, lane.steps)
        elif lane.energy_calls == 0:
            learned["denoiser"] = lane.seconds / tokens
        elif "denoiser" in learned and spec.reads is Reads.NOTHING and len(networks) == 1:
            (network,) = networks
            learned[network] = max(0.0, lane.seconds - learned["denoiser"] * tokens) / candidates
    return learned


def estimate_seconds(requests: Sequence[Request], rates: Rates) -> float | None:
    """Seconds for all lanes together; None while a rate that it takes is unknown."""
    total = 0.0
    for request in requests:
        L = request.config.length
        spec, _energy = effective(request.sampler, request.energy)
        calls = spec.cost(request.config)
        tokens = {"denoiser": calls.denoiser * L, "baseline": calls.baseline}
        tokens |= dict.fromkeys(networks_of(request.sampler, request.energy), calls.energy * L)
        for network, read in tokens.items():
            if read and network not in rates:
                return None
            total += read and read * rates[network]
    return total
