"""Where the time goes: denoiser, energy, draws and the rest, by sampler, and how each part grows.

Python's own profiler looks at who calls whom, so that no line of the method is written for the clock. It sees the calls
of our own functions alone; those of torch count to the function that made them. Its clock is processor time, which
other programs on the machine disturb less.
"""

from __future__ import annotations

import cProfile
import inspect
import time
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace
from types import CodeType

from ...catalogue import SAMPLERS
from ...config import Request, SampleConfig
from ...method.noise import uniforms
from ...method.proposals import inverse_cdf
from ...models.checkpoints import Model
from ...models.denoisers import TransformerDenoiser
from ...models.language_models import TransformerLanguageModel
from ...refusals import Refusal
from ...runs.steps import Cost, Counted, run_steps
from ..spent import Spent
from ..telling import Tell, untold
from .scaling import VARIED

BASE = SampleConfig(length=64, num_steps=16, num_candidates=8, num_chains=1, reveal="dilated")
COMPARED = ("mdlm", "edlm", "corrector", "speculative", "ar")


def _code(function: Callable[..., object], inner: str = "") -> CodeType:
    """As the profiler names a function; `inner`: one that is made inside it."""
    code = inspect.unwrap(function).__code__
    return next(one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == inner) if inner else code


# Functions that never call each other, but for the denoiser, which a `Counted` calls.
_DENOISER = {_code(TransformerDenoiser.__call__)}
_NETWORKS = {
    _code(Counted.__call__),
    _code(Counted.token_log_probs),
    _code(Counted.read),
    _code(TransformerLanguageModel.next_log_probs),
    _code(TransformerLanguageModel.read, "law"),
}
_DRAWS = {_code(uniforms), _code(inverse_cdf)}


def requests() -> list[Request]:
    """Every sampler at one setting, then `edlm` with one thing varied at a time, the largest sizes left out."""
    varied = [
        replace(BASE, **{name: size})
        for name, sizes in VARIED.values()
        for size in sizes[:-1]
        if size != getattr(BASE, name)
    ]
    return [Request(sampler, "ar", BASE) for sampler in COMPARED] + [Request("edlm", "ar", one) for one in varied]


def parts(model: Model, tell: Tell = untold) -> list[Spent]:
    """Of all `requests`."""
    found: list[Spent] = []
    for share, done in parts_steps(model, requests()):
        tell(share, "where the time goes")
        found = done
    return found


def parts_steps(model: Model, asked: Sequence[Request]) -> Iterator[tuple[float, list[Spent]]]:
    """The share that is done, and what there is of it. Raises Refusal where the clock would see no work: a graphics
    card's."""
    if model.device.type != "cpu":
        raise Refusal("parts-device", got=model.device.type)
    found: list[Spent] = []
    _run(model, Request("edlm", "ar", replace(BASE, num_steps=1)))  # touches the weights
    for n, request in enumerate(asked):
        yield n / len(asked), list(found)
        found.append(spent(model, request))
    yield 1.0, found


def spent(model: Model, request: Request) -> Spent:
    """One run of it, seen by the profiler."""
    profile = cProfile.Profile(time.process_time, builtins=False)
    started = time.process_time()
    cost: Cost = profile.runcall(_run, model, request)
    seconds = time.process_time() - started
    config, spec = request.config, SAMPLERS[request.sampler]
    networks, denoiser = _seconds(profile, _NETWORKS), _seconds(profile, _DENOISER)
    return Spent(
        sampler=request.sampler,
        length=config.length,
        steps=config.num_steps if spec.keeps_timetable else config.length,
        candidates=config.num_candidates if spec.corrects else 1,
        texts=config.num_chains,
        seconds=seconds,
        denoiser=denoiser,
        energy=max(0.0, networks - denoiser) if cost.energy_calls or not spec.denoises else 0.0,
        draws=_seconds(profile, _DRAWS),
    )


def _run(model: Model, request: Request) -> Cost:
    cost = Cost()
    for _record in run_steps(model, request, cost):
        pass
    return cost


def _seconds(profile: cProfile.Profile, codes: Set[CodeType]) -> float:
    """In these functions and all that they call."""
    return sum(entry.totaltime for entry in profile.getstats() if entry.code in codes)
