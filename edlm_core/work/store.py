"""What was done: tasks, trials and runs, for every process that opens the same store.

Small and countable things lie in a database; a run's arrays lie in a file of its own, named by the hash of its content,
in a folder beside.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from ..files import read_bounded, write_whole
from ..measure.trial_row import TrialRow
from ..model_refs import data_folder
from ..refusals import Refusal
from ..runs.run_file import MAX_BYTES, Run, load_run, save_run
from . import database, schema
from .tasks import run_hash

FILTERS = ("task", "cell", *schema.FILTERED)  # those that an index helps


class Store:
    """Opened once a process; threads may share it. Every method raises Refusal where database or disk refuse."""

    def __init__(
        self, url: str | None = None, folder: Path | None = None, *, busy_seconds: float = database.BUSY_SECONDS
    ) -> None:
        self.url = url or database.address()
        self.folder = folder or data_folder()
        self.engine = database.open_database(self.url, busy_seconds)
        self._reading = self.engine.execution_options(reads=True)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction: all of it or nothing."""
        with database.refusing(self.engine), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One moment's view; waits for no writer."""
        with database.refusing(self.engine), self._reading.connect() as connection:
            yield connection

    # ── trials ───────────────────────────────────────────────────────────────────
    def add_trials(self, rows: Sequence[TrialRow], *, task: str | None = None, run: str | None = None) -> None:
        """All of them or none, but for those that are there already, by cell and seed. `task` and `run` are hashes:
        what they were made for, where their arrays are."""
        made = {"created": time.time(), "task": task, "run": run}
        with self.writing() as connection:
            database.insert_all_once(connection, schema.trials, [made | asdict(row) for row in rows])

    def trials(self, *, limit: int = 100, offset: int = 0, **wanted: Any) -> Sequence[Row[Any]]:
        """The newest first; `wanted` are values of some of FILTERS."""
        with self.reading() as connection:
            return connection.execute(newest(wanted, limit, offset)).all()

    def count_trials(self, **wanted: Any) -> int:
        with self.reading() as connection:
            return connection.execute(counted(wanted)).scalar_one()

    # ── runs ─────────────────────────────────────────────────────────────────────
    def put_run(self, run: Run) -> str:
        """Keep a run; the hash that names it. The file is there before the row that speaks of it."""
        data, name = save_run(run), run_hash(run)
        path = self._path(name)
        if not path.is_file():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise Refusal("file-unwritable", path=path, error=error.strerror) from None
            write_whole(path, data, replace=True)
        with self.writing() as connection:
            database.insert_once(
                connection,
                schema.runs,
                hash=name,
                title=run.title,
                model=run.model.name,
                weights=run.model.fingerprint,
                bytes=len(data),
                created=time.time(),
            )
        return name

    def run(self, name: str) -> Run:
        """A run by its hash. Raises Refusal where there is none or its file is not what it was."""
        if not (len(name) == 64 and set(name) <= set("0123456789abcdef")) or not self._path(name).is_file():
            raise Refusal("run-gone", name=name[:12])
        run = load_run(read_bounded(self._path(name), MAX_BYTES))
        if run_hash(run) != name:
            raise Refusal("run-changed", path=self._path(name))
        return run

    def runs(self, limit: int = 100) -> Sequence[Row[Any]]:
        """The newest first, without their arrays."""
        with self.reading() as connection:
            return connection.execute(select(schema.runs).order_by(schema.runs.c.created.desc()).limit(limit)).all()

    def _path(self, name: str) -> Path:
        return self.folder / "runs" / name[:2] / f"{name}.json"


def newest(wanted: Mapping[str, Any], limit: int, offset: int) -> Select[Any]:
    """Ids are found and put in order in an index alone; of the wide rows only those that are wanted are read."""
    table = schema.trials
    order = table.c.created.desc(), table.c.id.desc()
    ids = _filtered(select(table.c.id), wanted).order_by(*order).limit(limit).offset(offset).subquery()
    return select(table).where(table.c.id.in_(select(ids))).order_by(*order)


def counted(wanted: Mapping[str, Any]) -> Select[Any]:
    return _filtered(select(func.count()).select_from(schema.trials), wanted)


def _filtered(query: Select[Any], wanted: Mapping[str, Any]) -> Select[Any]:
    for name, value in wanted.items():
        if name not in FILTERS:
            raise ValueError(f"filter: expected some of {', '.join(FILTERS)}, got {name!r}: an index must help")
        query = query.where(schema.trials.c[name] == value)
    return query
