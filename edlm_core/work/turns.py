"""Whose turn it is: visitors stand in a line, each with their tasks in the order of asking.

A turn is one task's end or SLICE_SECONDS, whichever comes first; then the visitor goes to the end of the line. So
nobody's second task comes before another's first, and a task of half an hour lets one of ten seconds by. What was begun
holds memory, so no more than AT_ONCE tasks are begun and not ended.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .running import Running

SLICE_SECONDS = 10.0  # longer than a page's usual run, which should come to its end in one turn
AT_ONCE = 4  # tasks that are begun
Left = Callable[[Running], float | None]  # how many seconds of work a task has left, if that is known


class Turns:
    """Not locked: who shares it between threads guards it."""

    def __init__(self) -> None:
        self._line: dict[str, list[Running]] = {}  # by visitor, in the order of their turns
        self._now: Running | None = None  # whose turn it is

    def __len__(self) -> int:
        return len(self._all())

    def of(self, visitor: str) -> int:
        """How many tasks a visitor has here."""
        return len(self._line.get(visitor, ()))

    def add(self, visitor: str, task: Running) -> None:
        """At the end of the visitor's own. Two may ask for the same task: it is done when the first is served."""
        mine = self._line.setdefault(visitor, [])
        if task not in mine:
            mine.append(task)

    def leave(self, visitor: str, task: Running) -> None:
        """One of those who asked for it does so no more. What nobody wants and holds memory waits to be closed."""
        if task.unwanted and task.begun:
            return
        left = [one for one in self._line.get(visitor, ()) if one is not task]
        if left:
            self._line[visitor] = left
        else:
            self._line.pop(visitor, None)

    def remove(self, task: Running) -> None:
        """It has ended, for all who asked for it."""
        self._line = {
            visitor: left
            for visitor, tasks in self._line.items()
            if (left := [one for one in tasks if one is not task])
        }

    def next(self) -> Running | None:
        """The task whose turn it is from now on, if there is one: what nobody wants any more, to be closed, else that
        of the first in the line, who goes to its end."""
        self._now = next((task for task in self._all() if task.unwanted), None)
        for visitor, task in self._first() if self._now is None else ():
            self._line[visitor] = self._line.pop(visitor)
            self._now = task
            break
        return self._now

    def over(self) -> None:
        """Nobody's turn any more."""
        self._now = None

    @property
    def contended(self) -> bool:
        """Somebody else would be served now."""
        return any(task is not self._now for _visitor, task in self._first())

    def _first(self) -> list[tuple[str, Running]]:
        """What each visitor's next turn would be about, in the order of the line: what is begun, else, where there is
        room to begin it, what they asked for first."""
        room = sum(task.begun for task in self._all()) < AT_ONCE
        first = ((v, next((task for task in tasks if task.begun), tasks[0])) for v, tasks in self._line.items())
        return [(visitor, task) for visitor, task in first if room or task.begun]

    def _all(self) -> set[Running]:
        return {task for tasks in self._line.values() for task in tasks}

    # ── what a visitor is told ───────────────────────────────────────────────────
    def before(self, task: Running) -> int:
        """How many tasks have a turn before this one has its next."""
        return len(self._served_before(task))

    def seconds(self, task: Running, left: Left) -> float | None:
        """Until it has come to its end, if nobody else asks; None where nobody knows how long it takes, or another."""
        mine = left(task) if task.active else None
        if mine is None:
            return None
        total, further = mine, math.ceil(mine / SLICE_SECONDS) - 1  # turns that it takes after its next one
        first = self._served_before(task)
        for other in self._all() - {task}:
            theirs = left(other)
            turns = further + (other in first)
            if turns and theirs is None:
                return None
            total += min(theirs or 0.0, turns * SLICE_SECONDS)
        return total

    def _served_before(self, task: Running) -> set[Running]:
        """What has a turn before its next one: of a visitor ahead of its own one more than of the others."""
        if task is self._now:
            return set()
        places = {visitor: tasks.index(task) for visitor, tasks in self._line.items() if task in tasks}
        if not places:
            return set()
        mine = min(places, key=lambda visitor: places[visitor])
        served, ahead = set[Running]() if self._now is None else {self._now}, True
        for visitor, tasks in self._line.items():
            ahead = ahead and visitor != mine
            served |= set(tasks[: places[mine] + ahead])
        return served - {task}
