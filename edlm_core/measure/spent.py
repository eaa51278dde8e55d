"""Where the time of a run went, and what was recorded of it. No torch: `bench/parts.py` measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..json_files import read_json

FILE = Path(__file__).parents[2] / "assets" / "recorded" / "time.json"
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Spent:
    """Seconds of processor time, all threads together, of one run of `texts` texts side by side."""

    sampler: str
    length: int
    steps: int
    candidates: int
    texts: int
    seconds: float  # all of it
    denoiser: float
    energy: float  # or the autoregressive model, where that writes or reads
    draws: float  # random numbers, and the tokens that they choose

    @property
    def rest(self) -> float:
        known = self.denoiser + self.energy + self.draws
        return max(0.0, self.seconds - known)


@dataclass(frozen=True)
class Machine:
    processor: str
    threads: int
    load: float  # mean queue of the minute before


@dataclass(frozen=True)
class Where:
    """What a figure that was recorded means nothing without."""

    date: str
    device: str
    machine: Machine
    model: str
    fingerprint: str
    dtype: str


@dataclass(frozen=True)
class RecordedTimes(Where):
    """As `python -m edlm_core bench --parts --json` prints it."""

    parts: tuple[Spent, ...]


def recorded_times(path: Path = FILE) -> RecordedTimes:
    """Raises Refusal."""
    return read_json(path, RecordedTimes, MOST_BYTES)
