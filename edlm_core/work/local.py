"""One thread owns a model; what visitors ask of it takes turns. No torch before the model has loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..catalogue import JUDGES
from ..refusals import Refusal
from ..runs.costs import Rates, estimate_seconds, learn
from ..runs.run_file import Run
from .executor import GONE, TaskState, refusal_of
from .running import Running
from .task import Task, TaskId, task_id
from .tasks import Record, run_hash
from .turns import SLICE_SECONDS, Turns
from .warm_up import choose_threads, load_smollm2, warm_up

if TYPE_CHECKING:  # a page is drawn before torch has loaded
    from ..models.checkpoints import Model

CAPACITY = 256  # tasks that wait, which hold next to nothing
MOST = 16  # of one visitor
KEPT = 64  # results, of which the oldest go first


class Local:
    """Loads a model in its own thread and works at one task at a time: an Executor for interactive tasks, and the
    Models that they are given. `rates` learn from every run that is recorded."""

    def __init__(self, load: Callable[[], Model], finished: Callable[[Task, Any], None] | None = None) -> None:
        """`finished` is told every task that came to its end, and its result; what it raises is the task's failure."""
        self.error: Refusal | None = None  # why the model could not be loaded
        self.rates: Rates = {}
        self.ready = threading.Event()  # loaded and warm, or failed
        self._load, self._finished = load, finished
        self._model: Model | None = None
        self._known: dict[TaskId, Running] = {}  # the oldest first
        self._turns = Turns()
        self._changed = threading.Condition()  # guards the two above
        self._taken: dict[str, float] = {}  # seconds, by kind, that the last task of it took
        self._current: Running | None = None
        self._closed = False
        threading.Thread(target=self._serve, name="edlm-worker", daemon=True).start()

    # ── for visitors ─────────────────────────────────────────────────────────────
    def submit(self, task: Task, *runs: Run, by: str = "") -> TaskId:
        """A task that runs already, or whose result is kept, is not done again. Raises Refusal."""
        id = task_id(task)
        with self._changed:
            known = self._known.get(id)
            if known is None or not known.shareable:
                if len(self._turns) >= CAPACITY:
                    raise Refusal("queue-full", waiting=CAPACITY)
                if self._turns.of(by) >= MOST:
                    raise Refusal("queue-yours", waiting=MOST)
                known = Running(task, {run_hash(run): run for run in runs})
            known.watch(by)
            if known.active:
                self._turns.add(by, known)
                self._changed.notify()
            self._known.pop(id, None)
            self._known[id] = known
            self._forget()
        return id

    def stop(self, id: TaskId, by: str = "") -> None:
        running = self._known.get(id)
        if running is None:
            return
        with self._changed:
            running.leave(by)
            self._turns.leave(by, running)
            if running.unwanted and running.active and not running.begun and running is not self._current:
                self._turns.remove(running)
                running.end("stopped")

    def state(self, id: TaskId) -> TaskState:
        running = self._known.get(id)
        if running is None:
            return GONE
        with self._changed:
            return running.state(self._turns.before(running), self._turns.seconds(running, self._left))

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
            for running in self._known.values():
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
                self._turns.over()
                if not running.active:
                    self._turns.remove(running)

    def _next(self) -> Running | None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._turns) or self._closed)
            self._current = self._turns.next()
            return self._current

    def _do(self, running: Running) -> None:
        """A failure of whatever kind becomes the state's error, for the page to show."""
        try:
            running.work(self, self._over)
            if running.stage != "done":
                return
            self._taken[running.task.kind] = running.spent
            if isinstance(running.task, Record):
                self._learned(learn(self.rates, running.result()))
            if self._finished is not None:
                self._finished(running.task, running.result())
        except Exception as error:  # noqa: BLE001, a fault of ours must reach the page too
            running.fail(refusal_of(error))

    def _over(self, seconds: float) -> bool:
        """A turn is, when it has lasted its time and somebody else waits."""
        if seconds < SLICE_SECONDS:
            return False
        with self._changed:
            return self._turns.contended

    def _left(self, running: Running) -> float | None:
        """Seconds of work that a task has left: by how far it has come, by what its networks take, by others of its
        kind."""
        if running.share > 0.05:
            return running.spent * (1 / running.share - 1)
        task = running.task
        whole = estimate_seconds(task.requests, self.rates) if isinstance(task, Record) else self._taken.get(task.kind)
        return None if whole is None else max(0.0, whole - running.spent)

    def _learned(self, rates: Rates) -> None:
        self.rates = self.rates | rates

    def _forget(self) -> None:
        """The oldest results go."""
        ended = [id for id, running in self._known.items() if not running.active]
        for id in ended[: max(0, len(ended) - KEPT)]:
            del self._known[id]
