"""Worlds small enough to enumerate: a joint table over all V^L clean sequences, where every probability is exact.

No torch, so that a page can teach from one before anything has loaded.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np

MAX_STATES = 10_000


@dataclass(frozen=True)
class World:
    """joint (V^L,) probabilities; index = the sequence read as a number in base V, first position
    the most significant digit."""

    joint: np.ndarray
    vocab_size: int
    length: int

    def __post_init__(self) -> None:
        if len(self.joint) != self.vocab_size**self.length or len(self.joint) > MAX_STATES:
            raise ValueError(
                f"expected V^L = {self.vocab_size}^{self.length} <= {MAX_STATES} probabilities, got {len(self.joint)}"
            )

    @cached_property
    def sequences(self) -> np.ndarray:
        """(V^L, L) every clean sequence, in the order of `joint`."""
        return np.array(list(itertools.product(range(self.vocab_size), repeat=self.length)))

    def completions(self, x_t: tuple[int, ...]) -> np.ndarray:
        """Indices of the clean sequences that agree with x_t where it is visible."""
        visible = np.array(x_t) != self.vocab_size
        return np.flatnonzero((self.sequences[:, visible] == np.array(x_t)[visible]).all(1))

    def marginals(self, x_t: tuple[int, ...]) -> np.ndarray:
        """Exact p(x_0^i | x_t) for every position: (L, V). Uniform where x_t is impossible."""
        rows = self.completions(x_t)
        p = self.joint[rows]
        p = p / p.sum() if p.sum() > 0 else np.full(len(rows), 1 / len(rows))
        table = np.zeros((self.length, self.vocab_size))
        for i in range(self.length):
            np.add.at(table[i], self.sequences[rows, i], p)
        return table

    def factorised(self, x_t: tuple[int, ...]) -> np.ndarray:
        """q(x_0 | x_t) = product of marginals over the completions of x_t: (number of completions,)."""
        table = self.marginals(x_t)
        rows = self.sequences[self.completions(x_t)]
        masked = [i for i in range(self.length) if x_t[i] == self.vocab_size]
        return np.prod([table[i, rows[:, i]] for i in masked], axis=0) if masked else np.ones(len(rows))


def pairs_world(pairs: int = 2, agree: float = 0.99) -> World:
    """Pairs of words that must agree: (0,0) or (1,1) in each pair, with probability `agree`. Every marginal is a fair
    coin; drawn independently, half of the pairs contradict themselves."""
    pair = np.array([agree / 2, (1 - agree) / 2, (1 - agree) / 2, agree / 2])
    joint = np.ones(1)
    for _ in range(pairs):
        joint = np.kron(joint, pair)
    return World(joint, vocab_size=2, length=2 * pairs)


def random_world(vocab_size: int, length: int, concentration: float, seed: int) -> World:
    """A joint table drawn from a Dirichlet: strongly coupled when `concentration` is small."""
    rng = np.random.default_rng(seed)
    return World(rng.dirichlet(np.full(vocab_size**length, concentration)), vocab_size, length)


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """Half the L1 distance, between 0 (equal) and 1 (never the same text)."""
    return float(np.abs(p - q).sum() / 2)
