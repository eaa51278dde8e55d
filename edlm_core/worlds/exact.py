"""A world's exact denoiser and energy in the shape of networks, and the exact law of a whole chain.

For tests and `exact` on the command line. They are stand-ins, so the very code that samples text is what gets tested.
The law of a chain is dynamic programming over the (V + 1)^L partially masked states.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from ..method.language_models import Reading
from ..method.proposals import Proposals
from ..method.schedules import NoiseSchedule, time_grid
from .candidates import candidate_law
from .world import World

Law = dict[tuple[int, ...], float]  # of a partly masked state


class ExactDenoiser:
    """The world's exact conditional marginals, in the shape of a network."""

    def __init__(self, world: World) -> None:
        self.world, self.vocab_size = world, world.vocab_size

    def __call__(self, x_t: Tensor, t: Tensor, masked: Tensor) -> Tensor:
        seen, place = x_t.unique(dim=0, return_inverse=True)  # in a small world many rows are the same
        tables = np.stack([self.world.marginals(tuple(row)) for row in seen.tolist()])
        return torch.from_numpy(tables)[place][masked].log()


class ExactEnergy:
    """E = log q(x_0 | x_t) - log p(x_0): makes q · exp(-E) the world's own posterior."""

    def __init__(self, world: World) -> None:
        self.language_model, self.vocab_size = ExactLanguageModel(world), world.vocab_size

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        return proposals.token_log_q - self.language_model.token_log_probs(proposals.x_0)


class ExactLanguageModel:
    """The world's joint read from left to right, in the shape of a network: log p(x_0^i | x_0^{<i})."""

    def __init__(self, world: World) -> None:
        V, L = world.vocab_size, world.length
        tables = []
        for i in range(L):  # (V^i, V): the law of position i for each prefix
            prefix = world.joint.reshape(V ** (i + 1), -1).sum(1).reshape(-1, V)
            total = prefix.sum(1, keepdims=True)
            # After an impossible prefix anything goes: the prefix has cost everything already.
            tables.append(torch.from_numpy(np.divide(prefix, total, out=np.ones_like(prefix), where=total > 0)).log())
        self.tables, self.vocab_size = tables, V

    def token_log_probs(self, x_0: Tensor) -> Tensor:
        """(..., L) ids -> (..., L) float64."""
        laws = torch.stack([table[prefix] for table, prefix in zip(self.tables, self._prefixes(x_0), strict=True)], -2)
        return laws.gather(-1, x_0[..., None])[..., 0]

    def read(self, x_0: Tensor) -> Reading:
        prefixes = self._prefixes(x_0)

        def law(rows: Tensor, i: int) -> Tensor:
            return self.tables[i][prefixes[i][rows]]

        return Reading(self.token_log_probs(x_0), law)

    def _prefixes(self, x_0: Tensor) -> list[Tensor]:
        """What stands before each position, as a number in base V: L of (...)."""
        before = [torch.zeros_like(x_0[..., 0])]
        for token in x_0.unbind(-1)[:-1]:
            before.append(before[-1] * self.vocab_size + token)
        return before


def _reveal(world: World, x_t: tuple[int, ...], chosen: np.ndarray, subset: Sequence[int]) -> Law:
    """The law of x_s when a candidate's tokens at `subset` are revealed."""
    after: Law = {}
    for row, p in zip(world.sequences[world.completions(x_t)], chosen, strict=True):
        x_s = tuple(int(row[i]) if i in subset else token for i, token in enumerate(x_t))
        after[x_s] = after.get(x_s, 0.0) + p
    return after


def _moves(world: World, x_t: tuple[int, ...], chosen: np.ndarray) -> Iterator[tuple[int, Law]]:
    """For every subset of the masked positions: how many they are, and the law of x_s when they are revealed."""
    masked = [i for i, token in enumerate(x_t) if token == world.vocab_size]
    for count in range(len(masked) + 1):
        for subset in itertools.combinations(masked, count):
            yield count, _reveal(world, x_t, chosen, subset)


def chain_law(
    world: World,
    schedule: NoiseSchedule,
    num_steps: int,
    num_candidates: int = 1,
    *,
    window: tuple[float, float] = (0.0, 1.0),
    sign: float = 1.0,
    energy_temperature: float = 1.0,
) -> np.ndarray:
    """Exact law (V^L,) of the final text of the EDLM chain with the world's exact denoiser and
    energy; K = 1 is MDLM. `sign = -1` is the published fault, weights softmax(+E)."""
    mask = world.vocab_size
    grid = time_grid(num_steps).numpy()
    alpha = schedule.alpha(time_grid(num_steps)).numpy()
    law_of: Law = {(mask,) * world.length: 1.0}
    moves: dict[tuple[tuple[int, ...], int], list[tuple[int, Law]]] = {}  # of a state and K: the same at every step
    for n in range(num_steps):
        K = num_candidates if window[0] <= grid[n] <= window[1] else 1
        reveal = (alpha[n + 1] - alpha[n]) / (1 - alpha[n])
        after: Law = {}
        for x_t, mass in law_of.items():
            if (x_t, K) not in moves:
                chosen = candidate_law(world, x_t, K, sign=sign, energy_temperature=energy_temperature)
                moves[x_t, K] = list(_moves(world, x_t, chosen))
            for count, revealed in moves[x_t, K]:
                share = mass * reveal**count * (1 - reveal) ** (x_t.count(mask) - count)
                if share > 0:
                    for x_s, p in revealed.items():
                        after[x_s] = after.get(x_s, 0.0) + share * p
        law_of = after
    return _of_texts(world, law_of)


def scheduled_law(world: World, reveal_at: Sequence[int], num_candidates: int = 1) -> np.ndarray:
    """`chain_law` for one reveal schedule: position i is revealed at step reveal_at[i]."""
    law_of: Law = {(world.vocab_size,) * world.length: 1.0}
    for n in sorted(set(reveal_at)):
        subset = [i for i, step in enumerate(reveal_at) if step == n]
        after: Law = {}
        for x_t, mass in law_of.items():
            for x_s, p in _reveal(world, x_t, candidate_law(world, x_t, num_candidates), subset).items():
                after[x_s] = after.get(x_s, 0.0) + mass * p
        law_of = after
    return _of_texts(world, law_of)


def dilated_law(world: World, num_steps: int, num_candidates: int = 1) -> np.ndarray:
    """`chain_law` with the positions of one step T apart: the mean over all orders of the residues."""
    orders = list(itertools.permutations(range(num_steps)))
    return np.mean(
        [scheduled_law(world, [order[i % num_steps] for i in range(world.length)], num_candidates) for order in orders],
        axis=0,
    )


def _of_texts(world: World, law_of: Law) -> np.ndarray:
    """(V^L,) probabilities of the clean sequences."""
    return np.array([law_of.get(tuple(row), 0.0) for row in world.sequences.tolist()])
