"""The published claim on our models: how soon a sampler writes as well as the autoregressive baseline.

EDLM's paper reports about 1.3: the wall time at which it reaches the baseline's generative perplexity, against the
time of MDLM. Perplexity alone is cheap (a lower temperature buys it with dull text), so a text counts as good
as the baseline's only if its token entropy is no lower either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from ... import catalogue
from ...config import Request, SampleConfig
from ...models.checkpoints import Model
from ...runs.metrics import judge_nll, mean_interval, token_entropy
from ...runs.steps import judge_by_name
from ..evaluation import sample_many

SAMPLERS = ("mdlm", "edlm", "corrector")  # by steps and reveal order; `speculative` has neither
STEPS, TEMPERATURES, LENGTH, CANDIDATES = (8, 16, 32), (1.0, 0.8), 48, 8


@dataclass(frozen=True)
class Point:
    """One sampler at one setting: averages over its texts as (mean, half-width of the 95 % interval)."""

    sampler: str
    steps: int
    reveal: str
    temperature: float
    judge_nll: tuple[float, float]  # nats per token
    entropy: tuple[float, float]
    seconds_per_text: float

    def as_good_as(self, other: Point) -> bool:
        return self.judge_nll[0] <= other.judge_nll[0] and self.entropy[0] >= other.entropy[0]


def claim(model: Model, judge: str, num_texts: int) -> dict[str, Any]:
    """All points, and what they say: who reaches the baseline, and how much sooner the others reach `mdlm`'s best."""
    base = SampleConfig(length=LENGTH, num_candidates=CANDIDATES, num_chains=num_texts)
    baseline = measure(model, judge, "ar", base)
    points = [
        measure(model, judge, sampler, replace(base, num_steps=T, reveal=reveal, temperature=temperature))
        for T in STEPS for reveal in ("random", "dilated") for temperature in TEMPERATURES for sampler in SAMPLERS
    ]  # fmt: skip
    points += [measure(model, judge, "speculative", replace(base, temperature=t)) for t in TEMPERATURES]
    about = {"judge": judge, "num_texts": num_texts, "length": LENGTH, "candidates": CANDIDATES}
    return about | {"baseline": asdict(baseline), "points": [asdict(p) for p in points]} | verdict(baseline, points)


def measure(model: Model, judge: str, sampler: str, config: SampleConfig) -> Point:
    x_0, cost = sample_many(model, Request(sampler, "ar", config))
    nll = judge_nll(judge_by_name(model, judge), x_0.to(model.device), torch.ones_like(x_0, dtype=torch.bool))
    return Point(
        sampler, config.num_steps, config.reveal, config.temperature, mean_interval(nll),
        mean_interval([token_entropy(ids) for ids in x_0.tolist()]), cost.seconds / len(x_0),
    )  # fmt: skip


def verdict(baseline: Point, points: Sequence[Point]) -> dict[str, Any]:
    """By sampler. `time_to_baseline`: the fewest seconds at which it is as good as the baseline, null where it never
    is. `claimed_speedup`: mdlm's over its own. `time_to_best_mdlm`, `speedup_to_best_mdlm`: the same with mdlm's
    lowest NLL for the mark."""
    by_sampler: dict[str, list[Point]] = {}
    for point in points:
        by_sampler.setdefault(point.sampler, []).append(point)
    best = min(by_sampler["mdlm"], key=lambda p: p.judge_nll[0])
    found: dict[str, Any] = {}
    for mark, of, speedup in (("baseline", baseline, "claimed_speedup"), ("best_mdlm", best, "speedup_to_best_mdlm")):
        seconds = {sampler: _soonest(theirs, of) for sampler, theirs in by_sampler.items()}
        found[f"time_to_{mark}"] = seconds
        found[speedup] = {
            s: _quotient(seconds["mdlm"], own) for s, own in seconds.items() if catalogue.SAMPLERS[s].asks_energy
        }
    return found


def _soonest(points: Sequence[Point], mark: Point) -> float | None:
    return min((p.seconds_per_text for p in points if p.as_good_as(mark)), default=None)


def _quotient(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None else above / below
