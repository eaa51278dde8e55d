"""Real text as a judge reads it: recorded, since held-out text does not come with the app. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..json_files import read_json
from .paired import Interval

FILE = Path(__file__).parents[2] / "assets" / "recorded" / "real_text.json"
MOST_BYTES = 1 << 16


@dataclass(frozen=True)
class RealText:
    """Held-out text over the tokens of a model."""

    model: str
    source: str  # where the figures stand
    texts: int
    length: int
    judge_nll: dict[str, Interval]  # nats per token, with the half-width of the 95 % interval
    entropy: Interval


@cache
def real_text(model: str, path: Path = FILE) -> RealText | None:
    """None where nothing was recorded for a model."""
    recorded = read_json(path, tuple[RealText, ...], MOST_BYTES)
    return next((one for one in recorded if one.model == model), None)
