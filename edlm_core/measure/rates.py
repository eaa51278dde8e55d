"""How fast the networks are here, a batch at a time: what a sweep of hours will take is told in seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from ..catalogue import BASELINE, ENERGIES, PLAIN, SAMPLERS, networks_of
from ..config import Request, SampleConfig
from ..models.checkpoints import Model
from ..runs.costs import Rates
from ..runs.metrics import judge_nll
from ..runs.steps import Cost, judge_by_name, run_steps
from .plan import judge_rate
from .settled import How

ROUNDS = 2  # the first one touches the weights
ENOUGH = 4  # texts that keep a processor busy: of more, each token takes about as long


def measured_rates(model: Model, how: How, requests: Sequence[Request]) -> Rates:
    """Of every network that the requests ask, and of every judge, at the length of the longest. Raises Refusal."""
    length = max(request.config.length for request in requests)
    together = min(how.together, ENOUGH) if model.device.type == "cpu" else how.together
    config = SampleConfig(length=length, num_steps=2, num_candidates=2, num_chains=together)
    rates: Rates = {}
    if any(SAMPLERS[request.sampler].denoises for request in requests):
        cost = _timed(model, Request(PLAIN.name, "none", config))
        rates["denoiser"] = cost.seconds / (cost.denoiser_calls * config.num_chains * length)
    if any(not SAMPLERS[request.sampler].denoises for request in requests):
        cost = _timed(model, Request(BASELINE.name, "none", config))
        rates["baseline"] = cost.seconds / (config.num_chains * length)
    for network in sorted({name for request in requests for name in networks_of(request.sampler, request.energy)}):
        energy = next((spec.name for spec in ENERGIES.values() if spec.network == network), network)
        cost = _timed(model, Request("edlm", energy, config))
        denoised = rates["denoiser"] * cost.denoiser_calls * config.num_chains * length
        read = max(1.0, cost.scored * config.num_chains * length)
        rates[network] = max(0.0, cost.seconds - denoised) / read
    return rates | {judge_rate(judge): _judged(model, judge, config) for judge in how.judges}


def _timed(model: Model, request: Request) -> Cost:
    """What a run of it takes, once the weights are warm."""
    costs: list[Cost] = []
    for _round in range(ROUNDS):
        costs.append(Cost())
        for _record in run_steps(model, request, costs[-1]):
            pass
    return costs[-1]


def _judged(model: Model, judge: str, config: SampleConfig) -> float:
    """Seconds a token."""
    reader, x_0 = judge_by_name(model, judge), torch.zeros(config.num_chains, config.length, dtype=torch.long)
    x_0 = x_0.to(model.device)
    seconds: list[float] = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        judge_nll(reader, x_0, torch.ones_like(x_0, dtype=torch.bool))
        seconds.append(time.perf_counter() - started)
    return seconds[-1] / x_0.numel()
