"""All samplers at stated cost: the exact distance in a small world, the error at real length in a Markov world, and
what an independent judge says of real text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..config import UNCORRECTED, Request, SampleConfig
from ..method.corrector import AHEAD
from ..method.energy import AutoregressiveEnergy
from ..method.samplers import steps_of
from ..method.sampling import finish
from ..method.schedules import LogLinearSchedule
from ..method.timetable import REMASKING
from ..models.checkpoints import Model
from ..runs import metrics
from ..runs.steps import judge_by_name
from ..worlds.enumeration import Chain, corrector_law, over_schedules, remask_law, step_by_step
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
    for name, reveal, K in sorted(PLAN, key=lambda line: line[0] != "ar"):  # ar first, it is the goal
        config = SampleConfig(
            length=length, num_steps=steps, num_candidates=K, num_chains=num_texts, seed=seed,
            reveal="random" if reveal == "–" else reveal,
        )  # fmt: skip
        x_0, cost = sample_many(model, Request(name, "none" if name in UNCORRECTED else energy, config))
        generated = torch.ones_like(x_0, dtype=torch.bool)
        scores = {j: metrics.judge_nll(judge_by_name(model, j), x_0.to(model.device), generated) for j in judges}
        nll[name, reveal, K] = np.array(scores[judges[0]])
        batches = -(-num_texts // 16)
        held.append((name, reveal, K, cost, scores, x_0, batches))
        if name == "ar":
            continue
        yield _line(held[-1], nll, length, steps)
    yield _line(held[0], nll, length, steps)


def _line(measured: tuple, nll: dict, length: int, steps: int) -> Contest:
    name, reveal, K, cost, scores, x_0, batches = measured
    return Contest(
        name, reveal, length if name == "ar" else steps, K, cost.denoiser_calls / batches, cost.scored / batches,
        exact_distance(name), markov_error(name, reveal, steps, K),
        {judge: metrics.mean_interval(values) for judge, values in scores.items()},
        metrics.mean_interval([metrics.token_entropy(ids) for ids in x_0.tolist()]),
        closed(nll["mdlm", "random", 1], nll[name, reveal, K], nll["ar", "–", 1]),
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
    """(V^L,) probabilities of the texts that a sampler writes in a world."""
    if name in ("ar", "speculative"):
        return world.joint
    if name in ("mdlm", "edlm"):
        return chain_law(world, LogLinearSchedule(), steps, 1 if name == "mdlm" else K)
    if name == "remask":
        return remask_law(world, steps, REMASKING)
    if name in ("gibbs", "corrector"):
        return corrector_law(Chain(world, K), steps, AHEAD if name == "corrector" else None, first=-(-5 * steps // 8))
    if name == "smc":
        return None
    order = name if name in ("confidence", "entropy") else None
    chain = Chain(world, K if order is None else 1)
    rule = {"edlm-mh": chain.edlm_mh, "i-sir": chain.i_sir, "block": chain.block}.get(name, chain.edlm)
    laws = [step_by_step(chain, rule, at, steps, order) for at in over_schedules(world.length, steps)]
    return np.mean(laws, axis=0)


def markov_error(
    name: str, reveal: str, steps: int, K: int, *, num_texts: int = 256, world: MarkovWorld | None = None
) -> float | None:
    """Transition error of a sampler in the Markov world; None for `ar`, which is the world itself."""
    if name == "ar":
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
