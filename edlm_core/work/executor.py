"""Who does a task. A page asks; it does not wait, and it may be closed. No torch."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..refusals import Refusal
from ..runs.run_file import Run
from .task import Doing, Task, TaskId

Stage = Literal["waiting", "running", "done", "stopped", "failed", "interrupted"]
ACTIVE = ("waiting", "running")
ABANDONED_SECONDS = 60  # after which one who has not looked has gone


@dataclass(frozen=True)
class TaskState:
    """How a task stands. `interrupted`: whoever did it died; it can be asked for again."""

    stage: Stage
    share: float = 0.0
    doing: Doing | None = None  # before the first step
    before: int = 0  # how many tasks come first
    seconds: float | None = None  # until it has come to its end, where that is known
    error: Refusal | None = None  # of a task that failed

    @property
    def active(self) -> bool:
        return self.stage in ACTIVE


GONE = TaskState("failed", error=Refusal("task-gone"))


class Executor(Protocol):
    """`by` names who asks. A task that two ask for is done once, and stopped when both have stopped it."""

    def submit(self, task: Task, *runs: Run, by: str = "") -> TaskId:
        """Ask for a task, with the runs that it is about. Raises Refusal where there is no room."""
        ...

    def stop(self, id: TaskId, by: str = "") -> None:
        """Within one step, unless somebody else still wants it; what has come out stays."""
        ...

    def state(self, id: TaskId) -> TaskState: ...

    def result(self, id: TaskId) -> Any:
        """What has come out so far, or None."""
        ...

    def watch(self, id: TaskId, by: str = "") -> None:
        """`by` is still looking. An interactive task at which nobody looks may end by itself."""
        ...

    def wait(self, id: TaskId, seconds: float) -> None:
        """Until there is something new to draw: the first step, the end, or what `seconds` have brought."""
        ...


def refusal_of(error: Exception) -> Refusal:
    """A failure of whatever kind, for a page to show: a code, never the English of whoever failed. That goes to
    the server's log."""
    if isinstance(error, Refusal):
        return error
    traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, MemoryError) or "not enough memory" in str(error):  # torch's own is a RuntimeError
        return Refusal("task-memory")
    if isinstance(error, OSError):
        return Refusal("task-system", error=error.strerror or type(error).__name__)
    return Refusal("task-unexpected")
