"""Trials by cell: what of a sweep is kept, in figures. Sums and pairs are read from an index, never from texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, Row, RowMapping, Select, func, select

from ..measure.paired import Interval, interval_of_sums
from . import schema
from .schema import MEASURED

CALLS = ("denoiser_calls", "energy_calls", "scored")
MANY = 500  # cells asked for in one query
_trials = schema.trials.c


class Trials(Protocol):
    """Where a table of trials is read from: the store, or a file that has been copied out of one."""

    def reading(self) -> AbstractContextManager[Connection]: ...


@dataclass(frozen=True)
class CellFigures:
    """The texts of a cell that are kept. `setting` is the row of one of them."""

    cell: str
    texts: int
    measured: dict[str, Interval]  # mean and half-width of the 95 % interval, of the texts that have the measure
    missing: dict[str, int]  # texts that have no such measure: counted, never taken for 0
    setting: Row[Any]

    @cached_property
    def row(self) -> dict[str, Any]:
        """The setting by the names of its columns."""
        return {column.name: getattr(self.setting, column.name) for column in schema.trials.columns}


def kept_seeds(store: Trials, cells: Collection[str]) -> dict[str, set[int]]:
    """The seeds whose texts are kept, by cell."""
    seeds: dict[str, set[int]] = defaultdict(set)
    with store.reading() as connection:
        for part in _parts(list(cells)):
            for cell, seed in connection.execute(kept(part)):
                seeds[cell].add(seed)
    return dict(seeds)


def figures(store: Trials, **wanted: Any) -> list[CellFigures]:
    """Every cell, or those whose setting has these values, in the order of their first texts."""
    with store.reading() as connection:
        return [_figures(row) for row in connection.execute(summed(wanted))]


def paired(store: Trials, cell: str, measure: str) -> dict[int, float | None]:
    """A measure of each text by its seed; None where it has none."""
    with store.reading() as connection:
        return {row.seed: row.value for row in connection.execute(by_seed(cell, measure))}


def calls(store: Trials) -> dict[str, dict[str, float]]:
    """The averages of CALLS over the texts of each cell. Every text is read for it."""
    means = [func.avg(_trials[name]).label(name) for name in CALLS]
    query = select(_trials.cell, *means).where(_trials.cell.is_not(None)).group_by(_trials.cell)
    with store.reading() as connection:
        return {row["cell"]: {name: row[name] for name in CALLS} for row in connection.execute(query).mappings()}


def texts(store: Trials, cell: str) -> dict[int, RowMapping]:
    """The whole rows of a cell, by seed."""
    query = select(schema.trials).where(_trials.cell == cell).order_by(_trials.seed)
    with store.reading() as connection:
        return {row["seed"]: row for row in connection.execute(query).mappings()}


def summed(wanted: dict[str, Any]) -> Select[Any]:
    """A row a cell: n, sums and sums of squares, and the row of its first text."""
    sums = [
        made
        for name in MEASURED
        for made in (
            func.count(_trials[name]).label(f"{name}_n"),
            func.sum(_trials[name]).label(f"{name}_sum"),
            func.sum(_trials[name] * _trials[name]).label(f"{name}_squares"),
        )
    ]
    first, last = func.min(_trials.seed).label("first"), func.max(_trials.seed).label("last")
    batches = func.count(_trials.batch.distinct()).label("batches")
    cells = (
        select(_trials.cell.label("of"), func.count(_trials.seed).label("texts"), first, last, batches, *sums)
        .where(_trials.cell.is_not(None))
        .group_by(_trials.cell)
        .subquery()
    )
    table = schema.trials
    query = select(cells, table).join(table, (table.c.cell == cells.c.of) & (table.c.seed == cells.c.first))
    for name, value in wanted.items():
        query = query.where(table.c[name].in_(value) if isinstance(value, list) else table.c[name] == value)
    return query.order_by(table.c.id)


def kept(cells: Sequence[str]) -> Select[Any, Any]:
    return select(_trials.cell, _trials.seed).where(_trials.cell.in_(cells))


def by_seed(cell: str, measure: str) -> Select[Any, Any]:
    return select(_trials.seed, _trials[measure].label("value")).where(_trials.cell == cell).order_by(_trials.seed)


def _figures(row: Row[Any]) -> CellFigures:
    counts = {name: getattr(row, f"{name}_n") for name in MEASURED}
    measured = {
        name: interval_of_sums(
            n, getattr(row, f"{name}_sum"), getattr(row, f"{name}_squares"), _independent(row, name, n)
        )
        for name, n in counts.items()
        if n
    }
    missing = {name: row.texts - n for name, n in counts.items()}
    return CellFigures(row.of, row.texts, measured, missing, row)


def _independent(row: Row[Any], name: str, n: int) -> int:
    """How many of n values chance has drawn by itself: the texts of a batch share its seconds."""
    return row.batches if name == "seconds" else n


def _parts(cells: Sequence[str]) -> Iterator[Sequence[str]]:
    return (cells[n : n + MANY] for n in range(0, len(cells), MANY))
