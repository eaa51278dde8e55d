"""Questions about a run, as tasks. They name it by the hash of its content; whoever asks brings the run along."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..config import Request
from ..runs.run_file import Run, save_run
from .answering import Work, model_of, steps_of
from .task import Models, Steps, register

if TYPE_CHECKING:
    from torch import Tensor

    from ..diagnosis.pool import Pool


def run_hash(run: Run) -> str:
    """What names a run: the SHA-256 of its file."""
    return hashlib.sha256(save_run(run)).hexdigest()


def request_of(run: Run, lane: int) -> Request:
    """What a lane was made from. Raises ValueError where this release could not make it."""
    return Request(run.lanes[lane].sampler, run.energy, run.config, run.prompt)


@dataclass(frozen=True)
class Place:
    """A recorded step of a lane of a run."""

    run: str  # the hash of its content
    lane: int
    n: int  # which of the lane's recorded steps


class Spot:
    """A place in a run, with the model that wrote it. Raises Refusal where the weights are others by now."""

    def __init__(self, models: Models, at: Place) -> None:
        from ..diagnosis.pool import pools_of

        self.run = models.run(at.run)
        self.model = model_of(models, self.run.model.name, self.run.model.fingerprint)
        self.request = request_of(self.run, at.lane)
        self.pool: Pool = pools_of(self.run, self.run.lanes[at.lane])[at.n]
        self.step, self.x_t = self.pool.step, self.ids(self.pool.x_t)

    @property
    def written(self) -> Tensor:
        """What stands after the step: (L,) ids."""
        return self.ids(self.pool.x_s)

    def ids(self, tokens: np.ndarray) -> Tensor:
        """The tokenizer's ids of vocabulary indices."""
        import torch

        return torch.from_numpy(np.array(self.run.token_ids)[tokens])


# ── the questions ────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class _OfRun:
    """What all of them have."""

    interactive: ClassVar[bool] = True
    doing: ClassVar[str]
    at: Place

    def start(self, models: Models) -> Steps:
        yield from steps_of(self.work(Spot(models, self.at)), self.doing)

    def work(self, spot: Spot) -> Work:
        raise NotImplementedError


@register
@dataclass(frozen=True)
class DrawPool(_OfRun):
    """`count` drafts at one step: the first ones are those that the run had. -> Pool"""

    kind: ClassVar[str] = "pool"
    doing: ClassVar[str] = "drawing"
    count: int

    def work(self, spot: Spot) -> Work:
        from ..diagnosis.pools import BiggerPool

        return BiggerPool(spot.model, spot.request, spot.x_t, spot.step, self.count)

    def result_type(self) -> Any:
        from ..diagnosis.pool import Pool

        return Pool


@register
@dataclass(frozen=True)
class Substitute(_OfRun):
    """What each word of a draft brings: put back to `other`'s, or to the denoiser's next choice. -> (L, L), nats"""

    kind: ClassVar[str] = "substitutions"
    doing: ClassVar[str] = "substituting"
    draft: int
    other: int | None = None

    def work(self, spot: Spot) -> Work:
        from ..diagnosis.substitution import Substitutions

        draft = spot.ids(spot.pool.candidate[self.draft])
        other = None if self.other is None else spot.ids(spot.pool.candidate[self.other])
        return Substitutions(spot.model, spot.request, spot.x_t, spot.step, draft, other)

    def result_type(self) -> Any:
        return np.ndarray


@register
@dataclass(frozen=True)
class CheckSign(_OfRun):
    """Does the energy know a lane's finished text, that of its last step, from its words in disorder? -> Sign"""

    kind: ClassVar[str] = "sign"
    doing: ClassVar[str] = "scrambling"

    def work(self, spot: Spot) -> Work:
        from ..diagnosis.sign_check import SignCheck

        return SignCheck(spot.model, spot.request, spot.written)

    def result_type(self) -> Any:
        from ..diagnosis.sign_check import Sign

        return Sign


@register
@dataclass(frozen=True)
class CoupleText(_OfRun):
    """What the words of a lane's finished text, that of its last step, do for each other. -> (L, L), nats"""

    kind: ClassVar[str] = "text-couplings"
    doing: ClassVar[str] = "substituting"

    def work(self, spot: Spot) -> Work:
        from ..diagnosis.text_couplings import of_text

        return of_text(spot.model, spot.request, spot.written)

    def result_type(self) -> Any:
        return np.ndarray


@register
@dataclass(frozen=True)
class TakeBranch(_OfRun):
    """On from a step with another draft taken, or another word, of one token, written. -> Run"""

    kind: ClassVar[str] = "branch"
    doing: ClassVar[str] = "writing"
    draft: int | None = None
    word: tuple[int, str] | None = None  # a position, and what to write there

    def work(self, spot: Spot) -> Work:
        from ..runs.branches import BranchRecording, one_token, with_candidate, with_token

        lane, n = self.at.lane, self.at.n
        if self.word is not None:
            position, text = self.word
            split = with_token(spot.run, lane, n, position, one_token(spot.model.tokenizer, text))
        else:
            split = with_candidate(spot.run, lane, n, self.draft or 0)
        return BranchRecording(spot.model, spot.run, lane, spot.request, split)

    def result_type(self) -> Any:
        return Run
