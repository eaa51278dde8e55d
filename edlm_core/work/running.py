"""A task while it is done in a thread: who watches it, how far it is, what has come out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..refusals import Refusal
from ..runs.run_file import Run
from .executor import ABANDONED_SECONDS, ACTIVE, Stage, TaskState
from .task import Models, Progress, Steps, Task


class Running:
    """One thread works, others look."""

    def __init__(self, task: Task, runs: Mapping[str, Run]) -> None:
        self.task, self.runs = task, runs
        self.stage: Stage = "waiting"
        self.error: Refusal | None = None
        self._progress: Progress | None = None
        self._seen: dict[str, float] = {}  # by watcher, when they looked last
        self._given_up = False
        self._steps: Steps | None = None  # while it is begun and has not ended
        self.spent = 0.0  # seconds of work
        self._started, self._ended = threading.Event(), threading.Event()
        self._encoding = threading.Lock()  # two visitors who look at once make one result

    @property
    def active(self) -> bool:
        return self.stage in ACTIVE

    # ── for who looks ────────────────────────────────────────────────────────────
    @property
    def share(self) -> float:
        return self._progress.share if self._progress is not None else 0.0

    def state(self, before: int, seconds: float | None) -> TaskState:
        progress = self._progress
        return TaskState(self.stage, self.share, progress and progress.doing, before, seconds, self.error)

    def result(self) -> Any:
        """What has come out so far; None before the first step."""
        progress = self._progress
        if progress is None:
            return None
        with self._encoding:
            return progress.result

    def wait(self, seconds: float) -> None:
        (self._ended if self._started.is_set() else self._started).wait(seconds)

    # ── who watches ──────────────────────────────────────────────────────────────
    @property
    def shareable(self) -> bool:
        """Somebody else who asks the same gets this one."""
        return self.stage == "done" or (self.active and not self.unwanted)

    @property
    def unwanted(self) -> bool:
        """Everybody has stopped it, or nobody has looked for long and it was done for somebody who waits."""
        if self._given_up or not self._seen:
            return True
        return self.task.interactive and time.monotonic() - max(self._seen.values()) > ABANDONED_SECONDS

    def watch(self, by: str) -> None:
        self._seen = self._seen | {by: time.monotonic()}

    def keep_watching(self, by: str) -> None:
        """One who watches looks again; who has left stays away."""
        if by in self._seen:
            self.watch(by)

    def leave(self, by: str) -> None:
        self._seen = {name: seen for name, seen in self._seen.items() if name != by}

    def abandon(self) -> None:
        self._given_up = True

    # ── for who works ────────────────────────────────────────────────────────────
    @property
    def begun(self) -> bool:
        """It holds memory: it has been worked at and has not ended."""
        return self._steps is not None

    def work(self, models: Models, over: Callable[[float], bool]) -> None:
        """To its end, until nobody wants it any more, or until the turn is `over`, which is told its seconds: then
        within one step. What is left is done at the next turn."""
        began, before = time.monotonic(), self.spent
        steps = self._steps
        if steps is None and not self.unwanted:
            steps = self._steps = self.task.start(models)
            self.stage = "running"
        while steps is not None and not self.unwanted:
            progress = next(steps, None)
            seconds = time.monotonic() - began
            self.spent = before + seconds
            if progress is None:
                self.end("done")
                return
            self._progress = progress
            self._started.set()
            if over(seconds):
                return
        self.end("stopped")

    def fail(self, error: Refusal) -> None:
        self.error, self._progress = error, None
        self.end("failed")

    def end(self, stage: Stage) -> None:
        """What it worked with is let go; its result, made once, stays."""
        if self._steps is not None:
            self._steps.close()
            self._steps = None
        if (progress := self._progress) is not None:
            result = self.result()
            self._progress = Progress(progress.share, progress.doing, lambda: result)
        self.runs = {}
        self.stage = stage
        self._started.set()
        self._ended.set()
