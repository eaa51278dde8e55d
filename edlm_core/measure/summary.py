"""The texts of one request in figures: what a row of a table says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..catalogue import NO_ENERGY, SAMPLERS
from ..runs.metrics import distinct_n
from .measures import Measures
from .paired import Interval, mean_interval


@dataclass(frozen=True)
class Summary:
    """Averages over texts come as (mean, half-width of the 95 % interval)."""

    sampler: str
    energy: str
    steps: int
    candidates: int
    reveal: str
    temperature: float
    texts: int
    judge_nll: dict[str, Interval]  # nats per token, by judge
    entropy: Interval  # of the token frequencies inside a text, nats
    repeated_words: Interval  # share
    distinct_2: float  # share of different word pairs, over all texts
    similarity: Interval | None  # of neighbouring sentences; None without an embedder, or of fewer than two texts
    ess: float  # mean over the steps
    denoiser_calls: float  # batched passes, for a batch
    energy_calls: float
    scored: float  # drafts that the energy read, a text
    seconds_per_text: float  # written a batch at a time


def summary(measures: Measures) -> Summary:
    return Summary(**figures(measures))


def figures(measures: Measures) -> dict[str, Any]:
    """The fields of a Summary, for rows that say more."""
    return _setting(measures) | {
        "texts": len(measures.texts),
        "judge_nll": {judge: mean_interval(values) for judge, values in measures.judge_nll.items()},
        "entropy": mean_interval(measures.entropy),
        "repeated_words": mean_interval(measures.repeated_words),
        "distinct_2": distinct_n(measures.texts, 2),
        "similarity": _interval_of_some(measures.similarity),
        "ess": sum(measures.ess) / max(1, len(measures.ess)),
        "denoiser_calls": measures.denoiser_calls / measures.batches,
        "energy_calls": measures.energy_calls / measures.batches,
        "scored": measures.scored / measures.batches,
        "seconds_per_text": measures.seconds / len(measures.texts),
    }


def _setting(measures: Measures) -> dict[str, Any]:
    if measures.request is None:
        return {
            "sampler": "real text",
            "energy": NO_ENERGY.name,
            "steps": 0,
            "candidates": 0,
            "reveal": "–",
            "temperature": 1.0,
        }
    request, config = measures.request, measures.request.config
    return {
        "sampler": request.sampler,
        "energy": request.energy,
        "steps": config.num_steps,
        "candidates": config.num_candidates,
        "reveal": config.reveal if SAMPLERS[request.sampler].keeps_timetable else "–",
        "temperature": config.temperature,
    }


def _interval_of_some(values: Sequence[float | None]) -> Interval | None:
    known = [value for value in values if value is not None]
    return mean_interval(known) if len(known) > 1 else None
