"""The run file's types. Whatever reads, writes, checks or describes a run file derives from what stands here.

The object of a file is a `Run`, in JSON; docs/run-file.md describes it for other tools. A lane's arrays stand in it as
base64 of little-endian bytes, row-major; the annotations of `Lane` say of what type and shape each is, and `COLUMNS`
is the table of them. Axes: S recorded steps, L positions, K candidates, A alternatives. No torch here, so that a saved
run plays before any model has loaded.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import numpy as np
from msgspec import Meta, Struct

from ..config import MAX_CANDIDATES, MAX_LENGTH, MAX_STEPS, SampleConfig
from ..displayed import END

FORMAT, VERSION = "edlm-run", 2
ALTERNATIVES = 8
STEP_LISTS = ("step", "t", "s", "chosen", "num_candidates")  # of a lane: one number a step
MAX_LANES, MAX_VOCABULARY, MAX_LINE = 3, 2**16, 500


class Column(NamedTuple):
    """An array of a lane: its type, its axes, and what stands where a step has no value ("mask": the mask's index)."""

    dtype: str
    axes: tuple[str, ...]
    fill: int | str = 0

    @property
    def holds_tokens(self) -> bool:
        """Whether its entries are indices into the vocabulary."""
        return self.fill == "mask"


Line = Annotated[str, Meta(max_length=MAX_LINE)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0, le=10**9)]
Index = Annotated[int, Meta(ge=0, lt=MAX_LENGTH)]
Names = Annotated[dict[Line, Line], Meta(max_length=16)]
Steps = Annotated[int, Meta(ge=0, le=MAX_STEPS)]
Number = Annotated[float, Meta(ge=-1e9, le=1e9)]


class ModelName(Struct, frozen=True, kw_only=True):
    """Which weights a run was made with."""

    name: Line
    fingerprint: Line


class Lane(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sampler's steps."""

    sampler: Line
    steps: Steps  # S; a step that reveals nothing is not recorded
    length: Annotated[int, Meta(ge=1, le=MAX_LENGTH)]  # L
    candidates: Annotated[int, Meta(ge=1, le=MAX_CANDIDATES)]  # K, the most that a step had
    seconds: Annotated[float, Meta(ge=0, le=1e9)]
    denoiser_calls: Count
    energy_calls: Count
    measures: Annotated[dict[Line, Number], Meta(max_length=32)]  # of the finished text, by name
    step: list[Index]  # which of the grid's steps
    t: list[Share]  # where it began, 1 the start
    s: list[Share]  # where it ended
    chosen: list[Annotated[int, Meta(ge=0, lt=MAX_CANDIDATES)]]
    num_candidates: list[Annotated[int, Meta(ge=1, le=MAX_CANDIDATES)]]
    x: Annotated[str, Column("<u2", ("S+1", "L"), "mask")]  # before the first step and after each
    marginal_id: Annotated[str, Column("<u2", ("S", "L", "A"), "mask")]  # the likeliest tokens of each masked position
    marginal_p: Annotated[str, Column("<u2", ("S", "L", "A"))]  # their probability, in 1/65535; 0 where visible
    entropy: Annotated[str, Column("<u2", ("S", "L"))]  # of the marginal, in 1/1000 nat; 0 where visible
    candidate: Annotated[str, Column("<u2", ("S", "K", "L"), "mask")]  # complete texts
    token_log_q: Annotated[str, Column("<f2", ("S", "K", "L"))]  # log p_theta of their tokens; 0 where visible
    token_energy: Annotated[str | None, Column("<f4", ("S", "K", "L"))] = None  # sum to energy; none in version 1
    log_q: Annotated[str, Column("<f4", ("S", "K"))]
    energy: Annotated[str, Column("<f4", ("S", "K"))]
    weight: Annotated[str, Column("<f4", ("S", "K"))]  # normalised, as the sampler used them


class Run(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one visitor's settings brought: up to three lanes on one reveal schedule and one noise."""

    format: Literal["edlm-run"]
    version: Literal[1, 2]
    title: Line
    prompt: Annotated[str, Meta(max_length=200 * MAX_LENGTH)] | None
    energy: Line
    config: SampleConfig  # of the last lane
    model: ModelName
    device: Line
    dtype: Line
    software: Names  # versions of what made it, by name, and where: its threads, its processor
    vocabulary: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(min_length=1, max_length=MAX_VOCABULARY)]
    token_ids: list[Annotated[int, Meta(ge=0, lt=2**31)]]  # of the vocabulary, in the model's tokenizer
    end_of_text: Annotated[int, Meta(ge=-1, lt=MAX_VOCABULARY)]  # its index in the vocabulary, -1 where it is not in it
    fixed: str  # base64 of (L,) u8, 1 where the prompt fixed the token
    lanes: Annotated[list[Lane], Meta(min_length=1, max_length=MAX_LANES)]
    complete: bool = True  # not stopped before its end
    branch: Steps | None = None  # the number of the grid's steps after which it left another run
    about: Line = ""  # what whoever chose the run says of it

    @property
    def mask(self) -> int:
        """The mask's index: the vocabulary's last."""
        return len(self.vocabulary) - 1

    @property
    def words(self) -> list[str]:
        """The vocabulary as it is read: the end of a text as its sign."""
        return [END if i == self.end_of_text else word for i, word in enumerate(self.vocabulary)]


def _columns() -> dict[str, Column]:
    hints = get_type_hints(Lane, include_extras=True).items()
    marks = ((name, mark) for name, hint in hints for mark in getattr(hint, "__metadata__", ()))
    return {name: mark for name, mark in marks if isinstance(mark, Column)}


COLUMNS: Mapping[str, Column] = _columns()


def column_table() -> list[dict[str, Any]]:
    """COLUMNS as plain JSON, for decoders in other languages."""
    return [
        {"name": name, "dtype": column.dtype, "axes": list(column.axes), "fill": column.fill}
        for name, column in COLUMNS.items()
    ]


def pack(array: np.ndarray, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array.astype(dtype)).tobytes()).decode("ascii")


def lane_array(lane: Lane, name: str) -> np.ndarray:
    """One of a lane's arrays, in the shape that COLUMNS gives. Raises ValueError where the bytes do not fill it."""
    column = COLUMNS[name]
    raw = base64.b64decode(getattr(lane, name), validate=True)
    return np.frombuffer(raw, column.dtype).reshape(shape_of(column, lane.steps, lane.length, lane.candidates))


def shape_of(column: Column, steps: int, length: int, candidates: int) -> list[int]:
    sizes = {"S": steps, "S+1": steps + 1, "L": length, "K": candidates, "A": ALTERNATIVES}
    return [sizes[axis] for axis in column.axes]
