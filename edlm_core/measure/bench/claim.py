"""The published claim on our models, measured anew: every point of the preset, and the verdict."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ...models.checkpoints import Model
from ..claim import Point, verdict
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
    found = {"baseline": _told(baseline, judge), "points": [_told(point, judge) for point in points]}
    return about | found | verdict(point_of(baseline, judge), [point_of(point, judge) for point in points])


def point_of(one: Summary, judge: str) -> Point:
    return Point(one.sampler, one.judge_nll[judge][0], one.entropy[0], one.seconds_per_text)


def _told(point: Summary, judge: str) -> dict[str, Any]:
    return asdict(point) | {"judge_nll": point.judge_nll[judge]}
