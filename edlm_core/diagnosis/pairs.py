"""Which pairs of positions break a text? Tokens that are likely one by one and punished together."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from .pool import Pool

LEAST = 2  # candidates in each of a pair's four cells, or nothing is said about it
CONFIDENT = 0.2  # share of the candidates that a position's likeliest token needs to have


@dataclass(frozen=True)
class Pair:
    """Positions i < j, a token at each. `interaction` is the difference of differences of the mean log-weight

        (both a and b) - (a without b) - (b without a) + (neither),   in nats at energy temperature 1:

    0 if what the energy makes of a does not depend on b, negative if it punishes them together."""

    i: int
    j: int
    a: int
    b: int
    interaction: float  # below 0
    low: float  # 95 % interval
    high: float
    p_a: float  # share of the candidates with a at i: how confident the marginal is
    p_b: float
    both: int  # how many candidates have a and b


@dataclass(frozen=True)
class Pairs:
    """What a pool says about all pairs of its masked positions."""

    ranked: list[Pair]  # the most certain first
    strength: np.ndarray  # (L, L) |interaction|, symmetric; nan where the pool is too small to say
    tested: int  # pairs with enough candidates
    confident: int  # positions
    masked: int  # positions
    sure_beyond: float  # |interaction| / standard error that chance reaches in one of twenty pools

    @property
    def sure(self) -> int:
        """How many of the ranked stand out from all that were tested (Bonferroni)."""
        return sum(-pair.interaction > self.sure_beyond * _error(pair) for pair in self.ranked)


def _error(pair: Pair) -> float:
    return (pair.high - pair.low) / 2 / 1.96


def pairs_of(pool: Pool, top: int = 20) -> Pairs:
    """At each position a is the token that most candidates have, and everything else is "not a". The response to a
    pair is the two positions' own parts of log w, which vary less than the whole; without parts it is log w.

    The four means have one residual variance (a 2 x 2 analysis of variance), so the standard error is that of their
    sum, with normal quantiles. Where the likely pair is not the punished one, the commonest of the mixed ones is.
    Candidates are drawn independently by position, so no cell is filled by a common cause.
    """
    K, L = pool.candidate.shape
    places = np.flatnonzero(pool.masked)
    M = len(places)
    tokens = pool.candidate[:, places]
    likely = np.array([np.bincount(column).argmax() for column in tokens.T], dtype=int)
    has = (tokens == likely).astype(float)  # (K, M)
    response = pool.parts[:, places] if pool.parts is not None else None

    def sums(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Per pair, over the candidates of one cell: their number, the sum and the sum of squares of the response."""
        if response is None:
            total = log_w_at_one(pool)
            return left.T @ right, (left * total[:, None]).T @ right, (left * total[:, None] ** 2).T @ right
        of_i, of_j = left * response, right * response
        square = (left * response**2).T @ right + left.T @ (right * response**2) + 2 * of_i.T @ of_j
        return left.T @ right, of_i.T @ right + left.T @ of_j, square

    cells = [sums(has, has), sums(has, 1 - has), sums(1 - has, has), sums(1 - has, 1 - has)]
    n = np.stack([cell[0] for cell in cells])
    upper = np.triu(np.ones((M, M), bool), 1)
    sure = has.mean(0) >= CONFIDENT
    enough = (n >= LEAST).all(0) & upper & sure[:, None] & sure
    divisor = np.maximum(n, 1)
    mean = np.stack([cell[1] for cell in cells]) / divisor
    spread = sum(cell[2] for cell in cells) - (divisor * mean**2).sum(0)
    variance = np.maximum(spread, 0) / max(K - 4, 1)
    error = np.sqrt(variance * (1 / divisor).sum(0))
    effect = mean[0] - mean[1] - mean[2] + mean[3]

    strength = np.full((L, L), np.nan)
    found = np.where(enough, abs(effect), np.nan)
    strength[np.ix_(places, places)] = np.fmax(found, found.T)
    score = np.where(enough, abs(effect) / np.maximum(error, 1e-9), -1)
    order = np.argsort(-score, axis=None, kind="stable")[: min(top, int(enough.sum()))]
    ranked = [
        _pair(tokens, likely, places, int(m), int(o), effect[m, o], 1.96 * error[m, o])
        for m, o in zip(*np.unravel_index(order, score.shape), strict=True)
    ]
    tested = int(enough.sum())
    return Pairs(ranked, strength, tested, int(sure.sum()), M, NormalDist().inv_cdf(1 - 0.025 / max(1, tested)))


def log_w_at_one(pool: Pool) -> np.ndarray:
    """(K,) the log-weights at energy temperature 1."""
    return pool.log_w * pool.temperature


def _pair(
    tokens: np.ndarray, likely: np.ndarray, places: np.ndarray, m: int, o: int, effect: float, half: float
) -> Pair:
    a, b = likely[m], likely[o]
    if effect > 0:  # the likely two are welcome together, so a mixed pair is what is punished
        with_a, with_b = tokens[:, m] == a, tokens[:, o] == b
        if (with_a & ~with_b).sum() >= (~with_a & with_b).sum():
            b = np.bincount(tokens[with_a & ~with_b, o]).argmax()
        else:
            a = np.bincount(tokens[~with_a & with_b, m]).argmax()
    has_a, has_b = tokens[:, m] == a, tokens[:, o] == b
    size = abs(float(effect))
    return Pair(
        int(places[m]),
        int(places[o]),
        int(a),
        int(b),
        -size,
        -size - float(half),
        -size + float(half),
        float(has_a.mean()),
        float(has_b.mean()),
        int((has_a & has_b).sum()),
    )
