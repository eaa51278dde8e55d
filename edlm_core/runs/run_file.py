"""Run files: everything the pages draw of one visitor's run, in one compact JSON object.

The same object is what the stage gets in the browser. Its types are in `schema.py`, what they can't say in `checks.py`.
Nothing in a file is ever executed.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .checks import check
from .schema import COLUMNS, FORMAT, VERSION, Lane, Run, lane_array, pack

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


class BadRun(ValueError):
    """A file that is not a run this version can play; the message says what is wrong with it."""


def to_wire(run: Run) -> dict[str, Any]:
    """The file's JSON object: what the stage plays."""
    return msgspec.to_builtins(run)


def save_run(run: Run) -> bytes:
    return msgspec.json.encode(run)


def load_run(data: bytes) -> Run:
    """A run from a file's bytes, checked through and through. Raises BadRun."""
    if len(data) > MAX_BYTES:
        raise BadRun(f"expected a run file of at most {MAX_BYTES >> 20} MiB, got {len(data) >> 20} MiB")
    try:
        found = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        raise BadRun("expected a run file (JSON), got something else: choose a file saved with “Save run”") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadRun("expected a run file of this app, got another JSON file: choose a file saved with “Save run”")
    if found.get("version") not in (1, VERSION):
        raise BadRun(
            f"expected run file version 1 or {VERSION}, got {str(found.get('version'))[:20]}: open it with the release "
            "that wrote it"
        )
    try:
        run = msgspec.convert(found, Run)
        check(run)
    except ValueError as error:
        raise BadRun(f"the run file is damaged ({error}): save it again from the app") from None
    return run
