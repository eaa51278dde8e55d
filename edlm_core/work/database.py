"""Opening the store's database, and its failures in words: SQLite by default, PostgreSQL by address."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, insert, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ..model_refs import data_folder
from ..refusals import Refusal
from . import schema
from .migrations import bring_up

BUSY_SECONDS = 30.0  # how long a writer waits for another
CONNECT_SECONDS = 5
_OPENING = 0x45444C4D  # of an advisory lock: two who open a new store at once


def address() -> str:
    """Of the database: EDLM_STORE, or a file in the data folder."""
    return os.environ.get("EDLM_STORE") or f"sqlite:///{data_folder() / 'store.db'}"


def open_database(url: str, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """With all tables there, of this version. Raises Refusal."""
    try:
        parsed = make_url(url)
        engine = _sqlite(parsed, busy_seconds) if parsed.get_backend_name() == "sqlite" else _server(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError):
        raise Refusal("store-address", got=url.split(":")[0]) from None
    with refusing(engine), engine.begin() as connection:
        _check_schema(connection)
    return engine


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    try:
        Path(url.database or ".").parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal("store-unwritable", where=url.database, error=error.strerror) from None
    engine = create_engine(url, connect_args={"timeout": busy_seconds})

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not where the driver guesses
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":  # a network drive, for instance
            raise Refusal("store-journal", where=url.database, got=mode)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader who turns into a writer can't wait for another one, so a writer is one from the beginning.
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _server(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS})


def _check_schema(connection: Connection) -> None:
    """Tables are made where there are none, and brought up where an older release has made them; a newer release's
    are refused."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_OPENING)))
    if not inspect(connection).has_table(schema.schema.name):
        schema.metadata.create_all(connection)
        connection.execute(insert(schema.schema).values(version=schema.VERSION))
    found = connection.execute(select(func.max(schema.schema.c.version))).scalar_one()
    if found < schema.VERSION:
        bring_up(connection, found)
    elif found > schema.VERSION:
        raise Refusal("store-version", expected=schema.VERSION, got=found)


def insert_once(connection: Connection, table: Table, **values: Any) -> bool:
    """A row, unless one with its key is there; whether it is new."""
    new = _unless_there(connection, table).values(**values).returning(*table.primary_key)
    return connection.execute(new).first() is not None


def insert_all_once(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows, but for those whose key is there."""
    connection.execute(_unless_there(connection, table), rows)


def _unless_there(connection: Connection, table: Table) -> Any:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing()


@contextmanager
def refusing(engine: Engine) -> Generator[None]:
    """What the database can't do becomes a Refusal; anything else is a fault of ours."""
    try:
        yield
    except DBAPIError as error:
        raise _refusal(error, engine) from None


_CODES = {
    "SQLITE_BUSY": "store-locked",
    "SQLITE_LOCKED": "store-locked",
    "SQLITE_FULL": "store-full",
    "SQLITE_IOERR": "store-full",
    "SQLITE_READONLY": "store-unwritable",
    "SQLITE_CANTOPEN": "store-unwritable",
    "SQLITE_PERM": "store-unwritable",
    "SQLITE_CORRUPT": "store-damaged",
    "SQLITE_NOTADB": "store-damaged",
    # PostgreSQL's classes of states
    "25006": "store-unwritable",
    "42501": "store-unwritable",
    "53": "store-full",
    "55": "store-locked",
    "08": "store-unreachable",
}


def _refusal(error: DBAPIError, engine: Engine) -> Exception:
    cause = error.orig
    where = engine.url.database if engine.dialect.name == "sqlite" else engine.url.render_as_string(hide_password=True)
    state = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
    code = next((_CODES[start] for start in _CODES if state.startswith(start)), None)
    if code is None and engine.dialect.name == "postgresql" and type(cause).__name__ == "OperationalError":
        code = "store-unreachable"
    return error if code is None else Refusal(code, where=where, error=str(cause).splitlines()[0])
