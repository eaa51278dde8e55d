"""What each published fault does to an exact law: the sampler as it should be, and with the fault. For the museum.

The faults themselves, as code, stand in `faults.py`, and tests hold these laws to what they do. No torch.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .bounds import published_formula
from .candidates import resampled_law
from .clashes import Clashes
from .reveals import divergence, entropy
from .world import World, random_world

EVIDENCE = 1000.0  # to one: what counts as noticed


class Effect(NamedTuple):
    """Two laws (N,) of the same outcomes."""

    right: np.ndarray
    wrong: np.ndarray

    @property
    def samples_to_notice(self) -> float:
        """How many outcomes it takes until they speak 1000 : 1 for the fault, in the mean; infinite where it does
        nothing."""
        nats = divergence(self.wrong, self.right)
        return math.log(EVIDENCE) / nats if nats > 1e-12 else math.inf


def flipped_sign(pairs: int, drafts: int) -> Effect:
    """Weights softmax(+E), by number of clashes."""
    law = Clashes(pairs)
    return Effect(law.taken(drafts), law.taken(drafts, sign=-1.0))


def unused_drafts(pairs: int, drafts: int) -> Effect:
    """Drafts are drawn and weighed, and the first is kept whatever its weight; by number of clashes."""
    law = Clashes(pairs)
    return Effect(law.taken(drafts), law.taken(1))


def small_world() -> World:
    return random_world(3, 3, 0.15, seed=0)


def probability_residual(drafts: int) -> Effect:
    """p_theta where log p_theta belongs, one step of `small_world` (27,)."""
    world = small_world()
    masked = (world.vocab_size,) * world.length
    q, table = world.factorised(masked), world.marginals(masked)
    residual = np.array([sum(table[i, v] for i, v in enumerate(x)) for x in world.sequences.tolist()])
    log_p = np.log(world.joint)
    return Effect(resampled_law(q, log_p - np.log(q), drafts), resampled_law(q, log_p - residual, drafts))


def mixed_chains(chains: int, drafts: int, agree: float) -> Effect:
    """Chains that have seen one word of a pair, every second one the other word: what chain 0 writes beside its own
    (agrees, clashes). Its place k gets what chain k mod B drew, and all weights are equal, since q is exact."""
    own = np.array([agree, 1 - agree])
    others = np.mean([own if k % chains % 2 == 0 else own[::-1] for k in range(drafts)], axis=0)
    return Effect(own, others)


def coarse_noise(p: float, steps: int, bits: int = 24) -> Effect:
    """A token of probability p in a race in the middle of `steps` steps: (it, any other)."""
    t = 0.5
    left = race_probability(p, t, t - 1 / steps, bits)
    return Effect(np.array([p, 1 - p]), np.array([left, 1 - left]))


def race_probability(p: float, t: float, s: float, bits: int = 24) -> float:
    """What a race of few bits against the mask makes of a token of probability p in a step from t to s: p_eff =
    p a / (e^a - 1), a = 2^-bits s / ((t - s) p). With more steps s / (t - s) grows, and rare tokens starve."""
    a = 2.0**-bits * s / ((t - s) * p)
    return p * a / math.expm1(a) if a < 700 else 0.0


def one_draw_log_z(pairs: int) -> tuple[float, float]:
    """log Z, and what one draw from q makes of it in the mean: KL(q ‖ p) below."""
    law = Clashes(pairs)
    return 0.0, -divergence(law.drawn, law.true)


def formula_for_a_bound() -> tuple[float, float]:
    """Nats a text of `small_world`: its entropy, which no model can have less than, and the published formula."""
    world = small_world()
    return entropy(world.joint), published_formula(world)
