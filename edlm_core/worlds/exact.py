"""Worlds small enough to enumerate: the exact target and the exact law of a whole chain.

For tests, the lesson and `exact` on the command line. A world is a joint table over all V^L
clean sequences. Its exact denoiser (conditional marginals) and exact energy are network-shaped
stand-ins, so the very code that samples text is what gets tested. The law of a chain is dynamic
programming over the (V + 1)^L partially masked states.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from ..method.language_models import Reading
from ..method.proposals import Proposals
from ..method.schedules import NoiseSchedule, time_grid

MAX_STATES = 10_000
Law = dict[tuple[int, ...], float]  # of a partly masked state


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


def pairs_world() -> World:
    """Two pairs of words that must agree: (0,0) or (1,1) in each pair, nearly always. Every
    marginal is a fair coin; drawn independently, three texts in four contradict themselves."""
    pair = np.array([0.495, 0.005, 0.005, 0.495])
    return World(np.kron(pair, pair), vocab_size=2, length=4)


def random_world(vocab_size: int, length: int, concentration: float, seed: int) -> World:
    """A joint table drawn from a Dirichlet: strongly coupled when `concentration` is small."""
    rng = np.random.default_rng(seed)
    return World(rng.dirichlet(np.full(vocab_size**length, concentration)), vocab_size, length)


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


def resampled_law(q: np.ndarray, log_w: np.ndarray, num_candidates: int) -> np.ndarray:
    """Exact law of one draw by self-normalised importance sampling from K candidates ~ q.

        q_K(x) = K q(x) w(x) E[1 / (w(x) + sum of K - 1 further weights)]
               = K q(x) w(x) ∫_0^∞ exp(-u w(x)) phi(u)^(K-1) du,   phi(u) = E_q[exp(-u w)]

    (method, section 4). The integral, over log u, is smooth and dies fast at both ends, where the
    trapezoidal rule converges exponentially. Candidates of weight zero are chosen uniformly when
    all K are such. q (N,), log_w (N,) -> (N,), sums to one.
    """
    if num_candidates == 1:
        return q
    possible = np.isfinite(log_w) & (q > 0)
    hopeless = q[~possible].sum()
    law = np.zeros_like(q)
    if possible.any():
        log_w = log_w - log_w[possible].max()
        w, mass = np.exp(log_w[possible]), q[possible]
        # u from far below 1/(K max w) to far above 1/(min w): beyond them the integrand is nothing
        v = np.arange(math.log(1e-18), math.log(800 / w.min()), 1 / 64)
        u = np.exp(v)[:, None]
        phi = np.exp(-u * w) @ mass + hopeless
        integral = (np.exp(-u * w) * (u * (phi ** (num_candidates - 1))[:, None])).sum(0) / 64
        law[possible] = num_candidates * mass * w * integral
    if hopeless > 0:
        law[~possible] = q[~possible] / hopeless * hopeless**num_candidates
    return law


def candidate_law(
    world: World, x_t: tuple[int, ...], num_candidates: int, *, sign: float = 1.0, energy_temperature: float = 1.0
) -> np.ndarray:
    """Exact law of the candidate that EDLM takes at x_t, over the completions of x_t."""
    q = world.factorised(x_t)
    with np.errstate(divide="ignore", invalid="ignore"):  # a text of q = 0 is not drawn
        log_w = np.log(world.joint[world.completions(x_t)]) - np.log(q)
        log_w = np.where(q > 0, sign * log_w / energy_temperature, -np.inf)
    return resampled_law(q, log_w, num_candidates)


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


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """Half the L1 distance, between 0 (equal) and 1 (never the same text)."""
    return float(np.abs(p - q).sum() / 2)
