"""What a sweep will take, told before it starts. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from ..config import Request, SampleConfig
from ..runs.costs import Rates, estimate_seconds
from .todo import seeds_of


@dataclass(frozen=True)
class Plan:
    cells: int
    texts: int
    kept: int  # of them, which are in the store and will not be done again
    seconds: float | None  # that the others take here, one batch after the other; None where a rate is not known

    @property
    def left(self) -> int:
        return self.texts - self.kept


def judge_rate(judge: str) -> str:
    """The name of a judge among the rates: seconds a token that it reads."""
    return f"judge {judge}"


def kinds_of(requests: Iterable[Request]) -> tuple[Request, ...]:
    """One request of each sampler and energy, at the length of the longest: what the rates of all of them depend on."""
    asked = list(requests)
    config = SampleConfig(length=max(request.config.length for request in asked))
    kinds = dict.fromkeys((request.sampler, request.energy) for request in asked)
    return tuple(Request(sampler, energy, config) for sampler, energy in kinds)


def plan(
    cells: Mapping[str, Request], kept: Mapping[str, Set[int]], judges: Sequence[str], rates: Rates | None
) -> Plan:
    texts, there = 0, 0
    seconds: float | None = 0.0
    for name, request in cells.items():
        N = request.config.num_chains
        done = len(kept.get(name, set()) & set(seeds_of(request)))
        texts, there = texts + N, there + done
        if done < N:
            a_text = seconds_a_text(request, judges, rates or {})
            seconds = None if seconds is None or a_text is None else seconds + (N - done) * a_text
    return Plan(len(cells), texts, there, seconds)


def seconds_a_text(request: Request, judges: Sequence[str], rates: Rates) -> float | None:
    """Written and judged."""
    written = estimate_seconds([request], rates)
    if written is None or any(judge_rate(judge) not in rates for judge in judges):
        return None
    return written + request.config.length * sum(rates[judge_rate(judge)] for judge in judges)
