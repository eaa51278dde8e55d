"""How far a command has come and how long it will go on, on stderr, for work that takes more than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from ..durations import spoken

QUIET_SECONDS = 2.0  # what is done by then says nothing
LINE_SECONDS = 5.0  # between two lines of a log; a terminal has one line that changes


class Progress:
    """Told of each step; writes now and then. On a terminal one line changes in place, and is gone before anything
    else is written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.started = time.monotonic()
        self._next = self.started + QUIET_SECONDS
        self._shown = False

    def __call__(self, share: float, what: str) -> None:
        """`share` 0..1 of the whole that is done, and what is being done now."""
        now = time.monotonic()
        if now < self._next:
            return
        terminal = self.stream.isatty()
        self._next = now + (0.2 if terminal else LINE_SECONDS)
        spent = now - self.started
        left = f", about {spoken(spent / share - spent)} left" if share > 0 else ""
        line = f"{what}: {share:.0%}, {spoken(spent)}{left}"
        self.stream.write(f"\r\x1b[K{line}" if terminal else line + "\n")
        self.stream.flush()
        self._shown = terminal

    def clear(self) -> None:
        """Take the line away, so that what is written next begins a line of its own."""
        if self._shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._shown = False


@contextmanager
def progress() -> Generator[Progress]:
    """Cleared however the work ends: a refusal after it is a line of its own."""
    told = Progress()
    try:
        yield told
    finally:
        told.clear()
