"""Another way on from one step of a run: a run of its own, with its parent as the other lane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ..config import Request
from ..method.sampling import Branch
from ..models.checkpoints import Model
from ..models.tokenizer import Tokenizer
from ..refusals import Refusal
from .lane_record import joined, unpacked
from .recording import LaneRecorder, encode_run
from .run_file import Run
from .steps import run_steps


@dataclass(frozen=True)
class Split:
    """Where a branch leaves its parent: at x (L,), tokenizer ids, before grid step `step`."""

    step: int
    x: np.ndarray
    taken: int | None = None  # the candidate that the last step before is made to take


class BranchRecording:
    """The work of running on from a split: the parent's lane, its schedule and its noise; only the state differs.
    The parent's own steps before it are the branch's beginning.

    Raises Refusal where the parent's file is of version 1, nothing is left to write, or its sampler keeps no
    timetable that one could leave.
    """

    def __init__(self, model: Model, parent: Run, lane: int, request: Request, split: Split) -> None:
        self.model, self.parent, self.request, self.split = model, parent, request, split
        self.parent_lane = unpacked(parent, parent.lanes[lane])
        self.x = torch.from_numpy(np.asarray(split.x, dtype=np.int64))
        mask_id = model.tokenizer.mask_id
        if not (self.x == mask_id).any():
            raise Refusal("branch-finished")
        self.recorder = LaneRecorder(request.sampler, self.x, mask_id)
        self.complete = False
        self._encode = lru_cache(maxsize=1)(self._encoded)  # as in Recording

    def steps(self) -> Iterator[float]:
        """The share of the masked positions that is written."""
        mask_id = self.model.tokenizer.mask_id
        total = int((self.x == mask_id).sum())
        branch = Branch(self.split.step, self.x)
        for record in run_steps(self.model, self.request, self.recorder.cost, branch):
            self.recorder.add(record)
            yield 1 - int((record.x_s == mask_id).sum()) / total
        self.complete = True

    def result(self) -> Run:
        """Lane 0 the parent, lane 1 the branch."""
        return self._encode(self.complete, self.recorder.size)

    def _encoded(self, complete: bool, _size: tuple[int, int]) -> Run:
        before = sum(n < self.split.step for n in self.parent_lane.step)
        mask_id = self.model.tokenizer.mask_id
        lane = joined(self.parent_lane, before, self.recorder.lane(), mask_id, taken=self.split.taken)
        return encode_run(
            self.model,
            [self.request],
            [self.parent_lane, lane],
            self.parent.title,
            complete=complete and self.parent.complete,
            branch=self.split.step,
        )


def with_candidate(parent: Run, lane: int, n: int, k: int) -> Split:
    """Where the run would stand had recorded step n taken candidate k."""
    raw = unpacked(parent, parent.lanes[lane])
    x_t, x_s = raw.columns["x"][n], raw.columns["x"][n + 1]
    return Split(raw.step[n] + 1, np.where(x_t == x_s, x_t, raw.columns["candidate"][n, k]), k)


def with_token(parent: Run, lane: int, n: int, position: int, token: int) -> Split:
    """Where it would stand with another token, a tokenizer id, at one position after recorded step n."""
    raw = unpacked(parent, parent.lanes[lane])
    x = raw.columns["x"][n + 1].copy()
    x[position] = token
    return Split(raw.step[n] + 1, x)


def one_token(tokenizer: Tokenizer, text: str) -> int:
    """The id of a text that is one token. Raises Refusal."""
    ids = tokenizer.encode(text)
    if len(ids) != 1:
        raise Refusal("branch-word", got=len(ids), text=text)
    return ids[0]
