"""What a visitor has asked for: a task's id, and the model it was asked of. The work is done elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import streamlit as st

from edlm_core.runs.run_file import Run
from edlm_core.work.executor import TaskState
from edlm_core.work.task import Task, TaskId

from . import cache
from .i18n import in_words


@dataclass(eq=False)
class Asked:
    """One press of a button. Another visitor may have asked the same: who stops it, stops it for himself."""

    model: str
    id: TaskId
    label: str = ""
    name: str = field(default_factory=lambda: f"run-{uuid4().hex[:8]}")  # of this press
    _end: tuple[TaskState, Any] | None = None  # how it stood and what it had brought when it ended here

    def state(self) -> TaskState:
        """How it stands. To ask is to watch: what nobody watches any more ends."""
        if self._end is None:
            local = cache.local(self.model)
            local.watch(self.id, visitor())
            state = local.state(self.id)
            if state.active:
                return state
            self._end = state, local.result(self.id)
        return self._end[0]

    @property
    def active(self) -> bool:
        return self.state().active

    def result(self) -> Any:
        """What has come out so far, or None."""
        return cache.local(self.model).result(self.id) if self.active else self._end[1]

    def stop(self) -> None:
        local = cache.local(self.model)
        state = self.state()
        if state.active:
            self._end = replace(state, stage="stopped"), local.result(self.id)
            local.stop(self.id, visitor())

    def wait(self, seconds: float) -> None:
        cache.local(self.model).wait(self.id, seconds)


def ask(model: str, task: Task, *runs: Run, label: str = "") -> Asked:
    """Raises Refusal where there is no room."""
    return Asked(model, cache.local(model).submit(task, *runs, by=visitor()), label)


def visitor() -> str:
    """A name for this visit, which tells who watches and who stops."""
    return st.session_state.setdefault("visitor", uuid4().hex)


def error_of(state: TaskState) -> str:
    """Why a task failed, in the visitor's language."""
    return in_words(state.error) if state.error is not None else ""
