"""What questions have in common: work that tells how far it is, and the model that they mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from ..refusals import Refusal
from .task import Doing, Models, Progress, Steps

if TYPE_CHECKING:
    from ..models.checkpoints import Model


class Work(Protocol):
    """What the rooms below bring: steps that tell the share that is done, and the result so far between them."""

    def steps(self) -> Iterator[float]: ...

    def result(self) -> Any: ...


def steps_of(work: Work, code: str) -> Steps:
    for share in work.steps():
        yield Progress(share, Doing(code), work.result)


def model_of(models: Models, name: str, weights: str) -> Model:
    """Raises Refusal where its weights are others than those expected; empty: whatever there is."""
    model = models.model(name)
    if weights not in ("", model.fingerprint):
        raise Refusal("weights-differ", expected=weights, got=model.fingerprint)
    return model
