"""How likely is a world's own text? Each figure that goes by that name, exact: for a perfect denoiser and energy.

No torch. In nats a text, in the mean over the world's texts.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from .reveals import divergence, entropy, laws_by_steps, marginal, subsets, total_correlation
from .world import World


def published_formula(world: World) -> float:
    """E over t of (1/t) · -log p(x_masked | x_visible): Σ_n mean over sets S of n positions of H(x_S | x_rest) / n.

    Given t the number of masked positions is binomial, and ∫ t^(n-1) (1-t)^(L-n) dt is one nth of one way in C(L, n).
    By Han's inequality it is at most the entropy of the world, and the same only where no word depends on another.
    """
    everything, total = frozenset(range(world.length)), 0.0
    whole = entropy(world.joint)
    for n in range(1, world.length + 1):
        sets = [everything - set(hidden) for hidden in combinations(everything, n)]
        total += sum(whole - entropy(marginal(world, visible)) for visible in sets) / len(sets) / n
    return total


def sampler_nlls(world: World, most: int) -> np.ndarray:
    """(most,): the world's texts under independent words in T = 1 .. most steps, positions by chance."""
    whole = entropy(world.joint)
    return np.array([whole + divergence(world.joint, law) for law in laws_by_steps(world, most)])


def sampler_bounds(world: World, most: int) -> np.ndarray:
    """(most,): the bound on `sampler_nlls` that takes the mean over orders outside of the logarithm (NELBO).

    It is the entropy and what the words of a step have to say about one another, in the mean over what a step meets."""
    L = world.length
    met = [
        (len(a), len(b - a), total_correlation(world, b - a, a))
        for b in subsets(frozenset(range(L)))
        for a in subsets(b)
    ]
    excess = [
        sum(
            nats * (n / T) ** seen * (1 / T) ** group * ((T - 1 - n) / T) ** (L - seen - group)
            for seen, group, nats in met
            if group > 1
            for n in range(T)
        )
        for T in range(1, most + 1)
    ]
    return entropy(world.joint) + np.array(excess)


def log_z_ends(share: float, agree: float, draws: int) -> tuple[float, float]:
    """Both ends of log Z in the mean, where log Z = 0: of `draws` >= 2 weights, each agree / share with probability
    `share` and (1 - agree) / (1 - share) else. The upper is (2n - 1) low_n - 2 (n - 1) low_(n-1)."""

    def low(n: int) -> float:
        good = np.arange(n + 1)
        law = np.array([math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in good])
        mean = (good * agree / share + (n - good) * (1 - agree) / (1 - share)) / n
        return float(law @ np.log(mean))

    return low(draws), (2 * draws - 1) * low(draws) - 2 * (draws - 1) * low(draws - 1)
