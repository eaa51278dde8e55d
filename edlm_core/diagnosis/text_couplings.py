"""What the words of finished texts do for each other: the work of asking the energy, for one run or for many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from ..config import Request
from ..models.checkpoints import Model
from ..runs.steps import x_T_of
from .coherence import GIVEN, Coupled
from .meter import Writing
from .substitution import Substitutions


def of_text(model: Model, request: Request, x_0: Tensor) -> Substitutions:
    """Every word of a text (L,) that a run wrote, changed once to what the denoiser likes best without any other word:
    the same yardstick for each, whichever step wrote it."""
    return Substitutions(model, request, x_T_of(model, request), 0, x_0)


class TextCouplings:
    """Of every text that some runs write."""

    def __init__(self, model: Model, runs: Iterable[Writing]) -> None:
        self.model, self.runs = model, runs
        self._found: list[Coupled] = []

    def steps(self) -> Iterator[float]:
        for run in self.runs:
            x_0, step = x_T_of(self.model, run.request), torch.full((run.request.config.length,), GIVEN)
            for n, record in enumerate(run):
                x_0 = record.x_s[0]
                step[record.revealed[0].cpu()] = n
                yield run.share
            work = of_text(self.model, run.request, x_0)
            for _ in work.steps():
                yield run.share
            self._found.append(
                Coupled(run.request.sampler, run.request.config.seed, np.round(work.result(), 4), step.numpy())
            )
        yield 1.0

    def result(self) -> list[Coupled]:
        """Of the texts that are finished."""
        return list(self._found)
