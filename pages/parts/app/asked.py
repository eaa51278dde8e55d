"""What a visitor has asked for: a task's id, and the model it was asked of. The work is done elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import streamlit as st

from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import Run
from edlm_core.work.executor import ACTIVE, Executor, TaskState
from edlm_core.work.task import Task, TaskId, task_id

from . import cache
from .i18n import in_words

LONG_SECONDS = 20.0  # a task that takes longer outlives the page


@dataclass(eq=False)
class Asked:
    """One press of a button. Another visitor may have asked the same: whoever stops it, stops it for themselves."""

    model: str | None  # whose thread does it; None: a process of its own
    id: TaskId
    label: str = ""
    name: str = field(default_factory=lambda: f"run-{uuid4().hex[:8]}")  # of this press
    _end: tuple[TaskState, Any] | None = None  # how it stood and what it had brought when it ended here

    def state(self) -> TaskState:
        """How it stands. To ask is to watch: what nobody watches any more ends."""
        if self._end is None:
            try:
                executor = self._executor
                executor.watch(self.id, visitor())
                state = executor.state(self.id)
                if state.active:
                    return state
                result = executor.result(self.id)
            except Refusal as refusal:  # a store that is away, a result that another release wrote
                state, result = TaskState("failed", error=refusal), None
            self._end = state, result
        return self._end[0]

    @property
    def active(self) -> bool:
        return self.state().active

    def result(self) -> Any:
        """What has come out so far, or None."""
        return self._executor.result(self.id) if self.active else self._end[1]

    def stop(self) -> None:
        state = self.state()
        if state.active:
            self._end = replace(state, stage="stopped"), self._executor.result(self.id)
            self._executor.stop(self.id, visitor())

    def wait(self, seconds: float) -> None:
        self._executor.wait(self.id, seconds)

    @property
    def _executor(self) -> Executor:
        return cache.detached() if self.model is None else cache.local(self.model)


def ask(model: str, task: Task, *runs: Run, label: str = "", seconds: float = 0.0, outlives: bool = False) -> Asked:
    """`seconds`: what it may take, inf where nobody knows. What takes long gets a process of its own, and what is to
    outlive the visit however short it is. Raises Refusal where there is no room."""
    if outlives or seconds > LONG_SECONDS:
        expected = seconds if math.isfinite(seconds) else None
        return Asked(None, cache.detached().submit(task, *runs, by=visitor(), seconds=expected), label)
    return Asked(model, cache.local(model).submit(task, *runs, by=visitor()), label)


def find(task: Task, label: str = "") -> Asked | None:
    """What was asked for at an earlier visit, or by somebody else, and goes on in a process of its own or is done."""
    try:
        detached = cache.detached()
        if detached.state(task_id(task)).stage not in (*ACTIVE, "done"):
            return None
        return Asked(None, detached.submit(task, by=visitor()), label)
    except Refusal:  # a store that is away has nothing to offer; who asks it for more is told
        return None


def going_on() -> set[TaskId]:
    """What processes of their own are doing or are to do, whoever asked for it."""
    try:
        return set(cache.detached().active())
    except Refusal:  # as in find
        return set()


def visitor() -> str:
    """A name for this visit, which tells who watches and who stops."""
    return st.session_state.setdefault("visitor", uuid4().hex)


def error_of(state: TaskState) -> str:
    """Why a task failed, in the visitor's language."""
    return in_words(state.error) if state.error is not None else ""
