"""What it costs to reveal words together: exact, for independent words (K = 1) in any order and any number of steps.

A text whose groups of positions are revealed one after the other has the law Π_groups Π_(i in group) p(x_i | x_seen).
A world of V^L texts is an array of L axes here, so all texts are done at once. No torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

from .world import World

Positions = frozenset[int]
NONE: Positions = frozenset()


def marginal(world: World, positions: Positions) -> np.ndarray:
    """p(x_positions), with an axis of length 1 for every other position: L axes."""
    joint = world.joint.reshape((world.vocab_size,) * world.length)
    others = tuple(i for i in range(world.length) if i not in positions)
    return joint.sum(axis=others, keepdims=True) if others else joint


def drawn_together(world: World, group: Positions, seen: Positions) -> np.ndarray:
    """Π_(i in group) p(x_i | x_seen): what independent draws make of a group. L axes, 0 after what is impossible."""
    law, before = np.ones((1,) * world.length), marginal(world, seen)
    for i in group:
        both = marginal(world, seen | {i})
        law = law * np.divide(both, before, out=np.zeros_like(both), where=before > 0)
    return law


def law_of_groups(world: World, groups: Iterable[Positions]) -> np.ndarray:
    """(V^L,) law of a text whose groups are revealed in this order; together they hold every position once."""
    law, seen = np.ones((world.vocab_size,) * world.length), NONE
    for group in groups:
        law, seen = law * drawn_together(world, group, seen), seen | group
    return law.ravel()


def laws_by_steps(world: World, most: int) -> np.ndarray:
    """(most, V^L): the laws for T = 1 .. most steps where chance decides what each reveals (log-linear).

    Each position falls to one of T steps, all alike. So a way of m groups in order is met with C(T, m) / T^L, and one
    pass over the sets of positions, by number of groups, serves every T.
    """
    L = world.length
    everything = frozenset(range(L))
    sums: dict[Positions, np.ndarray] = {NONE: np.ones((1,) * L)}
    by_groups = []  # of m = 1 .. L: the sum of the laws of all ways of m groups
    factors = {(a, b - a): drawn_together(world, b - a, a) for b in subsets(everything) for a in subsets(b) if a < b}
    for _ in range(L):
        after: dict[Positions, np.ndarray] = {}
        for (seen, group), factor in factors.items():
            if seen in sums:
                after[seen | group] = after.get(seen | group, 0) + sums[seen] * factor
        sums = after
        by_groups.append(np.broadcast_to(after.get(everything, 0.0), (world.vocab_size,) * L).ravel())
    share = np.array([[math.comb(T, m) / T**L for m in range(1, L + 1)] for T in range(1, most + 1)])
    return share @ np.stack(by_groups)


def subsets(positions: Positions) -> Iterator[Positions]:
    for size in range(len(positions) + 1):
        yield from map(frozenset, combinations(sorted(positions), size))


def entropy(p: np.ndarray) -> float:
    """Of a law of any shape, in nats."""
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def total_correlation(world: World, group: Positions, seen: Positions) -> float:
    """Nats that the words of a group say about one another, given those seen: Σ H(x_i | seen) - H(group | seen).

    Summed over the groups of an order it is the divergence KL(world ‖ law of the order)."""
    alone = sum(entropy(marginal(world, seen | {i})) - entropy(marginal(world, seen)) for i in group)
    return alone - (entropy(marginal(world, seen | group)) - entropy(marginal(world, seen)))


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p ‖ q) in nats of two laws (N,); q > 0 wherever p is."""
    met = p > 0
    return float((p[met] * np.log(p[met] / q[met])).sum())


def far_apart(length: int, steps: int) -> list[Positions]:
    """Groups of positions `steps` apart: as far from one another as they can be."""
    return [frozenset(range(n, length, steps)) for n in range(steps)]


def neighbours(length: int, steps: int) -> list[Positions]:
    """Groups of neighbours, from left to right."""
    return [frozenset(group.tolist()) for group in np.array_split(np.arange(length), steps)]


def by_chance(length: int, steps: int, rng: np.random.Generator) -> list[Positions]:
    """Groups that a log-linear schedule brings, step after step; a step may have none."""
    at = rng.integers(steps, size=length)
    return [frozenset(np.flatnonzero(at == n).tolist()) for n in range(steps)]


def write(world: World, groups: Iterable[Positions], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """One text as it is written: what stands after each group, the mask V where nothing does."""
    x, states = [world.vocab_size] * world.length, []
    for group in groups:
        table = world.marginals(tuple(x))
        for i in group:
            x[i] = int(rng.choice(world.vocab_size, p=table[i]))
        states.append(tuple(x))
    return states


def sampled(law: np.ndarray, count: int, seed: int) -> np.ndarray:
    """(count,) outcomes of a law (N,): the first `count` of an endless row that the seed has."""
    points = np.random.default_rng(seed).random(count)
    return np.searchsorted(law.cumsum() / law.sum(), points, side="right")
