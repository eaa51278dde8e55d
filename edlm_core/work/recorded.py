"""A file of trials that has been copied out of a store, read as a store is: by `cells.py`, and never written."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ..refusals import Refusal
from . import schema


class Recorded:
    """Opened anew for each look at it: a newer file in its place is read at the next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        place = quote(str(path.absolute()))
        self.engine = create_engine(f"sqlite:///file:{place}?mode=ro&immutable=1&uri=true", poolclass=NullPool)

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
