"""What a command is about to take, and how it read the prompt, on stderr, where it is worth a word."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from ..catalogue import SAMPLERS, networks_of
from ..config import Request, SampleConfig
from ..durations import spoken
from ..models.checkpoints import Model
from ..models.template import understood
from ..runs import budget
from ..runs.costs import Rates, estimate_seconds, learn
from ..runs.recording import Recording
from ..runs.steps import x_T_of

FAST = 5e-5  # seconds a token: what would be quick even at this rate is not worth a look
LOOK = SampleConfig(length=64, num_steps=2, num_candidates=4)


def announce(model: Model, requests: Sequence[Request], *, timed: bool = True) -> None:
    """That all requests fit into the memory that is free, what the largest takes, and how long all take to be
    written, unless they are only bounds of the work (not `timed`). Raises Refusal."""
    for request in requests:
        budget.check(model, request)
    x_T_of(model, requests[0])  # a prompt is refused before it is explained
    needs = budget.needs(model, requests, _rates(model, requests) if timed else {})
    if needs.worth_a_word:
        time = "" if needs.seconds is None else f", and about {spoken(needs.seconds)} to write the texts"
        _say(f"takes up to {needs.bytes / 1e9:.1f} GB{time}")
    for sentence in understood(requests[0].prompt or ""):
        _say(f"prompt: {sentence}")


def _rates(model: Model, requests: Sequence[Request]) -> Rates:
    """What a token takes here and now, from runs of a second, where the work would be long even on a fast machine."""
    names = {name for request in requests for name in networks_of(request.sampler, request.energy)}
    fast = dict.fromkeys(["denoiser", "baseline", *names], FAST)
    total = sum((estimate_seconds([request], fast) or 0) * request.config.num_chains for request in requests)
    rates: Rates = {}
    if total < budget.LONG / 4:
        return rates
    for energy in dict.fromkeys(request.energy for request in requests):
        asked = [request.sampler for request in requests if request.energy == energy]
        samplers = ["mdlm", "edlm"] if any(SAMPLERS[name].denoises for name in asked) else []
        samplers += ["ar"] if any(not SAMPLERS[name].denoises for name in asked) else []
        for config in (replace(LOOK, num_steps=1), LOOK):  # the first touches the weights
            looked = Recording(model, [Request(name, energy, config) for name in samplers], "")
            for _ in looked.steps():
                pass
            rates = learn(rates, looked.result())
    return rates


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
