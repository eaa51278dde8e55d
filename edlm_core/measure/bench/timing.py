"""Seconds and bytes, measured so that they can be compared: contestants take turns, and spread is reported."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch.profiler import ProfilerActivity, profile

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # else the profiler tells its stages to stderr, which is for errors
T = TypeVar("T")
Key = TypeVar("Key", str, int)


@dataclass(frozen=True)
class Spread:
    """A median and its quartiles."""

    median: float
    lower: float
    upper: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, lower, upper, len(values))


@dataclass(frozen=True)
class Lap:
    """One run: seconds by the clock, and of processor time, which other programs on the machine disturb less."""

    wall: float
    cpu: float


def interleave(
    runs: Mapping[Key, Callable[[], T]],
    rounds: int,
    device: torch.device,
    tell: Callable[[float], None] = lambda share: None,
) -> tuple[dict[Key, list[Lap]], dict[Key, T]]:
    """Every run's laps, one a round, and what it returned last. They take turns, so that a slow minute of the
    machine meets all alike. `tell` hears, between two of them, which share is done."""
    laps: dict[Key, list[Lap]] = {name: [] for name in runs}
    returned: dict[Key, T] = {}
    for n in range(rounds):
        for m, (name, run) in enumerate(runs.items()):
            tell((n * len(runs) + m) / (rounds * len(runs)))
            _wait(device)
            wall, cpu = time.perf_counter(), time.process_time()
            returned[name] = run()
            _wait(device)
            laps[name].append(Lap(time.perf_counter() - wall, time.process_time() - cpu))
    return laps, returned


def ratio(above: Sequence[float], below: Sequence[float]) -> Spread:
    """Spread of the ratios within a round."""
    return Spread.of([a / b for a, b in zip(above, below, strict=True)])


def peak_bytes(run: Callable[[], object], device: torch.device) -> int:
    """The most bytes of tensors alive at once during `run`, beyond those alive before it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        run()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        run()
    recorded: Any = profiler.profiler  # its events stand in no type
    events = [e for e in recorded.kineto_results.events() if e.name() == "[memory]"]
    live = peak = 0
    for event in sorted(events, key=lambda e: e.start_ns()):  # each allocation and, negative, each release
        live += event.nbytes()
        peak = max(peak, live)
    return peak


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
