"""A file of trials that has been copied out of a store, read as a store is: by `cells.py`, and never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ..refusals import Refusal
from . import schema


class Recorded:
    """Opened anew for each look at it: a newer file in its place is read at the next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self.engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Raises Refusal where it is no such file, or another release's."""
        try:
            with self.engine.connect() as connection:
                if not {"schema", "trials"} <= set(inspect(connection).get_table_names()):
                    raise Refusal("recorded", path=self.path.name, error="no such table: trials")
                version = connection.execute(select(schema.schema.c.version)).scalar()
                if version != schema.VERSION:
                    raise Refusal("store-version", expected=schema.VERSION, got=version)
                yield connection
        except DBAPIError as error:
            raise Refusal("recorded", path=self.path.name, error=str(error.orig)) from None
