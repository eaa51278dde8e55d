"""What the energy changed at every masked position: the marginal against the corrected one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .pool import Pool

PERMUTATIONS = 400


@dataclass(frozen=True)
class Correction:
    """One step. Both marginals are estimated by the same K candidates: counted evenly they stand for p_theta,
    counted by weight for the corrected law. K candidates differ in weight, so even an energy that knows nothing
    of a position moves its tokens a little: `chance` is by how much on average, over shuffles of the weights."""

    kl: np.ndarray  # (L,) KL(corrected || marginal) in nats, 0 where visible
    tv: np.ndarray  # (L,) total variation, 0 to 1
    chance_kl: np.ndarray  # (L,)
    chance_tv: np.ndarray  # (L,)

    @property
    def excess(self) -> np.ndarray:
        """(L,) TV beyond chance; may be negative."""
        return self.tv - self.chance_tv


def correction_of(pool: Pool, seed: int = 0) -> Correction:
    """At every position: how far the weights move its tokens, and how far shuffled weights would."""
    K, L = pool.candidate.shape
    zero = np.zeros(L)
    if K == 1:
        return Correction(zero, zero, zero, zero)
    same = pool.candidate[:, None] == pool.candidate[None]  # (K, K, L)
    count = same.sum(0)  # (K, L) how many candidates have this one's token
    mass = np.einsum("k,kjl->jl", pool.weight, same)  # (K, L) what they weigh together
    once = 1 / count  # each token of a position is met `count` times
    kl, tv = _kl(mass, count / K), abs(mass - count / K) / 2

    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.tile(pool.weight, (PERMUTATIONS, 1)), axis=1).cumsum(1)  # (P, K) mass of c candidates
    even = np.arange(1, K + 1) / K
    by_count = {"kl": _kl(shuffled, even).mean(0), "tv": abs(shuffled - even).mean(0) / 2}
    return Correction(
        *(
            (values * once).sum(0) * pool.masked
            for values in (kl, tv, by_count["kl"][count - 1], by_count["tv"][count - 1])
        )
    )


def _kl(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """p log(p / q), 0 at p = 0."""
    return p * np.log(np.where(p > 0, p, 1) / q)


@dataclass(frozen=True)
class Mover:
    """A position, the token that gained most there and the one that lost most."""

    position: int
    tv: float
    chance_tv: float
    gained: tuple[int, float, float]  # token, its share of the K candidates, its share of the weight
    lost: tuple[int, float, float]


def movers(pool: Pool, correction: Correction, top: int = 8) -> list[Mover]:
    """The positions that moved most beyond chance, the most moved first."""
    order = [int(i) for i in np.argsort(-correction.excess, kind="stable") if correction.tv[i] > 0][:top]
    found = []
    for i in order:
        tokens, place = np.unique(pool.candidate[:, i], return_inverse=True)
        even = np.bincount(place) / len(place)
        weighed = np.bincount(place, pool.weight)
        up, down = int((weighed - even).argmax()), int((weighed - even).argmin())
        found.append(
            Mover(
                i,
                float(correction.tv[i]),
                float(correction.chance_tv[i]),
                (int(tokens[up]), float(even[up]), float(weighed[up])),
                (int(tokens[down]), float(even[down]), float(weighed[down])),
            )
        )
    return found


def over_steps(pools: Sequence[Pool]) -> list[Correction]:
    return [correction_of(pool, seed=pool.step) for pool in pools]
