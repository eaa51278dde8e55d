"""The store's tasks: who asked, which process does them, how far they are. A heartbeat tells dead from slow."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import ColumnElement, Row, Select, delete, exists, func, or_, select, update

from ..refusals import Refusal
from ..runs.run_file import Run
from . import schema
from .database import insert_once
from .encoding import decode, encode, restored_refusal, told_refusal
from .executor import ABANDONED_SECONDS, ACTIVE, GONE, Stage, TaskState
from .store import Store
from .task import Doing, Progress, Task, TaskId, task_id, task_json, task_of_json

SILENT_SECONDS = 30.0  # a process that has not been heard of for so long is dead; a slow one beats all the same
AT_ONCE = 1  # tasks that are done; the others wait, so that two don't take the machine from each other
_table = schema.tasks.c
_place = (_table.id, _table.stage, _table.created, _table.heartbeat, _table.owner, _table.doing)  # of the queue
LEFT = "seconds_left"  # among the values of what is being done


class Ledger:
    def __init__(self, store: Store, silent_seconds: float = SILENT_SECONDS) -> None:
        self.store, self.silent_seconds = store, silent_seconds

    # ── for who asks ─────────────────────────────────────────────────────────────
    def ask(self, task: Task, by: str, seconds: float | None = None) -> tuple[TaskId, str | None]:
        """The task's id, and a new owner's name where it has to be started: it is new, or has come to nothing.
        `seconds`: what it may take, if the asker knows."""
        id, owner, now = task_id(task), uuid4().hex, time.time()
        fresh: dict[str, Any] = {"stage": "waiting", "owner": owner, "created": now, "heartbeat": now}
        doing = None if seconds is None else encode(Doing("waiting", {LEFT: seconds})).decode()
        fresh |= {"share": 0.0, "doing": doing, "error": None}
        with self.store.writing() as connection:
            new = insert_once(
                connection,
                schema.tasks,
                id=id,
                kind=task.kind,
                task=task_json(task).decode(),
                stop=False,
                **fresh,
            )
            row = connection.execute(select(schema.tasks).where(_table.id == id).with_for_update()).one()
            wanted = connection.execute(select(_table.id).where(_table.id == id, _wanted())).first() is not None
            going = self._stage(row) in ACTIVE and wanted
            if not new and (going or row.stage == "done"):
                owner = None
            elif not new:
                connection.execute(update(schema.tasks).where(_table.id == id).values(stop=False, **fresh))
                connection.execute(delete(schema.results).where(schema.results.c.task == id))
                connection.execute(delete(schema.watchers).where(schema.watchers.c.task == id))
            insert_once(connection, schema.watchers, task=id, who=by, seen=now)
        return id, owner

    def leave(self, id: TaskId, by: str) -> None:
        """It ends as soon as nobody else looks; whoever has not looked for long has gone without a word."""
        watchers = schema.watchers
        with self.store.writing() as connection:
            connection.execute(delete(watchers).where(watchers.c.task == id, watchers.c.who == by))
            connection.execute(update(schema.tasks).where(_table.id == id).values(stop=True))

    def keep_watching(self, id: TaskId, by: str) -> None:
        """`by` is still looking."""
        watchers = schema.watchers
        mine = update(watchers).where(watchers.c.task == id, watchers.c.who == by)
        with self.store.writing() as connection:
            connection.execute(mine.values(seen=time.time()))

    def hurry(self, id: TaskId) -> None:
        """One that waits comes next."""
        with self.store.writing() as connection:
            first = connection.execute(select(func.min(_table.created)).where(_table.stage == "waiting")).scalar()
            mine = update(schema.tasks).where(_table.id == id, _table.stage == "waiting")
            connection.execute(mine.values(created=(first or 0.0) - 1))

    def reorder(self, id: TaskId, ahead: Sequence[str]) -> None:
        """The cells of a sweep that are wanted first, in this order; from its next batch on."""
        with self.store.writing() as connection:
            told = encode(list(ahead)).decode()
            connection.execute(update(schema.tasks).where(_table.id == id).values(ahead=told))

    def ahead(self, id: TaskId) -> list[str]:
        with self.store.reading() as connection:
            told = connection.execute(select(_table.ahead).where(_table.id == id)).scalar()
        return [] if told is None else msgspec.json.decode(told, type=list[str])

    def state(self, id: TaskId) -> TaskState:
        with self.store.reading() as connection:
            row = connection.execute(select(schema.tasks).where(_table.id == id)).first()
            if row is None:
                return GONE
            others = connection.execute(_queue()).all() if row.stage == "waiting" else []
        error = None if row.error is None else _refusal(row.error)
        before = self._before(others, row)
        seconds = _seconds([*before, row]) if row.stage in ACTIVE else None
        return TaskState(self._stage(row), row.share, _doing(row), len(before), seconds, error)

    def result(self, id: TaskId) -> Any:
        results = schema.results
        with self.store.reading() as connection:
            row = connection.execute(
                select(_table.task, results.c.run, results.c.result)
                .join(results, results.c.task == _table.id)
                .where(_table.id == id)
            ).first()
        if row is None:
            return None
        return self.store.run(row.run) if row.run else decode(row.result, task_of_json(row.task).result_type())

    def newest(self, kind: str, limit: int = 100) -> list[TaskId]:
        """Tasks of a kind, the one that was asked for last first."""
        query = select(_table.id).where(_table.kind == kind).order_by(_table.created.desc()).limit(limit)
        with self.store.reading() as connection:
            return list(connection.execute(query).scalars())

    def active(self) -> list[TaskId]:
        """Those that are being done, the oldest first: what a restarted app finds."""
        query = select(schema.tasks).where(_table.stage.in_(ACTIVE)).order_by(_table.created)
        with self.store.reading() as connection:
            return [row.id for row in connection.execute(query) if self._stage(row) in ACTIVE]

    def _stage(self, row: Row[Any]) -> Stage:
        silent = time.time() - row.heartbeat > self.silent_seconds
        return "interrupted" if row.stage in ACTIVE and silent else row.stage

    def _before(self, rows: Sequence[Row[Any]], row: Row[Any]) -> list[Row[Any]]:
        """Which of `rows` come before one that waits: those that are being done, and those that wait longer."""
        others = [other for other in rows if other.id != row.id and self._stage(other) in ACTIVE]
        mine = (row.created, row.id)
        return [other for other in others if other.stage == "running" or (other.created, other.id) < mine]

    # ── for the process that does it ─────────────────────────────────────────────
    def claim(self, id: TaskId, owner: str, at_once: int = AT_ONCE) -> bool:
        """Begin, if fewer than `at_once` come first. Of two that ask in one moment, one is heard after the other."""
        with self.store.writing() as connection:
            rows = connection.execute(_queue().with_for_update()).all()
            row = next((row for row in rows if (row.id, row.owner) == (id, owner)), None)
            mine = row is not None and len(self._before(rows, row)) < at_once
            if mine:
                connection.execute(update(schema.tasks).where(_table.id == id).values(stage="running"))
            return mine

    def task(self, id: TaskId) -> Task:
        with self.store.reading() as connection:
            return task_of_json(connection.execute(select(_table.task).where(_table.id == id)).scalar_one())

    def beat(self, id: TaskId, owner: str) -> bool:
        """A sign of life. False where it is no longer wanted, or another process has taken the task over."""
        with self.store.writing() as connection:
            mine = update(schema.tasks).where(_table.id == id, _table.owner == owner, _wanted())
            return connection.execute(mine.values(heartbeat=time.time())).rowcount == 1

    def report(
        self, id: TaskId, owner: str, progress: Progress, result: Any = None, seconds: float | None = None
    ) -> None:
        """How far it is, what has come out so far, and what it will still take, if that is known; a task may say that
        itself."""
        known = {} if seconds is None else {LEFT: seconds}
        doing = replace(progress.doing, values=known | dict(progress.doing.values))
        self._write(id, owner, {"stage": "running", "share": progress.share, "doing": encode(doing).decode()}, result)

    def end(self, id: TaskId, owner: str, stage: Stage, result: Any = None, error: Refusal | None = None) -> None:
        values = {"stage": stage, "error": error and _told(error)} | ({"share": 1.0} if stage == "done" else {})
        self._write(id, owner, values, result)

    def _write(self, id: TaskId, owner: str, values: dict[str, Any], result: Any) -> None:
        """Nothing where another process has taken the task over."""
        run = self.store.put_run(result) if isinstance(result, Run) else None
        data = None if result is None or run else encode(result)
        with self.store.writing() as connection:
            mine = update(schema.tasks).where(_table.id == id, _table.owner == owner)
            if connection.execute(mine.values(heartbeat=time.time(), **values)).rowcount == 1 and result is not None:
                connection.execute(delete(schema.results).where(schema.results.c.task == id))
                insert_once(connection, schema.results, task=id, run=run, result=data)


def _wanted() -> ColumnElement[bool]:
    """Nobody has stopped it, or somebody still looks."""
    watchers = schema.watchers.c
    looks = exists().where(watchers.task == _table.id, watchers.seen >= time.time() - ABANDONED_SECONDS)
    return or_(_table.stop.is_(False), looks)


def _queue() -> Select[*tuple[Any, ...]]:
    """Those that wait or are being done."""
    return select(*_place).where(_table.stage.in_(ACTIVE)).order_by(_table.id)


def _doing(row: Row[Any]) -> Doing | None:
    return None if row.doing is None else msgspec.json.decode(row.doing, type=Doing)


def _seconds(rows: Sequence[Row[Any]]) -> float | None:
    """Until all of these are done, one after the other; None where nobody knows it of one."""
    total = 0.0
    for row in rows:
        doing = _doing(row)
        if doing is None or LEFT not in doing.values:
            return None
        total += doing.values[LEFT]
    return total


def _told(error: Refusal) -> str:
    return encode(told_refusal(error)).decode()


def _refusal(told: str) -> Refusal:
    return restored_refusal(msgspec.json.decode(told))
