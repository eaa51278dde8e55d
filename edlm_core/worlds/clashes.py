"""Texts of M pairs that must agree, summed up by their number of clashes: exact at any length, where no table of texts
would fit. All texts with as many clashes are equally likely under world and denoiser alike, and have one weight.
No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .candidates import expected_ess, resampled_law


@dataclass(frozen=True)
class Clashes:
    """`pairs` M, each of which agrees with probability `agree` in the world, and every second time by independent
    draws. Arrays (M + 1,) are by number of clashes."""

    pairs: int
    agree: float = 0.99

    @cached_property
    def drawn(self) -> np.ndarray:
        """Their law where all words are drawn independently."""
        return np.array([math.comb(self.pairs, n) for n in range(self.pairs + 1)]) / 2.0**self.pairs

    @cached_property
    def true(self) -> np.ndarray:
        """Their law in the world."""
        return np.array(
            [
                math.comb(self.pairs, n) * self.agree ** (self.pairs - n) * (1 - self.agree) ** n
                for n in range(self.pairs + 1)
            ]
        )

    @cached_property
    def log_w(self) -> np.ndarray:
        """log p - log q of a text with so many clashes: the exact energy with its sign changed."""
        n = np.arange(self.pairs + 1)
        return (self.pairs - n) * math.log(2 * self.agree) + n * math.log(2 * (1 - self.agree))

    def taken(self, drafts: int, temperature: float = 1.0, sign: float = 1.0) -> np.ndarray:
        """Their law in the draft that is taken among so many."""
        return resampled_law(self.drawn, sign * self.log_w / temperature, drafts)

    def having_a_say(self, drafts: int, temperature: float = 1.0) -> float:
        """Effective sample size, in the mean over all that might be drawn."""
        return expected_ess(self.drawn, self.log_w / temperature, drafts)

    @property
    def worth(self) -> float:
        """What share of many drafts has a say, 1 / E[w²]: each further pair takes the same factor off it."""
        return float(1 / (self.drawn * np.exp(2 * self.log_w)).sum())
