"""All samplers at stated cost: the exact distance in a small world, the error at real length in a Markov world, and
what an independent judge says of real text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from ..catalogue import BASELINE, NO_ENERGY, PLAIN, SAMPLERS
from ..config import Request, SampleConfig
from ..method.corrector import AHEAD
from ..method.energy import AutoregressiveEnergy
from ..method.samplers import steps_of
from ..method.sampling import finish
from ..method.schedules import LogLinearSchedule
from ..method.timetable import REMASKING
from ..models.checkpoints import Model
from ..runs import metrics
from ..runs.steps import judge_by_name
from ..worlds.enumeration import Chain, State, corrector_law, over_schedules, remask_law, step_by_step
from ..worlds.exact import World, chain_law, random_world, total_variation
from ..worlds.markov import MarkovDenoiser, MarkovLanguageModel, MarkovWorld, sticky_world
from .evaluation import sample_many

SMALL = {"vocab_size": 2, "length": 3, "concentration": 0.5, "seed": 16}  # a random world, enumerated at T = 3, K = 2
RESAMPLES = 1000  # of the texts, for the interval of a ratio


@dataclass(frozen=True)
class Contest:
    """One line of the table."""

    sampler: str
    reveal: str
    steps: int
    candidates: int
    denoiser_calls: float  # a text
    scored: float  # candidates that the energy read, a text
    exact_tv: float | None  # distance to the target in the small world at T = 3, K = 2; None where not enumerated
    transition_error: float | None  # in the Markov world, at this T and K
    judge_nll: dict[str, tuple[float, float]]
    entropy: tuple[float, float]
    closed: tuple[float, float, float]  # share of the way from mdlm to ar by the first judge: estimate, 95 % interval


PLAN: tuple[tuple[str, str, int], ...] = (  # sampler, reveal, K
    ("mdlm", "random", 1), ("mdlm", "dilated", 1), ("remask", "random", 1), ("confidence", "random", 1),
    ("entropy", "random", 1), ("edlm", "random", 8), ("edlm", "dilated", 8), ("edlm-mh", "dilated", 8),
    ("i-sir", "dilated", 8), ("block", "dilated", 8), ("smc", "dilated", 8), ("gibbs", "dilated", 8),
    ("corrector", "dilated", 4), ("corrector", "dilated", 8), ("speculative", "–", 1), ("speculative", "–", 4),
    ("ar", "–", 1),
)  # fmt: skip


def contests(
    model: Model, *, num_texts: int, length: int, steps: int, energy: str, judges: Sequence[str], seed: int
) -> Iterator[Contest]:
    """The lines as they are measured. The first judge decides how much of the way is closed: choose one that is not
    the energy."""
    nll: dict[tuple[str, str, int], np.ndarray] = {}
    held = []
    for name, reveal, K in sorted(PLAN, key=lambda line: SAMPLERS[line[0]].denoises):  # ar first, it is the goal
        config = SampleConfig(
            length=length, num_steps=steps, num_candidates=K, num_chains=num_texts, seed=seed,
            reveal="random" if reveal == "–" else reveal,
        )  # fmt: skip
        x_0, cost = sample_many(model, Request(name, energy if SAMPLERS[name].asks_energy else NO_ENERGY.name, config))
        generated = torch.ones_like(x_0, dtype=torch.bool)
        scores = {j: metrics.judge_nll(judge_by_name(model, j), x_0.to(model.device), generated) for j in judges}
        nll[name, reveal, K] = np.array(scores[judges[0]])
        batches = -(-num_texts // 16)
        held.append((name, reveal, K, cost, scores, x_0, batches))
        if not SAMPLERS[name].denoises:
            continue
        yield _line(held[-1], nll, length, steps)
    yield _line(held[0], nll, length, steps)


def _line(measured: tuple, nll: dict, length: int, steps: int) -> Contest:
    name, reveal, K, cost, scores, x_0, batches = measured
    return Contest(
        name, reveal, steps if SAMPLERS[name].denoises else length, K,
        cost.denoiser_calls / batches, cost.scored / batches,
        exact_distance(name), markov_error(name, reveal, steps, K),
        {judge: metrics.mean_interval(values) for judge, values in scores.items()},
        metrics.mean_interval([metrics.token_entropy(ids) for ids in x_0.tolist()]),
        closed(nll[PLAIN.name, "random", 1], nll[name, reveal, K], nll[BASELINE.name, "–", 1]),
    )  # fmt: skip


def closed(mdlm: np.ndarray, own: np.ndarray, ar: np.ndarray) -> tuple[float, float, float]:
    """(mdlm - own) / (mdlm - ar) of means over texts paired by seed, and its 95 % bootstrap interval."""
    rows = np.random.default_rng(0).integers(len(own), size=(RESAMPLES, len(own)))
    share = (mdlm[rows].mean(1) - own[rows].mean(1)) / (mdlm[rows].mean(1) - ar[rows].mean(1))
    low, high = np.quantile(share, [0.025, 0.975])
    return float((mdlm.mean() - own.mean()) / (mdlm.mean() - ar.mean())), float(low), float(high)


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
    name: str, reveal: str, steps: int, K: int, *, num_texts: int = 256, world: MarkovWorld | None = None
) -> float | None:
    """Transition error of a sampler in the Markov world; None for `ar`, which is the world itself."""
    if not SAMPLERS[name].denoises:
        return None
    world = world or sticky_world()
    reader = MarkovLanguageModel(world)
    config = SampleConfig(
        length=world.length, num_steps=steps, num_candidates=K, num_chains=num_texts,
        reveal="random" if reveal == "–" else reveal,
    )  # fmt: skip
    models = MarkovDenoiser(world), AutoregressiveEnergy(reader), reader, LogLinearSchedule()
    x_0 = finish(world.vocab_size, config, tuple(steps_of(name, *models, config))).x_0
    return world.transition_error(x_0)


def chance_error(num_texts: int = 256, rounds: int = 8) -> float:
    """The transition error that texts of the Markov world itself have, by chance: mean over rounds."""
    world, generator = sticky_world(), torch.Generator().manual_seed(0)
    return float(np.mean([world.transition_error(world.draw(num_texts, generator)) for _ in range(rounds)]))
