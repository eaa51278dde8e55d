"""The published claim on our models: how soon a sampler writes as well as the autoregressive baseline.

EDLM's paper reports about 1.3: the wall time at which it reaches the baseline's generative perplexity, against the
time of MDLM. Perplexity alone is cheap (a lower temperature buys it with dull text), so a text counts as good
as the baseline's only if its token entropy is no lower either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ... import catalogue
from ...models.checkpoints import Model
from ..presets import published_claim
from ..summary import Summary, summary
from ..sweep import cells, sweep
from ..telling import Tell, untold


def claim(model: Model, judge: str, num_texts: int, tell: Tell = untold) -> dict[str, Any]:
    """All points, and what they say: who reaches the baseline, and how much sooner the others reach `mdlm`'s best."""
    requests = published_claim(num_texts)
    baseline, *points = map(summary, cells(sweep(model, requests, [judge]), tell))
    config = requests[0].config
    about = {"judge": judge, "num_texts": num_texts, "length": config.length, "candidates": config.num_candidates}
    found = {"baseline": _point(baseline, judge), "points": [_point(point, judge) for point in points]}
    return about | found | verdict(baseline, points, judge)


def as_good_as(own: Summary, other: Summary, judge: str) -> bool:
    return own.judge_nll[judge][0] <= other.judge_nll[judge][0] and own.entropy[0] >= other.entropy[0]


def verdict(baseline: Summary, points: Sequence[Summary], judge: str) -> dict[str, Any]:
    """By sampler. `time_to_baseline`: the fewest seconds at which it is as good as the baseline, null where it never
    is. `claimed_speedup`: mdlm's over its own. `time_to_best_mdlm`, `speedup_to_best_mdlm`: the same with mdlm's
    lowest NLL for the mark."""
    by_sampler: dict[str, list[Summary]] = {}
    for point in points:
        by_sampler.setdefault(point.sampler, []).append(point)
    best = min(by_sampler["mdlm"], key=lambda p: p.judge_nll[judge][0])
    found: dict[str, Any] = {}
    for mark, of, speedup in (("baseline", baseline, "claimed_speedup"), ("best_mdlm", best, "speedup_to_best_mdlm")):
        seconds = {sampler: _soonest(theirs, of, judge) for sampler, theirs in by_sampler.items()}
        found[f"time_to_{mark}"] = seconds
        found[speedup] = {
            s: _quotient(seconds["mdlm"], own) for s, own in seconds.items() if catalogue.SAMPLERS[s].asks_energy
        }
    return found


def _point(point: Summary, judge: str) -> dict[str, Any]:
    return asdict(point) | {"judge_nll": point.judge_nll[judge]}


def _soonest(points: Sequence[Summary], mark: Summary, judge: str) -> float | None:
    return min((p.seconds_per_text for p in points if as_good_as(p, mark, judge)), default=None)


def _quotient(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None else above / below
