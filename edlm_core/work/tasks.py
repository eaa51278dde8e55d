"""The tasks that there are. No torch before one of them starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from ..config import Request
from ..runs.run_file import Run
from .answering import Work, model_of, steps_of
from .parts_task import TakeTimesApart as TakeTimesApart
from .run_questions import CheckSign as CheckSign
from .run_questions import CoupleText as CoupleText
from .run_questions import DrawPool as DrawPool
from .run_questions import Place as Place
from .run_questions import Substitute as Substitute
from .run_questions import TakeBranch as TakeBranch
from .run_questions import request_of as request_of
from .run_questions import run_hash as run_hash
from .score_task import ScoreText as ScoreText
from .speed_task import MeasureSpeed as MeasureSpeed
from .sweep_task import MeasureCells as MeasureCells
from .task import Doing, Models, Progress, Steps, register
from .train_task import Train as Train
from .write_task import Write as Write

if TYPE_CHECKING:
    from ..models.checkpoints import Model


@register
@dataclass(frozen=True)
class Record:
    """A run of one lane a request, measured at its end."""

    kind: ClassVar[str] = "record"
    interactive: ClassVar[bool] = True
    model: str
    requests: tuple[Request, ...]
    title: str = ""

    def start(self, models: Models) -> Steps:
        from ..runs.recording import Recording

        recording = Recording(models.model(self.model), self.requests, self.title)
        for share in recording.steps():
            yield Progress(share, Doing("writing"), recording.result)
        recording.measure(models.judges())
        yield Progress(1.0, Doing("written"), recording.result)

    def result_type(self) -> Any:
        return Run


# ── questions about a model, answered from texts that it writes for them ─────────
@dataclass(frozen=True)
class _OfModel:
    """What all of them have."""

    interactive: ClassVar[bool] = True
    doing: ClassVar[str]
    model: str
    weights: str  # the fingerprint that is expected; empty: whatever there is

    def start(self, models: Models) -> Steps:
        yield from steps_of(self.work(model_of(models, self.model, self.weights)), self.doing)

    def work(self, model: Model) -> Work:
        raise NotImplementedError


@register
@dataclass(frozen=True)
class CoupleTexts(_OfModel):
    """As CoupleText, of the texts that each request's seeds write. -> list of Coupled"""

    kind: ClassVar[str] = "texts-couplings"
    doing: ClassVar[str] = "substituting"
    requests: tuple[Request, ...]

    def work(self, model: Model) -> Work:
        from ..diagnosis.text_couplings import TextCouplings
        from ..measure.sweep import sweep

        return TextCouplings(model, sweep(model, self.requests, together=1))

    def result_type(self) -> Any:
        from ..diagnosis.coherence import Coupled

        return list[Coupled]


@register
@dataclass(frozen=True)
class MeterFactorisation(_OfModel):
    """What drawing together costs a request at several T. -> list of Metered"""

    kind: ClassVar[str] = "factorisation"
    doing: ClassVar[str] = "metering"
    request: Request
    num_steps: tuple[int, ...]
    seeds: int

    def work(self, model: Model) -> Work:
        from ..diagnosis.meter import FactorisationMeter
        from ..measure.grid import grid
        from ..measure.sweep import sweep

        first = self.request.config.seed
        alone = replace(self.request, config=replace(self.request.config, num_chains=1))
        requests = grid(alone, seed=range(first, first + self.seeds), num_steps=self.num_steps)
        return FactorisationMeter(model, sweep(model, requests))

    def result_type(self) -> Any:
        from ..diagnosis.together import Metered

        return list[Metered]


@register
@dataclass(frozen=True)
class RunSweep(_OfModel):
    """The texts of each request, measured. -> list of Measures"""

    kind: ClassVar[str] = "sweep"
    doing: ClassVar[str] = "sweeping"
    requests: tuple[Request, ...]
    judges: tuple[str, ...] = ()
    together: int = 16  # sampled in one batch

    def work(self, model: Model) -> Work:
        from ..measure.sweep import Sweep, sweep

        return Sweep(sweep(model, self.requests, self.judges, together=self.together))

    def result_type(self) -> Any:
        from ..measure.measures import Measures

        return list[Measures]
