"""The one way to write texts and measure them.

    trial = Trial(model, request, judges)
    for record in trial:      # step by step; stop iterating to stop
        ...
    trial.measures()          # of the finished texts

Tables, frontiers, claims, "many seeds" and the meter are views of trials; `sweep.py` makes many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from ..config import Request
from ..method.sampling import StepRecord, start
from ..models.checkpoints import Model
from ..processor import processor
from ..runs import metrics
from ..runs.steps import Cost, judge_by_name, run_steps, x_T_of
from .measures import Conditions, Measures, TextStep

Embed = Callable[[Sequence[str]], Tensor]  # N sentences -> (N, D) vectors of length 1


class Trial:
    """One batch of texts, chain b from seed + b."""

    def __init__(
        self,
        model: Model,
        request: Request,
        judges: Sequence[str] = (),
        *,
        embed: Embed | None = None,
        cell: int = 0,
        span: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """`cell` and `span`: which request of a sweep this is a part of, and which part of its work."""
        self.model, self.request, self.cell = model, request, cell
        self.share = span[0]  # of the sweep's work that is done
        self._judges, self._embed, self._span = judges, embed, span
        self._cost = Cost()
        self._x = start(model.tokenizer.mask_id, request.config, x_T_of(model, request))
        self._generated = self._x == model.tokenizer.mask_id
        self._steps: list[list[TextStep]] = [[] for _ in range(request.config.num_chains)]

    def __iter__(self) -> Iterator[StepRecord]:
        """Runs it, a step record at a time."""
        begin, end = self._span
        for record in run_steps(self.model, self.request, self._cost):
            self._x[record.chains] = record.x_s.to(self._x.device)
            for chain, step in zip(record.chains.tolist(), _text_steps(record), strict=True):
                self._steps[chain].append(step)
            self.share = max(self.share, begin + (end - begin) * (1 - float(record.s.mean())))
            yield record
            del record  # its table of log-probabilities need not live beside the next one's

    def measures(self) -> Measures:
        """Of the texts that the iteration has finished."""
        cost = self._cost
        return measured(
            self.model,
            self._x,
            self._judges,
            generated=self._generated,
            embed=self._embed,
            request=self.request,
            steps=tuple(map(tuple, self._steps)),
            seconds=cost.seconds,
            denoiser_calls=cost.denoiser_calls,
            energy_calls=cost.energy_calls,
            scored=cost.scored,
            ess=tuple(cost.ess),
        )


def run_trial(model: Model, request: Request, judges: Sequence[str] = (), *, embed: Embed | None = None) -> Measures:
    """A trial to its end."""
    trial = Trial(model, request, judges, embed=embed)
    for _ in trial:
        pass
    return trial.measures()


def measured(
    model: Model,
    x_0: Tensor,
    judges: Sequence[str],
    *,
    generated: Tensor | None = None,
    embed: Embed | None = None,
    request: Request | None = None,
    steps: tuple[tuple[TextStep, ...], ...] = (),
    **how: Any,
) -> Measures:
    """The measures of finished texts (N, L), whoever wrote them; `generated` (N, L) bool: what judges score, all if
    not given. `how`: what a trial knows besides, fields of Measures."""
    generated = torch.ones_like(x_0, dtype=torch.bool) if generated is None else generated
    nll = {
        name: tuple(metrics.judge_nll(judge_by_name(model, name), x_0.to(model.device), generated)) for name in judges
    }
    ids = tuple(map(tuple, x_0.tolist()))
    texts = tuple(model.tokenizer.decode(list(row)) for row in ids)
    return Measures(
        request=request,
        conditions=conditions_of(model),
        ids=ids,
        texts=texts,
        judge_nll=nll,
        entropy=tuple(map(metrics.token_entropy, ids)),
        repeated_words=tuple(map(metrics.repeated_words, texts)),
        similarity=tuple(metrics.sentence_similarity(text, embed) if embed is not None else None for text in texts),
        steps=steps or ((),) * len(ids),
        **how,
    )


def conditions_of(model: Model) -> Conditions:
    dtype = str(model.dtype).removeprefix("torch.")
    threads = torch.get_num_threads()
    return Conditions(model.name, model.fingerprint, str(model.device), dtype, threads, _processor(model.device))


@cache
def _processor(device: torch.device) -> str:
    """The name of what computes there."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else processor()


def _text_steps(record: StepRecord) -> Iterator[TextStep]:
    """What a step was to each of its chains."""
    changed = record.revealed & (record.x_s != record.proposals.x_0[:, 0])
    ess, K = record.weights.ess.tolist(), record.energy.shape[1]
    for b, t in enumerate(record.t.tolist()):
        yield TextStep(t, K, ess[b], _places(record.revealed[b]), _places(changed[b]))


def _places(where: Tensor) -> tuple[int, ...]:
    return tuple(where.nonzero()[:, 0].tolist())
