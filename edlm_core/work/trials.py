"""What a finished sweep leaves in the store beside its result: a row a text, for whatever table is made of it."""

from __future__ import annotations

from typing import Any

from ..measure.trial_row import how_written, trial_rows
from .store import Store
from .task import Task, task_id
from .tasks import RunSweep


def file_trials(store: Store, task: Task, result: Any) -> None:
    """Once, however often the task is done: its texts are the same. Nothing for what is no sweep."""
    if not isinstance(task, RunSweep):
        return
    rows = [row for measures in result or () for row in trial_rows(measures, how_written(measures, task.together))]
    if rows:
        store.add_trials(rows, task=task_id(task))
