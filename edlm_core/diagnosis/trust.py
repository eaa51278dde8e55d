"""Can the weights be trusted? ESS, largest weight, sd(log w) and flips, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from ..method.boltzmann import log_weights
from .pool import Pool

# Below this ESS one candidate has nearly all the weight: the step takes the best of K. That choice is the energy's;
# what is left to chance is which K came up, and the weights say little of the corrected law. Above this share of K the
# choice is close to a blind draw.
BEST_ESS, FLAT_SHARE = 1.5, 0.95
TEMPERATURES = tuple(n / 4 for n in range(1, 33))  # what the energy temperature can be set to
MOST_DRAFTS = 64  # what K can be set to
GAIN = 0.5  # nats: where the better half of the draws brought less, more of them hardly pay
ENOUGH_ESS = 2.0


@dataclass(frozen=True)
class StepTrust:
    """One step with more than one candidate."""

    step: int
    t: float
    K: int
    ess: float  # 1 / sum of squared weights, 1 to K
    largest: float  # the largest normalised weight
    sd: float  # of the log-weights, nats; nan where an energy is infinite
    written: int  # words revealed at this step
    changed: int  # of them those that the first draw would have written otherwise
    blind: float  # as many as a choice by equal weights would have changed, on average

    @property
    def flipped(self) -> bool:
        """The choice made a difference to the text. That another candidate than the first is taken says nothing:
        they are drawn alike, so it is (K - 1) / K of the steps, whatever the energy."""
        return self.changed > 0

    @property
    def verdict(self) -> str:
        """`best` (of K, and no other, has a say), `flat` or `works`."""
        if self.ess < BEST_ESS:
            return "best"
        return "flat" if self.ess > FLAT_SHARE * self.K else "works"


def trust_of(pools: Sequence[Pool]) -> list[StepTrust]:
    """The steps at which there was a choice."""
    steps = []
    for pool in pools:
        if len(pool.weight) < 2:
            continue
        written = pool.revealed.nonzero()[0]
        other = (pool.candidate[:, written] != pool.candidate[0, written]).sum(1)  # (K,)
        steps.append(
            StepTrust(
                pool.step,
                pool.t,
                len(pool.weight),
                float(1 / np.square(pool.weight).sum()),
                float(pool.weight.max()),
                float(pool.log_w.std(ddof=1)) if np.isfinite(pool.energy).all() else float("nan"),
                len(written),
                int(other[pool.chosen]),
                float(other.mean()),
            )
        )
    return steps


@dataclass(frozen=True)
class Advice:
    """One setting to change, and what the stored candidates say it would do."""

    finding: str  # "works", "best", "best_early", "flat", "no_choice"
    share: float = 0.0  # of the steps in that state
    setting: str | None = None  # "num_candidates", "energy_temperature" or "high", the upper end of the window
    value: float = 0.0
    ess: float = 0.0  # median ESS of the stored candidates now, and with that setting
    ess_then: float = 0.0
    drafts: int = 0  # K
    gain: float = 0.0  # median `gain_of_doubling` of the steps, nats


def advise(pools: Sequence[Pool]) -> Advice:
    """Where one draft decides, the window is narrowed if it is only the early steps, whose drafts are judged by words
    that are drawn again; else there are to be more drafts, as long as the last doubling has brought a better best one
    and a page offers as many; else the temperature is moved until the median ESS of the stored candidates is
    ENOUGH_ESS, or, where the weights are flat, until the energy has a say. An estimate: at another setting the run
    takes another path."""
    steps = trust_of(pools)
    if not steps:
        return Advice("no_choice")
    states = [step.verdict for step in steps]
    best, flat = (states.count(state) / len(states) for state in ("best", "flat"))
    K = max(step.K for step in steps)
    known: dict[str, Any] = {
        "ess": float(np.median([step.ess for step in steps])),
        "drafts": K,
        "gain": float(np.median([gain_of_doubling(pool.log_w) for pool in pools if len(pool.weight) > 1])),
    }
    late = next((n for n, state in enumerate(states) if state != "best"), len(states))
    if best <= 0.5 and flat <= 0.5:
        return Advice("works", 1 - best - flat, **known)
    if flat > 0.5:
        value = max((T for T in TEMPERATURES if _ess_at(pools, T) <= FLAT_SHARE * steps[0].K), default=None)
        return _hotter("flat", flat, value, pools, known)
    if late > 0 and states[late:].count("works") >= max(2, len(states) // 4) and "best" not in states[late:]:
        after = float(np.median([step.ess for step in steps[late:]]))
        return Advice("best_early", best, "high", round(steps[late].t, 2), ess_then=after, **known)
    if known["gain"] >= GAIN and 2 * K <= MOST_DRAFTS:
        return Advice("best", best, "num_candidates", 2 * K, **known)
    now = pools[0].temperature
    value = min((T for T in TEMPERATURES if now < T and _ess_at(pools, T) >= ENOUGH_ESS), default=None)
    return _hotter("best", best, value, pools, known)


def _hotter(finding: str, share: float, value: float | None, pools: Sequence[Pool], known: dict[str, Any]) -> Advice:
    if value is None:
        return Advice(finding, share, **known)
    return Advice(finding, share, "energy_temperature", value, ess_then=_ess_at(pools, value), **known)


def gain_of_doubling(log_w: np.ndarray) -> float:
    """By how many nats the best of these K draws beats, on average, the best of half of them; 0 for one draw, and nan
    where half of them may all be forbidden."""
    K, half = len(log_w), len(log_w) // 2
    if half == 0:
        return 0.0
    best_first = np.sort(log_w)[::-1]
    first = K - half + 1  # the best of the half is at this place or before
    share = np.array([comb(K - 1 - n, half - 1) for n in range(first)], dtype=float) / comb(K, half)
    return float(best_first[0] - share @ best_first[:first]) if np.isfinite(best_first[:first]).all() else float("nan")


def _ess_at(pools: Sequence[Pool], temperature: float) -> float:
    """Median ESS of the stored candidates if the energy had this temperature."""
    drawn = [pool.energy for pool in pools if len(pool.energy) > 1]
    energy = np.full((len(drawn), max(map(len, drawn))), np.inf)  # a candidate that was not drawn has no weight
    for row, of_step in zip(energy, drawn, strict=True):
        row[: len(of_step)] = of_step
    log_w = log_weights(energy, temperature)
    w = np.exp(log_w - log_w.max(1, keepdims=True))
    return float(np.median(w.sum(1) ** 2 / np.square(w).sum(1)))


def badges(pools: Sequence[Pool]) -> list[str]:
    """What is wrong with a run's weights as a whole: `flat` where no step's choice differs from a blind draw,
    `not_finite` where an energy is infinite or no number."""
    steps = trust_of(pools)
    flat = bool(steps) and all(step.verdict == "flat" for step in steps)
    finite = all(np.isfinite(pool.energy).all() for pool in pools)
    return ["flat"] * flat + ["not_finite"] * (not finite)
