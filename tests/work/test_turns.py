"""Visitors take turns, a long task in slices; who waits is told how many come before and when theirs is done."""

import threading
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from edlm_core.work import local as locals_
from edlm_core.work import turns
from edlm_core.work.local import Local
from edlm_core.work.running import Running
from edlm_core.work.task import Doing, Progress
from edlm_core.work.turns import SLICE_SECONDS, Turns


@dataclass(frozen=True)
class Planted:
    """A task of so many steps, each of which is told."""

    kind: ClassVar[str] = "planted"
    interactive: ClassVar[bool] = True
    name: str
    steps: int = 1

    def start(self, models: Any) -> Generator[Progress, None, None]:
        try:
            for n in range(self.steps):
                models.told.append(self.name)
                yield Progress((n + 1) / self.steps, Doing("writing"))
        finally:
            models.closed.append(self.name)

    def result_type(self) -> Any:
        return None


class Line:
    """Turns of which each lasts `slice` steps, by whom and in what order the tasks were worked at."""

    def __init__(self, slice: int = 1) -> None:
        self.turns, self.slice = Turns(), slice
        self.told: list[str] = []
        self.closed: list[str] = []
        self.tasks: dict[str, Running] = {}

    def ask(self, visitor: str, name: str, steps: int = 1) -> Running:
        task = self.tasks.setdefault(name, Running(Planted(name, steps), {}))
        task.watch(visitor)
        self.turns.add(visitor, task)
        return task

    def serve(self, turns: int = 1000) -> str:
        """So many turns, or until nobody waits: the names of the steps that were taken since the last call."""
        self.told.clear()
        for _ in range(turns):
            if (task := self.turns.next()) is None:
                break
            until = len(self.told) + self.slice
            task.work(self, lambda _seconds, until=until: len(self.told) >= until and self.turns.contended)
            self.turns.over()
            if not task.active:
                self.turns.remove(task)
        return "".join(self.told)

    def before(self, name: str) -> int:
        return self.turns.before(self.tasks[name])


def test_nobodys_second_comes_before_anothers_first():
    line = Line()
    for visitor, name in (("one", "a"), ("one", "b"), ("one", "c"), ("two", "d"), ("two", "e"), ("three", "f")):
        line.ask(visitor, name)
    assert [line.before(name) for name in "adfbec"] == [0, 1, 2, 3, 4, 5]
    assert line.serve() == "adfbec"


def test_a_long_task_lets_the_short_ones_by_and_comes_to_its_end():
    line = Line(slice=2)
    line.ask("one", "L", steps=7)
    assert line.serve(1) == "LLLLLLL"  # alone nobody takes it anything
    line = Line(slice=2)
    line.ask("one", "L", steps=7)
    line.ask("two", "a", steps=2)
    line.ask("three", "b")
    assert line.serve(2) == "LLaa"
    line.ask("four", "c", steps=3)
    assert line.before("L") == 1
    assert line.serve() == "bLLccLLcL"
    assert sorted(line.closed) == ["L", "a", "b", "c"]


def test_no_more_are_begun_than_memory_is_held_for(monkeypatch):
    monkeypatch.setattr(turns, "AT_ONCE", 2)
    line = Line()
    for n, name in enumerate("ABC"):
        line.ask(str(n), name, steps=3)
    assert line.serve() == "ABABABCCC"


def test_the_same_asked_by_two_is_done_at_the_first_ones_turn():
    line = Line()
    line.ask("one", "a")
    line.ask("one", "b")
    line.ask("two", "b")
    line.ask("three", "c")
    assert [line.before(name) for name in "abc"] == [0, 1, 2]
    assert line.serve() == "abc"


def test_who_leaves_takes_his_place_along_and_what_was_begun_is_closed():
    line = Line()
    long, short = line.ask("one", "L", steps=5), line.ask("two", "a")
    line.ask("three", "b", steps=2)
    assert line.serve(1) == "L"
    long.leave("one")
    line.turns.leave("one", long)
    short.leave("two")
    line.turns.leave("two", short)
    assert line.serve() == "bb"
    assert (long.stage, line.closed) == ("stopped", ["L", "b"])


def test_what_was_begun_for_one_who_left_goes_on_for_the_other(monkeypatch):
    line = Line()
    shared = line.ask("one", "S", steps=3)
    line.ask("two", "a")
    line.ask("two", "S")
    line.ask("three", "b")
    assert line.serve(1) == "S"
    monkeypatch.setattr(turns, "AT_ONCE", 1)
    shared.leave("one")
    line.turns.leave("one", shared)
    assert line.serve() == "SSba"


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ({"a": 4, "b": 8, "c": 5}, {"a": 4, "b": 12, "c": 17}),
        ({"a": 1700, "b": 8, "c": 5}, {"a": 1713, "b": 18, "c": 23}),  # the long one takes a slice before each
        ({"a": 15, "b": 25, "c": 3}, {"a": 28, "b": 43, "c": 23}),
        ({"a": None, "b": 8, "c": 5}, {"a": None, "b": None, "c": None}),
        ({"a": 4, "b": 8, "c": None}, {"a": 4, "b": 12, "c": None}),
    ],
)
def test_who_waits_is_told_when_his_is_done(left, expected):
    assert SLICE_SECONDS == 10
    line = Line()
    for n, name in enumerate("abc"):
        line.ask(str(n), name)
    told = {name: line.turns.seconds(task, lambda task: left[task.task.name]) for name, task in line.tasks.items()}
    assert told == expected


def test_twenty_who_ask_at_once_are_all_served(monkeypatch):
    """Ten ask the same, ten something of their own: eleven tasks, and nobody is refused."""
    go = threading.Event()

    class Served(Local):
        told: ClassVar[list[str]] = []
        closed: ClassVar[list[str]] = []

        def _serve(self) -> None:
            go.wait(60)
            monkeypatch.setattr(locals_, "choose_threads", lambda _model: 1)
            monkeypatch.setattr(locals_, "warm_up", lambda *_: {})
            monkeypatch.setattr(locals_, "load_smollm2", lambda *_: None)
            super()._serve()

    local, ids = Served(lambda: None), {}
    together = threading.Barrier(20)

    def visit(n: int) -> None:
        together.wait(60)
        ids[n] = local.submit(Planted(f"own {n}" if n % 2 else "same"), by=str(n))

    visitors = [threading.Thread(target=visit, args=(n,)) for n in range(20)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(60)
    assert sorted({local.state(id).before for id in ids.values()}) == list(range(11))
    go.set()
    for id in ids.values():
        local._known[id]._ended.wait(60)
    assert {local.state(id).stage for id in ids.values()} == {"done"}
    assert sorted(Served.told) == sorted(["same", *(f"own {n}" for n in range(1, 20, 2))])
    local.close()
