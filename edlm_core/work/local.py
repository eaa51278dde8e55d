"""One thread owns a model; what visitors ask of it waits in a short queue. No torch before the model has loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..catalogue import JUDGES
from ..refusals import Refusal
from ..runs.costs import Rates, learn
from ..runs.run_file import Run
from .executor import GONE, TaskState, refusal_of
from .running import Running
from .task import Task, TaskId, task_id
from .tasks import Record, run_hash
from .warm_up import choose_threads, load_smollm2, warm_up

if TYPE_CHECKING:  # a page is drawn before torch has loaded
    from ..models.checkpoints import Model

CAPACITY = 16  # tasks that wait
KEPT = 64  # results, of which the oldest go first


class Local:
    """Loads a model in its own thread and does one task at a time: an Executor for short, interactive tasks, and the
    Models that they are given. `rates` learn from every run that is recorded."""

    def __init__(self, load: Callable[[], Model], finished: Callable[[Task, Any], None] | None = None) -> None:
        """`finished` is told every task that came to its end, and its result; what it raises is the task's failure."""
        self.error: Refusal | None = None  # why the model could not be loaded
        self.rates: Rates = {}
        self.ready = threading.Event()  # loaded and warm, or failed
        self._load, self._finished = load, finished
        self._model: Model | None = None
        self._known: dict[TaskId, Running] = {}  # the oldest first
        self._waiting: list[Running] = []
        self._changed = threading.Condition()  # guards the two above
        self._current: Running | None = None
        self._closed = False
        threading.Thread(target=self._serve, name="edlm-worker", daemon=True).start()

    # ── for visitors ─────────────────────────────────────────────────────────────
    def submit(self, task: Task, *runs: Run, by: str = "") -> TaskId:
        """A task that runs already, or whose result is kept, is not done again. Raises Refusal."""
        id = task_id(task)
        with self._changed:
            known = self._known.pop(id, None)
            if known is None or not known.shareable:
                if len(self._waiting) >= CAPACITY:
                    raise Refusal("queue-full", waiting=CAPACITY)
                known = Running(task, {run_hash(run): run for run in runs})
                self._waiting.append(known)
                self._changed.notify()
            self._known[id] = known
            known.watch(by)
            self._forget()
        return id

    def stop(self, id: TaskId, by: str = "") -> None:
        running = self._known.get(id)
        if running is None:
            return
        running.leave(by)
        with self._changed:
            if running.unwanted and running in self._waiting:
                self._waiting.remove(running)
                running.end("stopped")

    def state(self, id: TaskId) -> TaskState:
        running = self._known.get(id)
        return GONE if running is None else running.state(self._before(running))

    def result(self, id: TaskId) -> Any:
        running = self._known.get(id)
        return None if running is None else running.result()

    def watch(self, id: TaskId, by: str = "") -> None:
        """`by` is still looking. An interactive task at which nobody looks ends by itself."""
        if (running := self._known.get(id)) is not None:
            running.keep_watching(by)

    def wait(self, id: TaskId, seconds: float) -> None:
        """Until there is something new to draw: the first step, the end, or what `seconds` have brought."""
        if (running := self._known.get(id)) is not None:
            running.wait(seconds)

    def close(self) -> None:
        """End the thread after the step at hand; what waits is stopped."""
        with self._changed:
            self._closed = True
            for running in [*self._waiting, *filter(None, [self._current])]:
                running.abandon()
            self._changed.notify()

    # ── for tasks ────────────────────────────────────────────────────────────────
    def model(self, name: str) -> Model:
        """The one that this thread owns; who asks has chosen the thread by the name."""
        if self._model is None:
            raise self.error or Refusal("task-unexpected")
        return self._model

    def judges(self) -> list[str]:
        """The judges that need no waiting: a pretrained one only once it is loaded."""
        loaded = vars(self._model) if self._model is not None else {}
        return [judge.name for judge in JUDGES.values() if not judge.pretrained or judge.name in loaded]

    def run(self, name: str) -> Run:
        runs = self._current.runs if self._current is not None else {}
        if name not in runs:
            raise Refusal("run-gone", name=name[:12])
        return runs[name]

    # ── the thread ───────────────────────────────────────────────────────────────
    def _serve(self) -> None:
        try:
            self._model = self._load()
            choose_threads(self._model)
            self.rates = warm_up(self, self._model)
            load_smollm2(self._model, self._learned)
        except Exception as error:  # noqa: BLE001, whatever it is, the page says it
            self.error = refusal_of(error)
        self.ready.set()
        while (running := self._next()) is not None:
            self._do(running)
            with self._changed:
                self._current = None

    def _next(self) -> Running | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            self._current = self._waiting.pop(0) if self._waiting else None
            return self._current

    def _do(self, running: Running) -> None:
        """A failure of whatever kind becomes the state's error, for the page to show."""
        try:
            running.work(self)
            if running.stage == "done" and isinstance(running.task, Record):
                self._learned(learn(self.rates, running.result()))
            if running.stage == "done" and self._finished is not None:
                self._finished(running.task, running.result())
        except Exception as error:  # noqa: BLE001, a fault of ours must reach the page too
            running.fail(refusal_of(error))

    def _learned(self, rates: Rates) -> None:
        self.rates = self.rates | rates

    def _before(self, running: Running) -> int:
        """How many come before this one: what waits longer, and what is being done."""
        with self._changed:
            place = next((n for n, other in enumerate(self._waiting) if other is running), None)
            return 0 if place is None else place + (self._current is not None)

    def _forget(self) -> None:
        """The oldest results go."""
        ended = [id for id, running in self._known.items() if not running.active]
        for id in ended[: max(0, len(ended) - KEPT)]:
            del self._known[id]
