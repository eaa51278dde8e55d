"""Why do few steps fail? The dependence between the words that each step reveals together, for several T."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import torch
from torch import Tensor

from ..config import Request
from ..method.boltzmann import log_weights
from ..method.sampling import StepRecord
from ..models.checkpoints import Model
from .pools import Standpoint
from .together import WORDS, Metered, Together, together

BLOCK = 64


class Writing(Protocol):
    """One text still to be written, step by step: a trial of a sweep."""

    request: Request
    share: float  # of all runs together that is done

    def __iter__(self) -> Iterator[StepRecord]: ...


class FactorisationMeter:
    """The work of asking the energy at each step of some runs for the joint law of every two neighbouring positions
    that are revealed together: what one independent draw of them ignores. No sampling: every combination of the
    likeliest words is scored. A step that reveals one word loses nothing."""

    def __init__(self, model: Model, runs: Iterable[Writing]) -> None:
        self.model, self.runs = model, runs
        self._found: list[Metered] = []

    def steps(self) -> Iterator[float]:
        for run in self.runs:
            config = run.request.config
            metered = Metered(config.num_steps, config.seed, [])
            for record in run:
                metered.steps.append((int(record.step[0]), float(record.t[0]), self._measure(run.request, record)))
                yield run.share
            self._found.append(metered)
        yield 1.0

    def result(self) -> list[Metered]:
        """The runs that are finished."""
        return list(self._found)

    def _measure(self, request: Request, record: StepRecord) -> Together:
        places = record.revealed[0].nonzero()[:, 0]
        if len(places) < 2:
            return together([], [], len(places))
        at = Standpoint(self.model, request, record.x_t[0], int(record.step[0]))
        rest = record.proposals.x_0[0, int(record.chosen[0])]
        row_of = (at.masked.cumsum(0) - 1)[places]
        top = at.log_probs[row_of].topk(min(WORDS, at.log_probs.shape[1]), dim=-1)  # (M, A)
        x_0 = torch.cat(
            [_combinations(rest, places[m : m + 2], top.indices[m : m + 2]) for m in range(len(places) - 1)]
        )
        scored = [at.score(block) for block in x_0.split(BLOCK)]
        log_q = torch.cat([q for q, _ in scored]).double().sum(-1).cpu().numpy()
        terms = torch.cat([e for _, e in scored]).double().sum(-1).cpu().numpy()
        A = top.indices.shape[1]
        log_joint = (log_q + log_weights(terms, request.config.energy_temperature)).reshape(-1, A, A)
        mass = top.values.exp().sum(-1)
        return together(list(log_joint), mass.tolist(), len(places))


def _combinations(rest: Tensor, places: Tensor, words: Tensor) -> Tensor:
    """`rest` (L,) with every pair of words (2, A) at two places: (A · A, L), the second place running fastest."""
    A = words.shape[1]
    x_0 = rest.expand(A * A, -1).clone()
    x_0[:, places] = torch.cartesian_prod(words[0], words[1])
    return x_0
