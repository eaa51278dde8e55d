"""A sweep that goes on in a process of its own, from the command line: how far it is, how it ended, which there are."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from ..characters import json_line
from ..measure.paired import Interval
from ..measure.sweep import described
from ..refusals import Refusal, in_words
from ..work.cells import figures
from ..work.detached import Detached
from ..work.encoding import restored_refusal
from ..work.sweep_task import CellState, MeasureCells
from ..work.task import TaskId
from .progress import progress
from .stopping import asked_to_stop

RESTARTS = 3  # of a sweep whose process was killed while somebody waits for it
LOOK_SECONDS = 0.2
NAME = 12  # digits of a task's id that are shown


def follow(detached: Detached, task: MeasureCells, id: TaskId) -> None:
    """Until it ends. Ctrl-C stops it; a process that was killed is started again."""
    restarts = 0
    with progress() as told, asked_to_stop() as asked:
        while True:
            state = detached.state(id)
            if state.stage == "interrupted" and restarts < RESTARTS and not asked.is_set():
                restarts += 1
                detached.submit(task)
            elif not state.active:
                break
            if asked.is_set():
                detached.stop(id)
            done = state.doing.values if state.doing is not None else {}
            words = f"sweep {id[:NAME]}: {done['done']} of {done['of']} texts" if "of" in done else "sweep: loading"
            told(state.share, words)
            time.sleep(LOOK_SECONDS)
    if asked.is_set():
        raise SystemExit(130)  # what a shell calls an interruption


def ended(detached: Detached, task: MeasureCells, id: TaskId, *, json: bool) -> None:
    """What there is of it. Raises Refusal where not all of it could be done."""
    state = detached.state(id)
    if state.stage in ("stopped", "interrupted"):
        command = f"`python -m edlm_core sweep --resume {id[:NAME]}`"
        raise Refusal("sweep-silent", command=command, log=detached.log(id))
    if state.error is None or state.error.code == "sweep-failed":
        states: list[CellState] = detached.result(id) or []
        print(json_line(_json(detached, id, states)) if json else _table(detached, task, states), flush=True)
    if state.error is not None:
        raise state.error


def figure(interval: Interval, digits: int) -> str:
    mean, half = interval
    return f"{mean:.{digits}f}" + ("" if math.isnan(half) else f" ± {half:.{digits}f}")


def without_nan(measured: Mapping[str, Interval]) -> dict[str, tuple[float, float | None]]:
    """As JSON has it."""
    return {name: (mean, None if math.isnan(half) else half) for name, (mean, half) in measured.items()}


def named(detached: Detached, name: str) -> TaskId:
    """The newest sweep whose id begins so, or that is of this preset. Raises Refusal."""
    for id in detached.ledger.newest(MeasureCells.kind, 1 if name == "" else 10_000):
        if id.startswith(name) or sweep_by_id(detached, id).title == name:
            return id
    raise Refusal("sweep-unknown", got=repr(name)[:40])


def sweep_by_id(detached: Detached, id: TaskId) -> MeasureCells:
    task = detached.ledger.task(id)
    assert isinstance(task, MeasureCells)  # noqa: S101, its kind says so
    return task


def print_sweeps(detached: Detached, *, json: bool) -> None:
    lines: list[dict[str, Any]] = []
    for id in detached.ledger.newest(MeasureCells.kind):
        task, state = sweep_by_id(detached, id), detached.state(id)
        about = {"title": task.title, "cells": len(task.requests), "on": task.on}
        lines.append({"sweep": id, "stage": state.stage, "share": state.share, **about})
    if json:
        print(json_line({"sweeps": lines}))
        return
    for line in lines:
        title = f" {line['title']}" if line["title"] else ""
        print(f"{line['sweep'][:NAME]}  {line['stage']:<11} {line['share']:4.0%}  {line['cells']} settings{title}")


def _json(detached: Detached, id: TaskId, states: list[CellState]) -> dict[str, Any]:
    known = {one.cell: one.measured for one in figures(detached.store, cell=[state.cell for state in states])}
    cells = [
        {"cell": state.cell, "done": state.done, "of": state.of, "measured": without_nan(known.get(state.cell, {}))}
        | ({"error": in_words(restored_refusal(state.error))} if state.error else {})
        for state in states
    ]
    return {"sweep": id, "cells": cells}


def _table(detached: Detached, task: MeasureCells, states: list[CellState]) -> str:
    known = {one.cell: one.measured for one in figures(detached.store, cell=[state.cell for state in states])}
    lines = []
    for state, request in zip(states, task.requests, strict=True):
        measured = known.get(state.cell, {})
        judged = [
            f"NLL by {judge} {figure(measured[name], 2)}"
            for judge in task.how.judges
            if (name := f"judge_nll_{judge}") in measured
        ]
        seconds = [f"{figure(measured['seconds'], 3)} s a text"] if "seconds" in measured else []
        error = [in_words(restored_refusal(state.error))] if state.error else []
        words = ", ".join([f"{state.done} texts", *judged, *seconds, *error])
        lines.append(f"{state.cell}  {described(request)}: {words}")
    return "\n".join(lines)
