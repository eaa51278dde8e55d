"""Run files: everything the pages draw of one visitor's run, in one compact JSON object.

The same object is what the stage gets in the browser. Its types are in `schema.py`, what they can't say in `checks.py`.
Nothing in a file is ever executed.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from ..json_files import json_fault
from ..refusals import Refusal
from .checks import check, is_finished
from .schema import COLUMNS, FORMAT, VERSION, Lane, Run, lane_array, pack
from .text_names import foreign_energy

__all__ = [
    "COLUMNS",
    "FORMAT",
    "MAX_BYTES",
    "VERSION",
    "BadRun",
    "Lane",
    "Run",
    "lane_array",
    "load_run",
    "pack",
    "save_run",
    "to_wire",
]

MAX_BYTES = 64 * 2**20
# What files of every version have in their config; the settings that came later have their defaults in older files.
_ALWAYS_SAID = ["length", "num_steps", "num_candidates", "window", "temperature", "energy_temperature", "seed"]


class BadRun(Refusal):
    """A file that is not a run this version can play; the message says what is wrong with it."""


def to_wire(run: Run) -> dict[str, Any]:
    """The file's JSON object: what the stage plays."""
    return msgspec.to_builtins(run)


def save_run(run: Run) -> bytes:
    """The file. Raises BadRun where it would be too large to be opened again."""
    data = msgspec.json.encode(run)
    _check_size(data)
    return data


def load_run(data: bytes) -> Run:
    """A run from a file's bytes, checked through and through. Raises BadRun."""
    _check_size(data)
    try:
        found = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        raise BadRun("run-not-json") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadRun("run-not-ours")
    if found.get("version") not in (1, VERSION):
        raise BadRun("run-version", most=VERSION, got=str(found.get("version"))[:20])
    try:
        run = _typed(found)
        check(run)
    except (Refusal, msgspec.ValidationError, RecursionError) as error:
        what = error if isinstance(error, Refusal) else json_fault(error)
        raise BadRun("run-damaged", what=what) from None
    return replace(run, complete=run.complete and is_finished(run), energy=foreign_energy(run.energy))


def _typed(found: dict[str, Any]) -> Run:
    """Settings have defaults for who makes a run; a file must say what its run was made with."""
    run = msgspec.convert(found, Run)
    missing = [name for name in _ALWAYS_SAID if name not in found["config"]]
    if missing:
        raise Refusal("run-config", names=", ".join(missing))
    return run


def _check_size(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise BadRun("run-too-large", most=MAX_BYTES >> 20, got=-(-len(data) // 2**20))
