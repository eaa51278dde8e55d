"""A task while it is done in a thread: who watches it, how far it is, what has come out."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ..refusals import Refusal
from ..runs.run_file import Run
from .executor import ABANDONED_SECONDS, ACTIVE, Stage, TaskState
from .task import Models, Progress, Task


class Running:
    """One thread works, others look."""

    def __init__(self, task: Task, runs: Mapping[str, Run]) -> None:
        self.task, self.runs = task, runs
        self.stage: Stage = "waiting"
        self.error: Refusal | None = None
        self._progress: Progress | None = None
        self._seen: dict[str, float] = {}  # by watcher, when they looked last
        self._given_up = False
        self._started, self._ended = threading.Event(), threading.Event()
        self._encoding = threading.Lock()  # two visitors who look at once make one result

    @property
    def active(self) -> bool:
        return self.stage in ACTIVE

    # ── for who looks ────────────────────────────────────────────────────────────
    def state(self, before: int) -> TaskState:
        progress = self._progress
        share, doing = (progress.share, progress.doing) if progress else (0.0, None)
        return TaskState(self.stage, share, doing, before, self.error)

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
    def work(self, models: Models) -> None:
        """To its end, or until nobody wants it any more: then within one step."""
        if self.unwanted:
            self.end("stopped")
            return
        self.stage = "running"
        with closing(self.task.start(models)) as steps:
            for progress in steps:
                self._progress = progress
                self._started.set()
                if self.unwanted:
                    self.end("stopped")
                    return
        self.end("done")

    def fail(self, error: Refusal) -> None:
        self.error, self._progress = error, None
        self.end("failed")

    def end(self, stage: Stage) -> None:
        """What it worked with is let go; its result, made once, stays."""
        if (progress := self._progress) is not None:
            result = self.result()
            self._progress = Progress(progress.share, progress.doing, lambda: result)
        self.runs = {}
        self.stage = stage
        self._started.set()
        self._ended.set()
