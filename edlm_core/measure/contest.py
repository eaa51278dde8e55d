"""All samplers at stated cost: the exact distance in a small world, the error at real length in a Markov world, and
what an independent judge says of real text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from ..catalogue import NO_ENERGY, SAMPLERS
from ..config import Request, SampleConfig
from ..method.corrector import AHEAD
from ..method.energy import AutoregressiveEnergy
from ..method.samplers import steps_of
from ..method.sampling import start
from ..method.schedules import LogLinearSchedule
from ..method.timetable import REMASKING
from ..models.checkpoints import Model
from ..worlds.enumeration import Chain, State, corrector_law, over_schedules, remask_law, step_by_step
from ..worlds.exact import chain_law
from ..worlds.markov import MarkovDenoiser, MarkovLanguageModel, MarkovWorld, one_thread, sticky_world
from ..worlds.world import World, random_world, total_variation
from .measures import Measures
from .paired import closed
from .summary import Summary, figures
from .sweep import cells, sweep
from .telling import Tell, untold

SMALL: dict[str, Any] = {
    "vocab_size": 2,
    "length": 3,
    "concentration": 0.5,
    "seed": 16,
}  # a random world, enumerated at T = 3, K = 2
MARKOV_CHAINS, MARKOV_ROWS = 256, 1 << 15  # texts, and drafts of them, together in a batch


@dataclass(frozen=True)
class Contest(Summary):
    """One line of the table."""

    exact_tv: float | None  # distance to the target in the small world at T = 3, K = 2; None where not enumerated
    transition_error: float | None  # in the Markov world, at this T and K
    closed: tuple[float, float, float]  # share of the way from mdlm to ar by the first judge: estimate, 95 % interval


PLAN: tuple[tuple[str, str, int], ...] = (  # sampler, reveal, K; mdlm first, which the others are measured from
    ("mdlm", "random", 1),
    ("mdlm", "dilated", 1),
    ("remask", "random", 1),
    ("confidence", "random", 1),
    ("entropy", "random", 1),
    ("edlm", "random", 8),
    ("edlm", "dilated", 8),
    ("edlm-mh", "dilated", 8),
    ("i-sir", "dilated", 8),
    ("block", "dilated", 8),
    ("smc", "dilated", 8),
    ("gibbs", "dilated", 8),
    ("corrector", "dilated", 4),
    ("corrector", "dilated", 8),
    ("speculative", "–", 1),
    ("speculative", "–", 4),
    ("ar", "–", 1),
)


def contest_requests(config: SampleConfig, energy: str) -> list[Request]:
    """The lines of PLAN, all else as in `config`. Raises Refusal."""
    requests = []
    for name, reveal, K in PLAN:
        own = replace(config, num_candidates=K, reveal="random" if reveal == "–" else reveal)
        spec = SAMPLERS[name]
        own = own if spec.denoises else replace(own, num_steps=config.length)  # one token a step, whatever is asked
        requests.append(Request(name, energy if spec.asks_energy else NO_ENERGY.name, own))
    return requests


def contests(
    model: Model, requests: Sequence[Request], judges: Sequence[str], *, tell: Tell = untold
) -> Iterator[Contest]:
    """The lines as they are measured, `ar` last. The first judge decides how much of the way is closed: choose one
    that is not the energy."""
    goal_first = sorted(requests, key=lambda request: SAMPLERS[request.sampler].denoises)
    measured = cells(sweep(model, goal_first, judges), tell)
    ar, mdlm = next(measured), next(measured)
    yield _line(mdlm, mdlm, ar, judges[0])
    for measures in measured:
        yield _line(measures, mdlm, ar, judges[0])
    yield _line(ar, mdlm, ar, judges[0])


def _line(measures: Measures, mdlm: Measures, ar: Measures, judge: str) -> Contest:
    request = measures.asked
    return Contest(
        **figures(measures),
        exact_tv=exact_distance(request.sampler),
        transition_error=markov_error(request.sampler, request.config),
        closed=closed(mdlm.judge_nll[judge], measures.judge_nll[judge], ar.judge_nll[judge]),
    )


def exact_distance(name: str, steps: int = 3, K: int = 2) -> float | None:
    """Total variation between the exact law of a sampler and its target in the small world; None for `smc`, whose
    law is enumerated only in a smaller one (tests)."""
    world = random_world(**SMALL)
    law = exact_law(world, name, steps, K)
    return None if law is None else total_variation(world.joint, law)


def exact_law(world: World, name: str, steps: int, K: int) -> np.ndarray | None:
    """(V^L,) probabilities of the texts that a sampler writes in a world; None where they are not enumerated."""
    law = LAWS.get(name)
    return None if law is None else law(world, steps, K)


Law = Callable[[World, int, int], np.ndarray]  # world, T, K -> (V^L,)


def _plain(world: World, steps: int, K: int) -> np.ndarray:
    return chain_law(world, LogLinearSchedule(), steps, 1)


def _edlm(world: World, steps: int, K: int) -> np.ndarray:
    return chain_law(world, LogLinearSchedule(), steps, K)


def _target(world: World, steps: int, K: int) -> np.ndarray:
    return world.joint


def _remask(world: World, steps: int, K: int) -> np.ndarray:
    return remask_law(world, steps, REMASKING)


def _by_rule(rule: Callable[..., State]) -> Law:
    """Of a sampler with another rule, over all schedules."""
    return lambda world, steps, K: _over_schedules(Chain(world, K), rule, steps)


def _by_order(order: str) -> Law:
    """Of `mdlm` in another order."""
    return lambda world, steps, K: _over_schedules(Chain(world, 1), Chain.edlm, steps, order)


def _over_schedules(chain: Chain, rule: Callable[..., State], steps: int, order: str | None = None) -> np.ndarray:
    laws = [
        step_by_step(chain, partial(rule, chain), at, steps, order) for at in over_schedules(chain.world.length, steps)
    ]
    return np.mean(laws, axis=0)


def _mended(reach: int | None) -> Law:
    return lambda world, steps, K: corrector_law(Chain(world, K), steps, reach, first=-(-5 * steps // 8))


LAWS: dict[str, Law] = {  # `smc` has its enumerated in a smaller world, in the tests
    "mdlm": _plain,
    "edlm": _edlm,
    "edlm-mh": _by_rule(Chain.edlm_mh),
    "i-sir": _by_rule(Chain.i_sir),
    "block": _by_rule(Chain.block),
    "gibbs": _mended(None),
    "corrector": _mended(AHEAD),
    "remask": _remask,
    "confidence": _by_order("confidence"),
    "entropy": _by_order("entropy"),
    "speculative": _target,
    "ar": _target,
}


def markov_error(
    name: str, how: SampleConfig, *, num_texts: int = 256, world: MarkovWorld | None = None, tell: Tell = untold
) -> float | None:
    """Transition error of a sampler in the Markov world, with the T, K and reveal order of `how`; None for `ar`, which
    is the world itself."""
    if not SAMPLERS[name].denoises:
        return None
    world = world or sticky_world()
    reader = MarkovLanguageModel(world)
    models = MarkovDenoiser(world), AutoregressiveEnergy(reader), reader, LogLinearSchedule()
    config = SampleConfig(
        length=world.length, num_steps=how.num_steps, num_candidates=how.num_candidates, reveal=how.reveal
    )
    texts, together = [], min(MARKOV_CHAINS, max(1, MARKOV_ROWS // how.num_candidates))
    with one_thread():
        for first in range(0, num_texts, together):
            size = min(together, num_texts - first)
            part = replace(config, num_chains=size, seed=first)
            x_0 = start(world.vocab_size, part, None)
            for record in steps_of(name, *models, part):
                x_0[record.chains] = record.x_s
                tell((first + size * (1 - float(record.s.mean()))) / num_texts, f"{name} in the Markov world")
            texts.append(x_0)
    return world.transition_error(torch.cat(texts))


def chance_error(num_texts: int = 256, rounds: int = 8) -> float:
    """The transition error that texts of the Markov world itself have, by chance: mean over rounds."""
    world, generator = sticky_world(), torch.Generator().manual_seed(0)
    return float(np.mean([world.transition_error(world.draw(num_texts, generator)) for _ in range(rounds)]))
