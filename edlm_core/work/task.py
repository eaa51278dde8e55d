"""What a task is: something that takes a model and time, and has a name of its own. No torch.

    for progress in task.start(models):   # closing the iterator stops the work within one step
        progress.share, progress.doing, progress.result

A task is a frozen dataclass of plain values, so that it compares, goes to JSON and back, and is named by the hash of
that JSON: the same question asked twice is one task.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import msgspec

from ..json_files import json_fault
from ..refusals import Refusal

if TYPE_CHECKING:
    from ..models.checkpoints import Model
    from ..runs.run_file import Run

TaskId = str  # 64 hex digits


@dataclass(frozen=True)
class Doing:
    """What is being done: a code, which a page puts into words, and the values that go into them."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Progress:
    """How far a task is. Its result is made when somebody first looks, and then only once."""

    share: float  # 0 to 1
    doing: Doing
    so_far: Callable[[], Any] = field(default=_nothing, repr=False, compare=False)

    @cached_property
    def result(self) -> Any:
        """What has come out so far, or None."""
        return self.so_far()


Steps = Generator[Progress, None, None]  # closing it stops the work within one step


class Models(Protocol):
    """What a task is given to work with."""

    def model(self, name: str) -> Model:
        """Loaded. Raises BadModel."""
        ...

    def judges(self) -> Sequence[str]:
        """Those that need no waiting."""
        ...

    def run(self, name: str) -> Run:
        """A run by the hash of its content. Raises Refusal where nobody brought it."""
        ...


class Task(Protocol):
    kind: ClassVar[str]  # its name in JSON
    interactive: ClassVar[bool]  # somebody waits for it: where nobody does any more, it ends

    def start(self, models: Models) -> Steps: ...

    def result_type(self) -> Any:
        """What `Progress.result` is, for those who store it."""
        ...


KINDS: dict[str, type[Any]] = {}
_AnyTask = TypeVar("_AnyTask", bound=type)


def register(task: _AnyTask) -> _AnyTask:
    """As a decorator: the one table by which JSON finds the class of its kind."""
    KINDS[task.kind] = task
    return task


def task_json(task: Task) -> bytes:
    """Canonical: sorted keys, and 2 for a float is 2.0. `task_of_json` reads it."""
    as_typed = msgspec.convert(msgspec.to_builtins(task), type(task))
    return msgspec.json.encode({"kind": task.kind} | msgspec.to_builtins(as_typed), order="sorted")


def task_id(task: Task) -> TaskId:
    return hashlib.sha256(task_json(task)).hexdigest()


def task_of_json(data: bytes) -> Task:
    """Raises Refusal."""
    try:
        values = msgspec.json.decode(data, type=dict[str, Any])
        kind = values.pop("kind", None)
        if kind not in KINDS:
            raise Refusal("task-kind", kind=str(kind)[:40], known=", ".join(sorted(KINDS)))
        return msgspec.convert(values, KINDS[kind], strict=True)
    except msgspec.MsgspecError as error:
        raise Refusal("task-damaged", error=json_fault(error)) from None
