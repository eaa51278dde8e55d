"""A process of its own for one long task: `python -m edlm_core.work.child ID OWNER`, as `detached` starts it.

It waits for its turn, writes its progress into the store and reads from it whether anybody still wants it.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from ..catalogue import JUDGES
from ..refusals import Refusal
from ..runs.run_file import Run
from .cells import kept_seeds
from .executor import refusal_of
from .ledger import Ledger
from .pace import Pace
from .store import Store
from .task import TaskId
from .trials import file_trials
from .warm_up import choose_threads

if TYPE_CHECKING:
    from ..measure.trial_row import TrialRow
    from ..models.checkpoints import Model

BEAT_SECONDS = 1.0
REPORT_SECONDS = 1.0
TURN_SECONDS = 0.5


class Loader:
    """The Models, and the Shelf, of a process that has nothing loaded yet."""

    def __init__(self, store: Store, id: TaskId) -> None:
        self.store, self.id = store, id
        self.model = cache(self._load)

    def _load(self, name: str) -> Model:
        from ..models.checkpoints import load_model

        model = load_model(name)
        choose_threads(model)
        return model

    def judges(self) -> Sequence[str]:
        return [judge.name for judge in JUDGES.values() if not judge.pretrained]

    def run(self, name: str) -> Run:
        return self.store.run(name)

    # ── the shelf of a sweep ─────────────────────────────────────────────────────
    def kept(self, cells: Collection[str]) -> dict[str, set[int]]:
        return kept_seeds(self.store, cells)

    def keep(self, rows: Sequence[TrialRow]) -> None:
        self.store.add_trials(rows, task=self.id)

    def ahead(self) -> list[str]:
        return Ledger(self.store).ahead(self.id)


class Heart:
    """Beats beside the work, so that a long step is not taken for death; learns whether the work is still wanted."""

    def __init__(self, ledger: Ledger, id: TaskId, owner: str) -> None:
        self.ledger, self.id, self.owner = ledger, id, owner
        self.unwanted = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="edlm-heart", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                if not self.ledger.beat(self.id, self.owner):
                    self.unwanted.set()
            except Refusal as error:  # a store that is locked or away for a while: the next beat may reach it
                print(error, file=sys.stderr)


def work(store: Store, id: TaskId, owner: str) -> None:
    """To the end, or until nobody wants it any more: then within one step. What has come out stays."""
    ledger = Ledger(store)
    with Heart(ledger, id, owner) as heart:
        try:
            _work(ledger, heart)
        except Exception as error:  # noqa: BLE001, whatever it is, the store says it
            try:
                ledger.end(id, owner, "failed", error=refusal_of(error))
            except Refusal as refusal:  # a disk that is full, for instance
                print(refusal, file=sys.stderr)


def _work(ledger: Ledger, heart: Heart) -> None:
    id, owner = heart.id, heart.owner
    while not ledger.claim(id, owner):
        if heart.unwanted.wait(TURN_SECONDS):
            ledger.end(id, owner, "stopped")
            return
    task, progress = ledger.task(id), None
    pace = Pace(ledger.state(id).seconds)
    partial = task.result_type() is not Run  # a run is kept when it is whole
    told = -REPORT_SECONDS
    with closing(task.start(Loader(ledger.store, id))) as steps:
        for progress in steps:
            if heart.unwanted.is_set():
                ledger.end(id, owner, "stopped", progress.result)
                return
            if time.monotonic() - told >= REPORT_SECONDS:
                result = progress.result if partial else None
                ledger.report(id, owner, progress, result, pace.left(progress.share))
                told = time.monotonic()
    result = progress and progress.result
    file_trials(ledger.store, task, result)
    ledger.end(id, owner, "done", result)


if __name__ == "__main__":
    store = Store()
    work(store, *sys.argv[1:3])
    store.close()
