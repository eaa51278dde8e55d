"""From an older release's tables to this one's, a step a version, in the transaction that opens the store."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, Connection, Table, update

from . import schema


def bring_up(connection: Connection, version: int) -> None:
    """All steps from `version` on, or none: a store that is left in the middle is as it was."""
    for step in STEPS[version - 1 :]:
        step(connection)
    connection.execute(update(schema.schema).values(version=schema.VERSION))


def _cells(connection: Connection) -> None:
    """1 to 2: trials know their cell, batch and processor; a sweep's cells can be put in another order."""
    _add(connection, schema.tasks, "ahead")
    _add(connection, schema.trials, "processor", "cell", "batch")
    for index in schema.trials.indexes:
        if index.name in ("trials_by_cell", "trials_by_measure"):
            index.create(connection)


STEPS: tuple[Callable[[Connection], None], ...] = (_cells,)  # the first leads from version 1 to 2


def _add(connection: Connection, table: Table, *names: str) -> None:
    quote = connection.dialect.identifier_preparer
    for name in names:
        column: Column[object] = table.c[name]
        kind = column.type.compile(connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {quote.format_table(table)} ADD COLUMN {quote.quote(name)} {kind}")
