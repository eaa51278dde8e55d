"""Every sampler once more, in plain Python over an enumerable world, and the exact law of what it writes.

A sampler is a program that asks `draw(probabilities)` wherever chance decides. `law_of` follows every answer to
every question and adds up the probabilities: no noise, no tensors, nothing shared with the code that samples text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from itertools import permutations, product
from typing import TypeVar

import numpy as np

from .world import World

Draw = Callable[[Sequence[float]], int]
State = tuple[int, ...]
Outcome = TypeVar("Outcome", bound=Hashable)  # what a program returns


def law_of(program: Callable[[Draw], Outcome]) -> dict[Outcome, float]:
    """What a program returns, with its probability."""
    law: dict[Outcome, float] = {}
    paths: list[tuple[int, ...]] = [()]
    while paths:
        path = paths.pop()
        taken: list[int] = []
        mass = 1.0

        def draw(p: Sequence[float], path: tuple[int, ...] = path, taken: list[int] = taken) -> int:
            nonlocal mass
            possible = [n for n, share in enumerate(p) if share > 0]
            if len(taken) < len(path):
                answer = path[len(taken)]
            else:
                answer = possible[0]
                paths.extend((*taken, other) for other in possible[1:])
            mass *= p[answer] / math.fsum(p)
            taken.append(answer)
            return answer

        outcome = program(draw)
        law[outcome] = law.get(outcome, 0.0) + mass
    return law


class Chain:
    """One chain of a world, K candidates a step: what the programs below have in common."""

    def __init__(self, world: World, num_candidates: int) -> None:
        self.world, self.K, self.mask = world, num_candidates, world.vocab_size
        self._seen: dict[State, tuple[list[State], list[float], dict[State, float]]] = {}

    def given(self, x_t: State) -> tuple[list[State], list[float], dict[State, float]]:
        """The completions of x_t, their q, and w = p / q of each."""
        if x_t not in self._seen:
            rows = self.world.completions(x_t)
            texts = [tuple(row) for row in self.world.sequences[rows].tolist()]
            q = self.world.factorised(x_t).tolist()
            w = {
                x: p / share if share > 0 else 0.0 for x, p, share in zip(texts, self.world.joint[rows], q, strict=True)
            }
            self._seen[x_t] = texts, q, w
        return self._seen[x_t]

    def fresh(self, draw: Draw, x_t: State) -> State:
        texts, q, _ = self.given(x_t)
        return texts[draw(q)]

    def pick(self, draw: Draw, pool: Sequence[State], w: Sequence[float]) -> State:
        """One by its weight; where nothing is possible, any."""
        return pool[draw(w if sum(w) > 0 else [1.0] * len(pool))]

    # ── rules: (draw, x_t, revealed positions, the text taken last) -> x_0 ──
    def edlm(self, draw: Draw, x_t: State, reveal: Sequence[int], last: State | None) -> State:
        w = self.given(x_t)[2]
        pool = [self.fresh(draw, x_t) for _ in range(self.K)]
        return self.pick(draw, pool, [w[x] for x in pool])

    def i_sir(self, draw: Draw, x_t: State, reveal: Sequence[int], last: State | None) -> State:
        w = self.given(x_t)[2]
        pool = self._pool(draw, x_t, last)
        return self.pick(draw, pool, [w[x] for x in pool])

    def edlm_mh(self, draw: Draw, x_t: State, reveal: Sequence[int], last: State | None) -> State:
        w = self.given(x_t)[2]
        held, *others = self._pool(draw, x_t, last)
        for x in others:
            accept = min(1.0, w[x] / w[held]) if w[held] > 0 else float(w[x] > 0)
            held = x if draw([accept, 1 - accept]) == 0 else held
        return held

    def block(self, draw: Draw, x_t: State, reveal: Sequence[int], last: State | None) -> State:
        _, _, w = self.given(x_t)
        q = self.world.marginals(x_t)
        first, *others = (self.fresh(draw, x_t) for _ in range(self.K))
        pool = [first] + [tuple(x[i] if i in reveal else first[i] for i in range(len(x))) for x in others]
        return self.pick(draw, pool, [w[x] if all(q[i, v] > 0 for i, v in enumerate(x)) else 0.0 for x in pool])

    def _pool(self, draw: Draw, x_t: State, last: State | None) -> list[State]:
        pool = [self.fresh(draw, x_t) for _ in range(self.K)]
        if last is None or self.K == 1 or dict(zip(*self.given(x_t)[:2], strict=True))[last] == 0:
            return pool
        return [last, *pool[1:]]


def step_by_step(
    chain: Chain, rule: Callable[..., State], reveal_at: Sequence[int], steps: int, order: str | None = None
) -> np.ndarray:
    """Law (V^L,) of the text of a chain whose position i is revealed at step reveal_at[i]: step after
    step over the law of (x_t, the text taken last). `order`, "confidence" or "entropy", decides which positions; the
    schedule, how many."""
    world, mask = chain.world, chain.mask
    states: dict[tuple[State, State | None], float] = {((mask,) * world.length, None): 1.0}
    for n in sorted(set(reveal_at)):
        after: dict[tuple[State, State | None], float] = {}
        for (x_t, last), mass in states.items():
            count = [i for i, at in enumerate(reveal_at) if at == n]
            for x_0, p in law_of(lambda draw, x=x_t, c=last, r=count: rule(draw, x, r, c)).items():
                reveal = count if order is None else surest(world, x_t, x_0, len(count), order)
                x_s = tuple(x_0[i] if i in reveal else v for i, v in enumerate(x_t))
                after[x_s, x_0] = after.get((x_s, x_0), 0.0) + mass * p
        states = after
    law = np.zeros(len(world.joint))
    for (x_s, _), mass in states.items():
        law[int(np.ravel_multi_index(x_s, (mask,) * world.length))] += mass
    return law


def surest(world: World, x_t: State, x_0: State, count: int, order: str) -> list[int]:
    """The `count` masked positions whose token taken is likeliest ("confidence"), or whose marginal is narrowest
    ("entropy")."""
    q = world.marginals(x_t)
    entropy = -np.where(q > 0, q * np.log(np.where(q > 0, q, 1)), 0).sum(1)
    scores = {"confidence": q[np.arange(len(x_0)), x_0], "entropy": -entropy}
    score = {i: scores[order][i] for i, v in enumerate(x_t) if v == world.vocab_size}
    return sorted(score, key=lambda i: (-round(score[i], 12), i))[:count]


def over_schedules(length: int, steps: int) -> Iterator[tuple[int, ...]]:
    """Every reveal schedule; each is as likely as any other (log-linear)."""
    return product(range(steps), repeat=length)


def remask_law(world: World, steps: int, ceiling: float) -> np.ndarray:
    """`remask`: mdlm draws, and visible tokens masked again with the probability of ReMDM."""
    mask, L = world.vocab_size, world.length
    states: dict[State, float] = {(mask,) * L: 1.0}
    for n in range(steps):
        alpha_t, alpha_s = n / steps, (n + 1) / steps
        sigma = min(ceiling, (1 - alpha_s) / alpha_t) if alpha_t > 0 else 0.0
        shown = (alpha_s - (1 - sigma) * alpha_t) / (1 - alpha_t)
        after: dict[State, float] = {}
        for x_t, mass in states.items():
            q = world.marginals(x_t)
            options = [
                [(mask, 1 - shown), *((v, shown * q[i, v]) for v in range(mask))]
                if x == mask
                else [(x, 1 - sigma), (mask, sigma)]
                for i, x in enumerate(x_t)
            ]
            for way in product(*options):
                p = math.prod(share for _, share in way)
                if p > 0:
                    x_s = tuple(v for v, _ in way)
                    after[x_s] = after.get(x_s, 0.0) + mass * p
        states = after
    return np.array([states.get(tuple(row), 0.0) for row in world.sequences.tolist()])


def corrector_law(chain: Chain, steps: int, ahead: int | None, first: int) -> np.ndarray:
    """`gibbs` (ahead None) and `corrector`: `edlm` in the `first` steps of a dilated schedule, then corrector steps.

    A chain is (its text, how surprising each token was when last read, () before that)."""
    world, mask, L = chain.world, chain.mask, chain.world.length
    conditional = _conditionals(world)
    orders = list(permutations(range(first)))
    written = np.mean(
        [step_by_step(chain, chain.edlm, [o[i % first] for i in range(L)], first) for o in orders], axis=0
    )

    def correct(draw: Draw, x: State, surprise: tuple[float, ...], turn: list[int]) -> tuple[State, tuple[float, ...]]:
        hide = turn
        if ahead is not None and surprise:
            hide, score = [], dict(enumerate(surprise))
            for _ in turn:
                best = max(score.values(), default=-math.inf)
                if best > -math.inf:
                    where = min(i for i, v in score.items() if v == best)
                    hide.append(where)
                    score = {i: v for i, v in score.items() if abs(i - where) > ahead}
        x_t = tuple(mask if i in hide else v for i, v in enumerate(x))
        pool = [x] + [chain.fresh(draw, x_t) for _ in range(chain.K - 1)]
        term = [[conditional[i][c[:i]][c[i]] for i in range(L)] for c in pool]  # p of each token
        if ahead is None:
            w = chain.given(x_t)[2]
            return chain.pick(draw, pool, [w[c] for c in pool]), ()
        q = world.marginals(x_t)
        new, seen = list(x), list(term[0])
        picks = {}
        for i in sorted(hide):
            ratio = [
                math.prod(term[k][j] / (q[j, c[j]] if j in hide else 1) for j in range(i, min(L, i + ahead + 1)))
                for k, c in enumerate(pool)
            ]
            picks[i] = draw(ratio)
            new[i] = pool[picks[i]][i]
        after = 0  # each token is as surprising as it was after the last pick
        for i in range(L):
            after = picks.get(i, after)
            seen[i] = term[after][i]
        return tuple(new), tuple(round(-math.log(v), 9) for v in seen)

    law = np.zeros(len(world.joint))
    for order in orders:
        chains = {(tuple(x), ()): p for x, p in zip(world.sequences.tolist(), written, strict=True) if p > 0}
        for n in range(first, steps):
            turn = [i for i in range(L) if order[i % first] == n % first]
            after: dict[tuple[State, tuple[float, ...]], float] = {}
            for (x, surprise), mass in chains.items():
                for outcome, p in law_of(partial(correct, x=x, surprise=surprise, turn=turn)).items():
                    after[outcome] = after.get(outcome, 0.0) + mass * p
            chains = after
        for (x, _), mass in chains.items():
            law[int(np.ravel_multi_index(x, (mask,) * L))] += mass / len(orders)
    return law


def smc_program(chain: Chain, reveal_at: Sequence[int]) -> Callable[[Draw], tuple[State, float]]:
    """`smc` as a program: returns (the text, the estimate of Z)."""
    world, mask, K, L = chain.world, chain.mask, chain.K, chain.world.length
    conditional = _conditionals(world)

    def program(draw: Draw) -> tuple[State, float]:
        x, path = [(mask,) * L] * K, [1.0] * K
        base, origin = [1.0] * K, [1.0] * K
        for n in sorted(set(reveal_at)):
            reveal = [i for i, at in enumerate(reveal_at) if at == n]
            w, ratio = [], []
            for k in range(K):
                x_0 = chain.fresh(draw, x[k])
                q = world.marginals(x[k])
                path[k] *= math.prod(q[i, x_0[i]] for i in reveal)
                x[k] = tuple(x_0[i] if i in reveal else v for i, v in enumerate(x[k]))
                seen = math.prod(conditional[i][x_0[:i]][x_0[i]] for i in range(L) if x[k][i] != mask)
                ratio.append(seen / path[k])
                w.append(base[k] * ratio[k] / origin[k])
            if n == max(reveal_at):
                return x[draw(w)], round(sum(w) / K, 12)
            if sum(w) ** 2 / sum(v * v for v in w) < K / 2:
                parents = [draw(w) for _ in range(K)]
                x, path, origin = [x[k] for k in parents], [path[k] for k in parents], [ratio[k] for k in parents]
                base = [sum(w) / K] * K
        raise AssertionError("the last step returns")

    return program


def _conditionals(world: World) -> list[dict[State, np.ndarray]]:
    """p(x_0^i | x_0^{<i}) as tables by prefix."""
    V, tables = world.vocab_size, []
    for i in range(world.length):
        joint = world.joint.reshape(V ** (i + 1), -1).sum(1).reshape(-1, V)
        tables.append({prefix: row / row.sum() for prefix, row in zip(product(range(V), repeat=i), joint, strict=True)})
    return tables


def speculative_program(chain: Chain) -> Callable[[Draw], State]:
    """`speculative` as a program: its law must be the world itself."""
    world, mask, K, L = chain.world, chain.mask, chain.K, chain.world.length
    conditional = _conditionals(world)

    def program(draw: Draw) -> State:
        x: State = ()
        while len(x) < L:
            x_t = x + (mask,) * (L - len(x))
            q = world.marginals(x_t)
            drafts = [chain.fresh(draw, x_t) for _ in range(K)]
            going = True
            while going and len(x) < L:
                r, going = conditional[len(x)][x].copy(), False
                for token in [d[len(x)] for d in drafts if d[: len(x)] == x]:
                    accept = min(1.0, r[token] / q[len(x), token])
                    if draw([accept, 1 - accept]) == 0:
                        x, going = (*x, token), True
                        break
                    r = np.clip(r - q[len(x)], 0, None)
                    r = r / r.sum()
                if not going:
                    x = (*x, draw(r.tolist()))
        return x

    return program
