"""Are words that a step revealed together less coherent than words revealed apart? Pairs of a finished text by the
steps that wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .pool import Pool

SHUFFLES = 1000
GIVEN = -1  # the step of a word that no step wrote


@dataclass(frozen=True)
class Coupled:
    """A finished text: what its words do for each other, and which recorded step wrote each."""

    sampler: str
    seed: int
    couplings: np.ndarray  # (L, L) nats, as `Substitutions` gives them
    step: np.ndarray  # (L,) GIVEN where the prompt did


@dataclass(frozen=True)
class TextPairs:
    """All P pairs of positions i < j that were written, a (P,) array each. `nats`: what each of the two words does for
    the other, both ways summed; above 0: they support each other, below: they contradict each other."""

    i: np.ndarray
    j: np.ndarray
    nats: np.ndarray
    step_i: np.ndarray
    step_j: np.ndarray

    @property
    def together(self) -> np.ndarray:
        """Drawn in one step, neither knowing of the other."""
        return self.step_i == self.step_j

    @property
    def distance(self) -> np.ndarray:
        return self.j - self.i


@dataclass(frozen=True)
class Split:
    """Mean nats a pair. Neighbours are coupled most, whenever they were written, so `difference` compares the pairs
    revealed together with pairs apart of the same distances. `low` to `high` holds what 95 % of SHUFFLES bring that
    deal the same steps to the words anew: where the order of revealing is random, what chance alone would show."""

    together: float
    apart: float
    num_together: int
    num_apart: int
    difference: float
    low: float
    high: float

    @property
    def beyond_chance(self) -> bool:
        return not self.low <= self.difference <= self.high


def written_at(pools: Sequence[Pool]) -> np.ndarray:
    """(L,) the recorded step that wrote each position last, GIVEN where none did."""
    step = np.full(len(pools[0].x_t), GIVEN)
    for n, pool in enumerate(pools):
        step[pool.revealed] = n
    return step


def text_pairs(coupled: Coupled) -> TextPairs:
    step, both = coupled.step, coupled.couplings + coupled.couplings.T
    written = step != GIVEN
    i, j = np.where(np.triu(written[:, None] & written, 1))
    return TextPairs(i, j, both[i, j], step[i], step[j])


def split(coupled: Coupled, seed: int = 0) -> Split | None:
    """None where no step wrote two words, or one wrote them all."""
    pairs = text_pairs(coupled)
    together = pairs.together
    if together.all() or not together.any():
        return None
    rng = np.random.default_rng(seed)
    places = np.flatnonzero(coupled.step != GIVEN)
    dealt = coupled.step.copy()
    by_chance = np.empty(SHUFFLES)
    for n in range(SHUFFLES):
        dealt[places] = rng.permutation(coupled.step[places])
        by_chance[n] = difference_at_equal_distance(pairs, dealt[pairs.i] == dealt[pairs.j])
    low, high = np.nanquantile(by_chance, [0.025, 0.975])
    return Split(
        float(pairs.nats[together].mean()),
        float(pairs.nats[~together].mean()),
        int(together.sum()),
        int((~together).sum()),
        difference_at_equal_distance(pairs, together),
        float(low),
        float(high),
    )


def difference_at_equal_distance(pairs: TextPairs, together: np.ndarray) -> float:
    """Mean nats of the pairs `together` (P,) less that of the others, by distance, the distances weighed as the pairs
    together have them; nan where no distance has both."""
    d = pairs.distance
    n_one, n_other = np.bincount(d, together), np.bincount(d, ~together)
    both = (n_one > 0) & (n_other > 0)
    if not both.any():
        return float("nan")
    one, other = np.bincount(d, pairs.nats * together), np.bincount(d, pairs.nats * ~together)
    return float((one[both] - other[both] * n_one[both] / n_other[both]).sum() / n_one[both].sum())
