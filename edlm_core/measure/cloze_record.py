"""What was recorded of blanks with a known answer: as `python -m edlm_core cloze --json` prints it. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..json_files import read_json
from .cloze import Filling
from .paired import Interval
from .spent import Where

FILE = Path(__file__).parents[2] / "assets" / "recorded" / "cloze.json"
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class ClozeRow:
    """What one sampler made of the templates: shares with the half-width of their 95 % intervals."""

    sampler: str
    shares: dict[Filling, Interval]
    agreement: tuple[float | None, float | None, float | None]  # of the fillings of the right kind; share, low, high
    rules: dict[str, Interval]  # shares that fit
    levels: dict[int, Interval]
    against_first: Interval  # template by template


@dataclass(frozen=True)
class RecordedCloze(Where):
    templates: int
    energy: str
    num_steps: int
    num_candidates: int
    num_chains: int  # texts a template
    rows: tuple[ClozeRow, ...]


def recorded_cloze(path: Path = FILE) -> RecordedCloze:
    """Raises Refusal."""
    return read_json(path, RecordedCloze, MOST_BYTES)
