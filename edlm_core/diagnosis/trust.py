"""Can the weights be trusted? ESS, largest weight, sd(log w) and flips, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..method.boltzmann import log_weights
from .pool import Pool

# Below this ESS one candidate has nearly all the weight, whatever its quality: another K draws would have
# chosen another text. Above this share of K the choice is close to a blind draw.
NOISE_ESS, FLAT_SHARE = 1.5, 0.95
TEMPERATURES = tuple(n / 4 for n in range(1, 33))  # what the energy temperature can be set to
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
        """`noise`, `flat` or `works`."""
        if self.ess < NOISE_ESS:
            return "noise"
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
                pool.step, pool.t, len(pool.weight), float(1 / np.square(pool.weight).sum()), float(pool.weight.max()),
                float(pool.log_w.std(ddof=1)) if np.isfinite(pool.energy).all() else float("nan"), len(written),
                int(other[pool.chosen]), float(other.mean()),
            )
        )  # fmt: skip
    return steps


@dataclass(frozen=True)
class Advice:
    """One setting to change, and what the stored candidates say it would do."""

    finding: str  # "works", "noise", "noise_early", "flat", "no_choice"
    share: float = 0.0  # of the steps in that state
    setting: str | None = None  # "energy_temperature" or "high", the upper end of the window
    value: float = 0.0
    ess: float = 0.0  # median ESS of the stored candidates now, and with that setting
    ess_then: float = 0.0


def advise(pools: Sequence[Pool]) -> Advice:
    """The window is narrowed where only the early steps are noise, else the temperature is moved until the median
    ESS of the stored candidates leaves the noise, or until the energy has a say. An estimate: at another setting
    the run takes another path."""
    steps = trust_of(pools)
    if not steps:
        return Advice("no_choice")
    states = [step.verdict for step in steps]
    noise, flat = (states.count(state) / len(states) for state in ("noise", "flat"))
    ess = float(np.median([step.ess for step in steps]))
    late = next((n for n, state in enumerate(states) if state != "noise"), len(states))
    if noise <= 0.5 and flat <= 0.5:
        return Advice("works", 1 - noise - flat, ess=ess)
    if flat > 0.5:
        value = max((T for T in TEMPERATURES if _ess_at(pools, T) <= FLAT_SHARE * steps[0].K), default=None)
        then = 0.0 if value is None else _ess_at(pools, value)
        return Advice("flat", flat, "energy_temperature" if value else None, value or 0.0, ess, then)
    if late > 0 and states[late:].count("works") >= max(2, len(states) // 4) and "noise" not in states[late:]:
        after = float(np.median([step.ess for step in steps[late:]]))
        return Advice("noise_early", noise, "high", round(steps[late].t, 2), ess, after)
    now = pools[0].temperature
    value = min((T for T in TEMPERATURES if now < T and _ess_at(pools, T) >= ENOUGH_ESS), default=None)
    then = 0.0 if value is None else _ess_at(pools, value)
    return Advice("noise", noise, "energy_temperature" if value else None, value or 0.0, ess, then)


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
