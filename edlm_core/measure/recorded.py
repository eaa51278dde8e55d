"""Sweeps that come with the app: what was measured before anyone has measured anything here. No torch.

Each is a small SQLite file in `assets/recorded/`, a row a text, which `python -m edlm_core results --to FILE.db` has
copied out of a store. It says how two samplers do against each other on texts paired by seed:

    found = duel("corrector", "mdlm", SampleConfig(num_steps=16, num_candidates=8, length=64))
    f"in {found.share:.0%} of {found.n} pairs it reads better, and takes {found.ratio:.1f} times as long"
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from ..catalogue import JUDGES
from ..config import Request, SampleConfig
from .settled import settled
from .versus import Versus, versus

FOLDER = Path(__file__).parents[2] / "assets" / "recorded"
NO_CONFIG = SampleConfig()
_SETTINGS = (
    "length",
    "num_steps",
    "num_candidates",
    "temperature",
    "energy_temperature",
    "reveal",
    "adaptive",
)
_WHERE = ("model", "fingerprint", "processor", "device", "dtype", "threads")  # one place: texts of two are no pairs
_SHOWN = ("seed", "batch", "batch_size", "seconds", "created", *_WHERE)


@dataclass(frozen=True)
class Duel(Versus):
    """Two samplers, and where their texts come from."""

    better: Request  # as it was run, all seeds
    worse: Request
    judge: str
    batch_size: int  # texts written together
    model: str
    weights: str  # their fingerprint
    processor: str
    device: str
    dtype: str
    threads: int
    date: date


@cache
def duel(
    better: str,
    worse: str,
    config: SampleConfig = NO_CONFIG,
    *,
    energy: str = "ar",
    prompt: str | None = None,
    model: str = "tales",
    judge: str = next(iter(JUDGES)),
    folder: Path = FOLDER,
) -> Duel | None:
    """Two samplers at one setting (its seed and num_chains don't matter), from the recorded file that has most pairs of
    them; None where none has any."""
    pair = [settled(Request(sampler, energy, config, prompt)) for sampler in (better, worse)]
    found = (_duel(path, model, judge, pair) for path in sorted(folder.glob("*.db")))
    return max((duel for duel in found if duel is not None), key=lambda duel: duel.n, default=None)


def _duel(path: Path, model: str, judge: str, pair: Sequence[Request]) -> Duel | None:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
        own, other = (_rows(file, model, judge, request) for request in pair)
    found = versus(own, other, "nll")
    if found is None:
        return None
    seeds = sorted(own.keys() & other.keys())
    first, wrote = own[seeds[0]], {name: own[seeds[0]][name] for name in _WHERE}
    better, worse = (
        replace(request, config=replace(request.config, seed=seeds[0], num_chains=len(seeds))) for request in pair
    )
    return Duel(
        **vars(found),
        better=better,
        worse=worse,
        judge=judge,
        batch_size=first["batch_size"],
        weights=wrote.pop("fingerprint"),
        date=datetime.fromtimestamp(max(own[seed]["created"] for seed in seeds), UTC).date(),
        **wrote,
    )


def _rows(file: sqlite3.Connection, model: str, judge: str, request: Request) -> dict[int, sqlite3.Row]:
    """The texts of a request that this judge has read, by seed."""
    config = request.config
    wanted = {
        "model": model,
        "sampler": request.sampler,
        "energy": request.energy,
        "prompt": request.prompt,
        "window_low": config.window[0],
        "window_high": config.window[1],
    } | {name: getattr(config, name) for name in _SETTINGS}
    nll = f"judge_nll_{JUDGES[judge].name}"
    where = " AND ".join(f"{name} IS :{name}" for name in wanted)
    file.row_factory = sqlite3.Row
    query = f"SELECT {', '.join(_SHOWN)}, {nll} AS nll FROM trials WHERE {nll} IS NOT NULL AND {where}"  # noqa: S608, names of ours
    return {row["seed"]: row for row in file.execute(query, wanted)}
