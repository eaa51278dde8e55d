"""The tasks that there are. No torch before one of them starts.

A question about a run names the run by the hash of its content; whoever asks brings the run along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from ..config import Request
from ..refusals import Refusal
from ..runs.run_file import Run, save_run
from .parts_task import TakeTimesApart as TakeTimesApart
from .score_task import ScoreText as ScoreText
from .speed_task import MeasureSpeed as MeasureSpeed
from .sweep_task import MeasureCells as MeasureCells
from .task import Doing, Models, Progress, Steps, register
from .train_task import Train as Train
from .write_task import Write as Write

if TYPE_CHECKING:
    from torch import Tensor

    from ..diagnosis.pool import Pool
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


@dataclass(frozen=True)
class Place:
    """A recorded step of a lane of a run."""

    run: str  # the hash of its content
    lane: int
    n: int  # which of the lane's recorded steps


@register
@dataclass(frozen=True)
class DrawPool:
    """`count` drafts at one step: the first ones are those that the run had. -> Pool"""

    kind: ClassVar[str] = "pool"
    interactive: ClassVar[bool] = True
    at: Place
    count: int

    def start(self, models: Models) -> Steps:
        from ..diagnosis.pools import BiggerPool

        spot = _Spot(models, self.at)
        yield from _steps_of(BiggerPool(spot.model, spot.request, spot.x_t, spot.step, self.count), "drawing")

    def result_type(self) -> Any:
        from ..diagnosis.pool import Pool

        return Pool


@register
@dataclass(frozen=True)
class Substitute:
    """What each word of a draft brings: put back to `other`'s, or to the denoiser's next choice. -> (L, L), nats"""

    kind: ClassVar[str] = "substitutions"
    interactive: ClassVar[bool] = True
    at: Place
    draft: int
    other: int | None = None

    def start(self, models: Models) -> Steps:
        from ..diagnosis.substitution import Substitutions

        spot = _Spot(models, self.at)
        draft = spot.ids(spot.pool.candidate[self.draft])
        other = None if self.other is None else spot.ids(spot.pool.candidate[self.other])
        yield from _steps_of(Substitutions(spot.model, spot.request, spot.x_t, spot.step, draft, other), "substituting")

    def result_type(self) -> Any:
        return np.ndarray


@register
@dataclass(frozen=True)
class CheckSign:
    """Does the energy know a lane's finished text from its words in disorder? -> Sign"""

    kind: ClassVar[str] = "sign"
    interactive: ClassVar[bool] = True
    at: Place  # the lane's last recorded step

    def start(self, models: Models) -> Steps:
        from ..diagnosis.sign_check import SignCheck

        spot = _Spot(models, self.at)
        yield from _steps_of(SignCheck(spot.model, spot.request, spot.ids(spot.pool.x_s)), "scrambling")

    def result_type(self) -> Any:
        from ..diagnosis.sign_check import Sign

        return Sign


@register
@dataclass(frozen=True)
class CoupleText:
    """What the words of a lane's finished text do for each other. -> (L, L), nats"""

    kind: ClassVar[str] = "text-couplings"
    interactive: ClassVar[bool] = True
    at: Place  # the lane's last recorded step

    def start(self, models: Models) -> Steps:
        from ..diagnosis.text_couplings import of_text

        spot = _Spot(models, self.at)
        yield from _steps_of(of_text(spot.model, spot.request, spot.ids(spot.pool.x_s)), "substituting")

    def result_type(self) -> Any:
        return np.ndarray


@register
@dataclass(frozen=True)
class CoupleTexts:
    """The same of the texts that each request's seeds write. -> list of Coupled"""

    kind: ClassVar[str] = "texts-couplings"
    interactive: ClassVar[bool] = True
    model: str
    weights: str  # the fingerprint that is expected; empty: whatever there is
    requests: tuple[Request, ...]

    def start(self, models: Models) -> Steps:
        from ..diagnosis.text_couplings import TextCouplings
        from ..measure.sweep import sweep

        model = _model(models, self.model, self.weights)
        yield from _steps_of(TextCouplings(model, sweep(model, self.requests, together=1)), "substituting")

    def result_type(self) -> Any:
        from ..diagnosis.coherence import Coupled

        return list[Coupled]


