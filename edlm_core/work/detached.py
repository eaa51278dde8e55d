"""An Executor for long tasks: each in a process of its own, which survives the page, the visitor and the app."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ..refusals import Refusal
from ..runs.run_file import Run
from .executor import ABANDONED_SECONDS, ACTIVE, TaskState, refusal_of
from .ledger import SILENT_SECONDS, Ledger
from .store import Store
from .task import Task, TaskId, task_id

ROOT = Path(__file__).parents[2]
CAPACITY = 8  # processes that work or wait
LOOK_SECONDS = 0.5


class Detached:
    """Holds nothing of its own: all is in the store, so that a restarted app finds what goes on."""

    def __init__(self, store: Store, silent_seconds: float = SILENT_SECONDS) -> None:
        self.store, self.ledger = store, Ledger(store, silent_seconds)
        self._seen: dict[tuple[TaskId, str], float] = {}  # when the store was last told that somebody looks

    def submit(self, task: Task, *runs: Run, by: str = "", seconds: float | None = None) -> TaskId:
        """A task that goes on already, or whose result is kept, is not done again. `seconds`: what it may take, if the
        asker knows. Raises Refusal."""
        known = self.state(task_id(task)).stage in (*ACTIVE, "done")
        if not known and len(self.active()) >= CAPACITY:
            raise Refusal("queue-full", waiting=CAPACITY)
        for run in runs:
            self.store.put_run(run)
        id, owner = self.ledger.ask(task, by, seconds)
        if owner is not None:
            self._start(id, owner)
        return id

    def stop(self, id: TaskId, by: str = "") -> None:
        self.ledger.leave(id, by)

    def state(self, id: TaskId) -> TaskState:
        return self.ledger.state(id)

    def result(self, id: TaskId) -> Any:
        return self.ledger.result(id)

    def watch(self, id: TaskId, by: str = "") -> None:
        now = time.monotonic()
        if now - self._seen.get((id, by), -ABANDONED_SECONDS) > ABANDONED_SECONDS / 4:
            self._seen[id, by] = now
            self.ledger.keep_watching(id, by)

    def wait(self, id: TaskId, seconds: float) -> None:
        until, first = time.monotonic() + seconds, self.state(id)
        while first.active and self.state(id).stage == first.stage and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_SECONDS))

    def log(self, id: TaskId) -> Path:
        """What its process prints."""
        return self.store.folder / "logs" / f"{id[:16]}.log"

    def active(self) -> list[TaskId]:
        """What goes on, whoever started it."""
        return self.ledger.active()

    def _start(self, id: TaskId, owner: str) -> None:
        """In a session of its own, so that neither the terminal's end nor the app's ends it. The store's address goes
        through the environment: a password must not stand in the list of processes."""
        environment = os.environ | {"EDLM_STORE": self.store.url, "EDLM_DATA": str(self.store.folder)}
        try:
            log = self.log(id)
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("ab") as output:
                process = subprocess.Popen(  # noqa: S603, nothing of it comes from outside
                    [sys.executable, "-m", "edlm_core.work.child", id, owner],
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        except OSError as error:
            self.ledger.end(id, owner, "failed", error=refusal_of(error))
            return
        threading.Thread(target=process.wait, name="edlm-child", daemon=True).start()  # no zombie is left behind
