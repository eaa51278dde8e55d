"""Trials out of the store, for other programs: rows as CSV or JSON, and as a small database that comes with the app."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from ..files import write_whole
from . import schema
from .cells import Trials

COLUMNS = [column.name for column in schema.trials.columns if column.name not in ("id", "task", "run")]


def rows_of(store: Trials, cells: Sequence[str]) -> list[dict[str, Any]]:
    """Every text of some cells, by cell and seed."""
    table = schema.trials
    query = select(*(table.c[name] for name in COLUMNS)).where(table.c.cell.in_(cells))
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(query.order_by(table.c.cell, table.c.seed)).mappings()]


def checksum(data: bytes) -> str:
    """Of a file: its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """With a header; what was not measured is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_json(rows: Sequence[dict[str, Any]]) -> bytes:
    """A list of objects; what was not measured is null."""
    return json.dumps(rows, ensure_ascii=False, indent=0).encode()


def as_database(rows: Sequence[dict[str, Any]]) -> bytes:
    """A SQLite file with the store's version and its table of trials, as `measure/recorded.py` reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.db"
        with closing(sqlite3.connect(path)) as file:
            for table in (schema.schema, schema.trials):
                file.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
            file.execute("INSERT INTO schema VALUES (?)", [schema.VERSION])
            places = ", ".join(f":{name}" for name in COLUMNS)
            file.executemany(f"INSERT INTO trials ({', '.join(COLUMNS)}) VALUES ({places})", rows)  # noqa: S608, names of ours
            file.commit()
            file.execute("VACUUM")
        return path.read_bytes()


def export(path: Path, data: bytes, *, replace: bool) -> str:
    """Written whole; its checksum. Raises Refusal."""
    write_whole(path, data, replace=replace)
    return checksum(data)
