"""A sweep as a task: its rows go into the store batch by batch, so that whatever ends it loses no more than one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from ..config import Request
from ..measure.settled import How, cell_of, settled
from ..measure.todo import Todo
from ..refusals import Refusal
from .encoding import told_refusal
from .hands import HERE, Hands
from .here import Here
from .task import Doing, Models, Progress, Shelf, Steps, register

MAX_CELLS = 5000


@dataclass(frozen=True)
class CellState:
    """How far a cell is; its texts are in the store."""

    cell: str
    done: int  # texts that are kept, from whichever sweep
    of: int
    error: dict[str, Any] | None = None  # why it has come to nothing: a refusal as JSON has it


@register
@dataclass(frozen=True)
class MeasureCells:
    """The texts of each request, written and measured, as rows of the store; those that are there are not done again.
    -> list of CellState"""

    kind: ClassVar[str] = "cells"
    interactive: ClassVar[bool] = False
    how: How
    requests: tuple[Request, ...]  # settled, each once; the seeds of all begin with the same one
    title: str = ""
    on: str = HERE

    def __post_init__(self) -> None:
        if not 1 <= len(self.requests) <= MAX_CELLS:
            raise Refusal("sweep-cells", most=MAX_CELLS, got=len(self.requests))

    @property
    def cells(self) -> dict[str, Request]:
        """The requests by the names of their cells."""
        return {cell_of(request, self.how): request for request in self.requests}

    def start(self, models: Models) -> Steps:
        if not isinstance(models, Shelf):
            raise TypeError("a sweep: expected to be done where its rows can be kept")
        cells = self.cells
        todo, failed = Todo(cells, models.kept(cells), self.how.together), dict[str, Refusal]()
        yield self._progress(todo, failed)
        if todo.empty:
            return
        with closing(_hands(self.on, self.how)) as at_work:
            while at_work.busy or not todo.empty:
                while at_work.free and (batch := todo.next(models.ahead())) is not None:
                    at_work.take(batch)
                for written in at_work.turn():
                    if written.error is None:
                        models.keep(written.rows)
                        todo.finish(written.batch)
                    else:
                        failed[written.batch.cell] = written.error
                        todo.give_up(written.batch)
                yield self._progress(todo, failed)
        if failed:  # so that asked again it is tried again
            why = next(iter(failed.values()))
            raise Refusal("sweep-failed", failed=len(failed), of=len(cells), why=why)

    def result_type(self) -> Any:
        return list[CellState]

    def _progress(self, todo: Todo, failed: dict[str, Refusal]) -> Progress:
        done, of = sum(cell.done for cell in todo.cells.values()), sum(cell.of for cell in todo.cells.values())
        doing = Doing("measuring-cells", {"done": done, "of": of})
        return Progress(todo.share, doing, partial(_states, todo, failed))


def sweep_of(requests: Iterable[Request], how: How, *, title: str = "", on: str = HERE) -> MeasureCells:
    """Requests that come to the same texts are one cell, of the most texts that are asked of it. Raises Refusal."""
    cells: dict[str, Request] = {}
    for request in map(settled, requests):
        name = cell_of(request, how)
        known = cells.setdefault(name, request)
        num = max(known.config.num_chains, request.config.num_chains)
        cells[name] = replace(known, config=replace(known.config, num_chains=num))
        if len(cells) > MAX_CELLS:
            raise Refusal("sweep-cells", most=MAX_CELLS, got=f"more than {MAX_CELLS}")
    return MeasureCells(how, tuple(cells.values()), title, on)


def _hands(on: str, how: How) -> Hands:
    """Raises Refusal where they can't be had."""
    if on == HERE:
        return Here(how)
    from .on_ray import Cluster

    return Cluster(on, how)


def _states(todo: Todo, failed: dict[str, Refusal]) -> list[CellState]:
    return [
        CellState(cell.name, cell.done, cell.of, told_refusal(failed[cell.name]) if cell.name in failed else None)
        for cell in todo.cells.values()
    ]