@register
@dataclass(frozen=True)
class MeterFactorisation:
    """What drawing together costs a request at several T. -> list of Metered"""

    kind: ClassVar[str] = "factorisation"
    interactive: ClassVar[bool] = True
    model: str
    weights: str  # the fingerprint that is expected; empty: whatever there is
    request: Request
    num_steps: tuple[int, ...]
    seeds: int

    def start(self, models: Models) -> Steps:
        from ..diagnosis.meter import FactorisationMeter
        from ..measure.grid import grid
        from ..measure.sweep import sweep

        model, first = _model(models, self.model, self.weights), self.request.config.seed
        alone = replace(self.request, config=replace(self.request.config, num_chains=1))
        requests = grid(alone, seed=range(first, first + self.seeds), num_steps=self.num_steps)
        yield from _steps_of(FactorisationMeter(model, sweep(model, requests)), "metering")

    def result_type(self) -> Any:
        from ..diagnosis.together import Metered

        return list[Metered]


@register
@dataclass(frozen=True)
class RunSweep:
    """The texts of each request, measured. -> list of Measures"""

    kind: ClassVar[str] = "sweep"
    interactive: ClassVar[bool] = True
    model: str
    weights: str  # the fingerprint that is expected; empty: whatever there is
    requests: tuple[Request, ...]
    judges: tuple[str, ...] = ()
    together: int = 16  # sampled in one batch

    def start(self, models: Models) -> Steps:
        from ..measure.sweep import Sweep, sweep

        model = _model(models, self.model, self.weights)
        yield from _steps_of(Sweep(sweep(model, self.requests, self.judges, together=self.together)), "sweeping")

    def result_type(self) -> Any:
        from ..measure.measures import Measures

        return list[Measures]


@register
@dataclass(frozen=True)
class TakeBranch:
    """On from a step with another draft taken, or another word, of one token, written. -> Run"""

    kind: ClassVar[str] = "branch"
    interactive: ClassVar[bool] = True
    at: Place
    draft: int | None = None
    word: tuple[int, str] | None = None  # a position, and what to write there

    def start(self, models: Models) -> Steps:
        from ..runs.branches import BranchRecording, one_token, with_candidate, with_token

        spot, at = _Spot(models, self.at), self.at
        if self.word is not None:
            position, text = self.word
            split = with_token(spot.run, at.lane, at.n, position, one_token(spot.model.tokenizer, text))
        else:
            split = with_candidate(spot.run, at.lane, at.n, self.draft or 0)
        yield from _steps_of(BranchRecording(spot.model, spot.run, at.lane, spot.request, split), "writing")

    def result_type(self) -> Any:
        return Run


class _Work(Protocol):
    """What the rooms below bring: steps that tell the share that is done, and the result so far between them."""

    def steps(self) -> Iterator[float]: ...

    def result(self) -> Any: ...


def _steps_of(work: _Work, code: str) -> Steps:
    for share in work.steps():
        yield Progress(share, Doing(code), work.result)


# ── a run that is asked about ────────────────────────────────────────────────────
def run_hash(run: Run) -> str:
    """What names a run: the SHA-256 of its file."""
    return hashlib.sha256(save_run(run)).hexdigest()


def request_of(run: Run, lane: int) -> Request:
    """What a lane was made from. Raises ValueError where this release could not make it."""
    return Request(run.lanes[lane].sampler, run.energy, run.config, run.prompt)


class _Spot:
    """A place in a run, with the model that wrote it. Raises Refusal where the weights are others by now."""

    def __init__(self, models: Models, at: Place) -> None:
        from ..diagnosis.pool import pools_of

        self.run = models.run(at.run)
        self.model = _model(models, self.run.model.name, self.run.model.fingerprint)
        self.request = request_of(self.run, at.lane)
        self.pool: Pool = pools_of(self.run, self.run.lanes[at.lane])[at.n]
        self.step, self.x_t = self.pool.step, self.ids(self.pool.x_t)

    def ids(self, tokens: np.ndarray) -> Tensor:
        """The tokenizer's ids of vocabulary indices."""
        import torch

        return torch.from_numpy(np.array(self.run.token_ids)[tokens])


def _model(models: Models, name: str, weights: str) -> Model:
    model = models.model(name)
    if weights not in ("", model.fingerprint):
        raise Refusal("weights-differ", expected=weights, got=model.fingerprint)
    return model
