"""What a run file's types can't say: that its parts fit each other. After it every export can write the run."""

from __future__ import annotations

import base64

import numpy as np

from .schema import COLUMNS, STEP_LISTS, Lane, Run, lane_array


def check(run: Run) -> None:
    """Raises ValueError: what does not fit."""
    V = len(run.vocabulary)
    _require(len(run.token_ids) == V, "vocabulary and token_ids differ in length")
    _require(run.end_of_text < V, "end_of_text points outside the vocabulary")
    for lane in run.lanes:
        _check_lane(run, lane)


def _check_lane(run: Run, lane: Lane) -> None:
    V, S = len(run.vocabulary), lane.steps
    _require(len(base64.b64decode(run.fixed, validate=True)) == lane.length, "fixed")
    for name in STEP_LISTS:
        _require(len(getattr(lane, name)) == S, name)
    _require(all(k <= lane.candidates for k in lane.num_candidates), "num_candidates")
    _require(all(c < k for c, k in zip(lane.chosen, lane.num_candidates, strict=True)), "chosen")
    for name, column in COLUMNS.items():
        if (run.version, name) == (1, "token_energy"):
            continue
        array = lane_array(lane, name)
        if column.holds_tokens:
            _require(int(array.max(initial=0)) < V, f"{name} points outside the vocabulary")
        elif array.dtype.kind == "f":
            _require(bool(np.isfinite(array).all()), f"{name} holds numbers that are not finite")


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)
