"""One thread owns a model; visitors' runs and questions wait for it in a short queue. No Streamlit here."""

from __future__ import annotations

import itertools
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from edlm_core.catalogue import JUDGES
from edlm_core.config import Request
from edlm_core.runs.costs import Rates, learn
from edlm_core.runs.run_file import Run

if TYPE_CHECKING:  # the page is drawn before torch has loaded
    from edlm_core.models.checkpoints import Model
    from edlm_core.runs.recording import Recording

CAPACITY = 8
ABANDONED_SECONDS = 60
_numbers = itertools.count(1)


class QueueFull(RuntimeError):
    """More runs are waiting than the queue holds."""


class Work(Protocol):
    """What a job does with the model, a step at a time."""

    def steps(self) -> Iterator[float]:
        """The share that is done, 0 to 1, after each step. Between two of them the job can be stopped."""

    def run(self) -> Any:
        """What has come out so far; called between steps and at the end."""


Begin = Callable[["Model", Callable[[], Sequence[str]]], Work]  # with the model and the judges that are loaded


class Writing:
    """The work of recording a run, measured at its end."""

    def __init__(self, recording: Recording, judges: Callable[[], Sequence[str]]) -> None:
        self.recording, self.judges = recording, judges

    def steps(self) -> Iterator[float]:
        yield from self.recording.steps()
        self.recording.measure(self.judges())

    def run(self) -> Run:
        return self.recording.run()

    @classmethod
    def of(cls, requests: Sequence[Request], title: str) -> Begin:
        def begin(model: Model, judges: Callable[[], Sequence[str]]) -> Writing:
            from edlm_core.runs.recording import Recording

            return cls(Recording(model, requests, title), judges)

        return begin


class Job:
    """One visitor's run or question, from the press of a button to its end."""

    def __init__(self, begin: Begin, *, learns: bool = False) -> None:
        self.id = f"job-{next(_numbers)}"
        self.learns = learns  # its run tells what a step costs here
        self._begin = begin
        self.state = "waiting"  # -> "running" -> "done" | "stopped" | "failed"
        self.share = 0.0  # of the steps that are done
        self.error = ""
        self._running: Work | None = None
        self._stop, self._started, self._ended = threading.Event(), threading.Event(), threading.Event()
        self.touch()

    @property
    def active(self) -> bool:
        return self.state in ("waiting", "running")

    def touch(self) -> None:
        """The visitor is still looking. A run that nobody looks at ends by itself."""
        self._seen = time.monotonic()

    def stop(self) -> None:
        """The job ends within one step; what it has recorded stays."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Until there is something new to draw: the first step, the end, or what `seconds` have brought."""
        (self._ended if self._started.is_set() else self._started).wait(seconds)

    def run(self) -> Any:
        """The run so far, or what else the work brings; None before its first step."""
        work = self._running
        return work.run() if work is not None and self.share > 0 else None

    def work(self, model: Model, judges: Callable[[], Sequence[str]]) -> None:
        """Called by the worker alone. A failure of whatever kind becomes `error`, for the page to show."""
        try:
            self._end(self._work(model, judges))
        except (ValueError, RuntimeError, ArithmeticError, OSError, MemoryError) as error:
            self.fail(str(error) or type(error).__name__)
        except Exception:  # noqa: BLE001, a fault of ours must reach the page too
            traceback.print_exc(file=sys.stderr)
            self.fail("an unexpected error, see the server's log")

    def fail(self, message: str) -> None:
        self.error = message
        self._end("failed")

    def _work(self, model: Model, judges: Callable[[], Sequence[str]]) -> str:
        """The state it ends in."""
        if self._unwanted():
            return "stopped"
        self.state = "running"
        work = self._begin(model, judges)
        self._running = work
        for share in work.steps():
            self.share = share
            self._started.set()
            if self._unwanted():
                return "stopped"
        return "done"

    def _end(self, state: str) -> None:
        self.state = state
        self._started.set()
        self._ended.set()

    def _unwanted(self) -> bool:
        return self._stop.is_set() or time.monotonic() - self._seen > ABANDONED_SECONDS


