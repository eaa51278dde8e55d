"""A lane before it is packed: its arrays, in the tokenizer's ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ..refusals import Refusal
from .schema import COLUMNS, STEP_LISTS, Column, Lane, Run, lane_array, pack


@dataclass(frozen=True)
class LaneRecord:
    """One sampler's steps. `columns` has the arrays of COLUMNS in their shapes."""

    sampler: str
    seconds: float
    denoiser_calls: int
    energy_calls: int
    measures: Mapping[str, float]
    step: list[int]
    t: list[float]
    s: list[float]
    chosen: list[int]
    num_candidates: list[int]
    columns: Mapping[str, np.ndarray]

    @property
    def candidates(self) -> int:
        """K, the most that a step had."""
        return self.columns["weight"].shape[1]


_KEPT = tuple(field.name for field in fields(LaneRecord) if field.name != "columns")  # equal in a Lane


def used_tokens(lanes: Sequence[LaneRecord], mask_id: int) -> np.ndarray:
    """(V,) the ids that a file's vocabulary needs, ascending. The mask is the largest id, so it is the last."""
    tokens = [lane.columns[name] for lane in lanes for name, column in COLUMNS.items() if column.holds_tokens]
    return np.union1d(np.unique(np.concatenate([array.ravel() for array in tokens])), [mask_id])


def packed(lane: LaneRecord, used: np.ndarray) -> Lane:
    """As in a file whose vocabulary is the ids `used`."""
    S, L = len(lane.step), lane.columns["x"].shape[1]
    arrays: dict[str, Any] = {
        name: pack(
            np.searchsorted(used, lane.columns[name]) if column.holds_tokens else lane.columns[name], column.dtype
        )
        for name, column in COLUMNS.items()
    }
    kept: dict[str, Any] = {name: getattr(lane, name) for name in _KEPT}
    return Lane(steps=S, length=L, candidates=lane.candidates, **kept, **arrays)


def unpacked(run: Run, lane: Lane) -> LaneRecord:
    """A lane of a run file of version 2. Raises Refusal where it is of version 1."""
    if lane.token_energy is None:
        raise Refusal("branch-version")
    ids = np.array(run.token_ids)
    arrays = {name: lane_array(lane, name) for name in COLUMNS}
    columns = {name: ids[array] if COLUMNS[name].holds_tokens else array for name, array in arrays.items()}
    return LaneRecord(columns=columns, **{name: getattr(lane, name) for name in _KEPT})


def joined(first: LaneRecord, steps: int, then: LaneRecord, mask_id: int, *, taken: int | None = None) -> LaneRecord:
    """The first `steps` steps of one lane, then another's, which it cost. K is the larger of the two. `taken` is the
    candidate that the last of the first steps is said to have chosen."""
    K = max(first.candidates, then.candidates)

    def one_after_the_other(name: str, column: Column) -> np.ndarray:
        fill = mask_id if column.holds_tokens else column.fill
        return np.concatenate(
            [widened(part, column, K, fill) for part in (first.columns[name][:steps], then.columns[name])]
        )

    lists = {name: getattr(first, name)[:steps] + getattr(then, name) for name in STEP_LISTS}
    if taken is not None:
        lists["chosen"][steps - 1] = taken
    columns = {name: one_after_the_other(name, column) for name, column in COLUMNS.items()}
    return replace(then, columns=columns, **lists)


def widened(array: np.ndarray, column: Column, K: int, fill: int | str) -> np.ndarray:
    """An array with room for K candidates, where it has an axis of them; `fill` is in the places that are added."""
    if "K" not in column.axes:
        return array
    room = [(0, 0) if axis != "K" else (0, K - array.shape[n]) for n, axis in enumerate(column.axes)]
    return np.pad(array, room, constant_values=fill)
