"""What a run file's types can't say: that its parts fit each other. After it every export can write the run."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ..catalogue import SAMPLERS, energy_terms
from ..refusals import Refusal
from ..settings import check_choice
from .schema import COLUMNS, STEP_LISTS, Column, Lane, Run, lane_array

MAX_CHARACTERS = 2**26  # of all candidates' texts together: a table of them fits into memory
_ROUNDING = 0.01  # of weights, which are single precision, and of their sum


def check(run: Run) -> None:
    """Raises Refusal: what does not fit."""
    _require(len(run.vocabulary) == len(run.token_ids), "run-vocabulary")
    _require(run.end_of_text < len(run.vocabulary), "run-end")
    energy_terms(run.energy)
    fixed = _bytes("fixed", run.fixed)
    _require(len(fixed) == run.config.length and set(fixed) <= {0, 1}, "run-fixed")
    for lane in run.lanes:
        _check_steps(run, lane)
        for name, column in COLUMNS.items():
            _check_array(run, lane, name, column)
        _check_weights(lane, lane_array(lane, "weight"))
    lengths = np.array([len(word) for word in run.vocabulary])
    written = sum(int(lengths[lane_array(lane, "candidate")].sum()) for lane in run.lanes)
    _require(written <= MAX_CHARACTERS, "run-characters", got=written, most=MAX_CHARACTERS)


def is_finished(run: Run) -> bool:
    """Whether no lane ends with a position that is still masked."""
    return all(bool((lane_array(lane, "x")[-1] != run.mask).all()) for lane in run.lanes)


def _check_steps(run: Run, lane: Lane) -> None:
    check_choice("sampler", lane.sampler, tuple(SAMPLERS))
    _require(lane.length == run.config.length, "run-length")
    for name in STEP_LISTS:
        _require(len(getattr(lane, name)) == lane.steps, "run-steps", name=name)
    _require(all(k <= lane.candidates for k in lane.num_candidates), "run-counts")
    pairs = zip(lane.chosen, lane.num_candidates, strict=True)
    _require(all(c < k for c, k in pairs), "run-chosen")
    _require(all(s <= t for t, s in zip(lane.t, lane.s, strict=True)), "run-times")
    _require(lane.s == sorted(lane.s, reverse=True), "run-order")


def _check_array(run: Run, lane: Lane, name: str, column: Column) -> None:
    """One of a lane's arrays, or that this version need not have it."""
    if getattr(lane, name) is None:
        _require(run.version == 1, "run-missing", name=name)
        return
    _bytes(name, getattr(lane, name))
    try:
        array = lane_array(lane, name)
    except ValueError:
        raise Refusal("run-array", name=name, axes=" × ".join(column.axes)) from None
    if column.holds_tokens:
        _require(int(array.max(initial=0)) < len(run.vocabulary), "run-token", name=name)
    elif array.dtype.kind == "f":
        _require(bool(np.isfinite(array).all()), "run-infinite", name=name)


def _bytes(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Refusal("run-base64", name=name) from None


def _check_weights(lane: Lane, weight: np.ndarray) -> None:
    given = np.arange(lane.candidates) < np.array(lane.num_candidates, dtype=int)[:, None]
    sums = np.where(given, weight, 0).sum(1, dtype=np.float64)
    _require(bool((weight >= 0).all() and (abs(sums - 1) < _ROUNDING).all()), "run-weights")


def _require(condition: bool, code: str, **values: Any) -> None:
    if not condition:
        raise Refusal(code, **values)