class Worker:
    """Loads a model in its own thread and runs one job at a time. `rates` learn from every run."""

    def __init__(self, load: Callable[[], Model]) -> None:
        self.error = ""  # why the model could not be loaded
        self.rates: Rates = {}
        self.ready = threading.Event()  # loaded and warm, or failed
        self._load = load
        self._model: Model | None = None
        self._queue: queue.Queue[Job | None] = queue.Queue(CAPACITY)
        self._waiting: list[Job] = []
        threading.Thread(target=self._serve, name="edlm-worker", daemon=True).start()

    # ── for visitors ─────────────────────────────────────────────────────────────
    def submit(self, requests: Sequence[Request], title: str) -> Job:
        """A run, to be recorded."""
        return self.ask(Writing.of(requests, title), learns=True)

    def ask(self, begin: Begin, *, learns: bool = False) -> Job:
        """Any other work. Raises QueueFull."""
        job = Job(begin, learns=learns)
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            raise QueueFull(
                f"expected a place in the queue, got {CAPACITY} runs waiting: try again in a moment"
            ) from None
        self._waiting.append(job)
        return job

    def place(self, job: Job) -> int:
        """How many runs come before this one."""
        return next((n for n, other in enumerate(list(self._waiting)) if other is job), 0)

    def judges(self) -> list[str]:
        """The judges that need no waiting: SmolLM2 only once it is loaded."""
        loaded = vars(self._model) if self._model is not None else ()
        return [name for name, judge in reversed(JUDGES.items()) if not judge.pretrained or name in loaded]

    def describe(self) -> str:
        """The machine's part of a run's conditions, for instance `cpu, bfloat16`."""
        return f"{self._model.device}, {self._model.dtype}".replace("torch.", "") if self._model is not None else ""

    def close(self) -> None:
        """End the thread after the job at hand; jobs still waiting are stopped."""
        for job in list(self._waiting):
            job.stop()
        self._queue.put(None)

    # ── the thread ───────────────────────────────────────────────────────────────
    def _serve(self) -> None:
        try:
            self._model = self._load()
            _leave_a_core_free()
            self._warm_up()
        except Exception as error:  # noqa: BLE001, whatever it is, the page says it
            self.error = str(error) or type(error).__name__
        self.ready.set()
        while (job := self._queue.get()) is not None:
            if self._model is None:
                job.fail(self.error)
            else:
                job.work(self._model, self.judges)
            if job.state == "done" and job.learns:
                self.rates = learn(self.rates, job.run())
            self._waiting.remove(job)

    def _warm_up(self) -> None:
        """A short run with every sampler: the first visitor's run is not the one that pays for the
        first touch of the weights, and its cost can be told before. Then SmolLM2, beside the queue."""
        from edlm_core.config import SampleConfig
        from edlm_core.models.pretrained import is_available

        config = SampleConfig(length=64, num_steps=4, num_candidates=8)
        runs = [[Request(sampler, "ar", config) for sampler in ("mdlm", "edlm", "ar")]]
        if (self._model.folder / "energy.safetensors").is_file():
            runs.append([Request("edlm", "nce", config)])
        for requests in runs:
            for _ in range(2):
                job = Job(Writing.of(requests, ""))
                job.work(self._model, lambda: ["ar"])
                if job.state == "failed":
                    raise RuntimeError(job.error)
            self.rates = learn(self.rates, job.run())
        if is_available():
            threading.Thread(target=self._load_smollm2, name="edlm-smollm2", daemon=True).start()

    def _load_smollm2(self) -> None:
        import torch

        try:
            scorer = self._model.smollm2_adapted  # on the way to it the judge is loaded too
        except (RuntimeError, ValueError, OSError) as error:
            print(f"SmolLM2 could not be loaded, its energy is off: {error}", file=sys.stderr)
            return
        x_0 = torch.zeros(8, 64, dtype=torch.long, device=self._model.device)
        for _ in range(2):
            started = time.perf_counter()
            scorer.token_log_probs(x_0)
        self.rates = self.rates | {"smollm2": (time.perf_counter() - started) / x_0.numel()}


def _leave_a_core_free() -> None:
    """For the server and, on a laptop, the browser: when a core is taken away from them, every parallel
    region of the networks waits for the slowest thread, and the run takes several times as long."""
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))
