"""How long a task still takes, told by its own progress."""

from __future__ import annotations

import time
from collections.abc import Callable

LEAST = 0.02  # of the whole, before a pace is believed


class Pace:
    """Begins when it is first asked: loading, and what was kept from an earlier start, say nothing of the pace."""

    def __init__(self, expected: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """`expected`: seconds, by whoever asked for it, until there is a pace."""
        self.expected, self._clock = expected, clock
        self._began: tuple[float, float] | None = None  # when, and the share that was done

    def left(self, share: float) -> float | None:
        """Seconds until the whole is done, now that so much of it is."""
        now = self._clock()
        began, kept = self._began = self._began or (now, share)
        spent, come = now - began, share - kept
        if come >= LEAST:
            return spent / come * (1 - share)
        return None if self.expected is None else max(0.0, self.expected - spent)
