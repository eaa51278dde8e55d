"""What a link asks for and has not begun: what takes long waits for a press, so that no link holds everybody up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edlm_core.runs.costs import estimate_seconds
from edlm_core.work.executor import ACTIVE
from edlm_core.work.local import Local
from edlm_core.work.task import task_id
from edlm_core.work.tasks import Record

from .links import Settings

LINK_SECONDS = 60.0  # by the estimate for this machine


@dataclass(eq=False)
class Offer:
    settings: Settings
    start: dict[str, int | None] | None  # where its link's stage begins
    seconds: float | None = None  # that it takes, once that is known
    wait: Callable[[float], object] | None = None  # until it is
    held: bool = False  # it has been said that it waits for a press

    def may_begin(self, task: Record, local: Local) -> bool:
        """It is short, or done or under way already. While the model loads, nobody knows."""
        if self.held:
            return False
        known = local.state(task_id(task)).stage in (*ACTIVE, "done")
        self.wait = None if local.ready.is_set() or known else local.ready.wait
        self.seconds = estimate_seconds(self.settings.requests(), local.rates)
        short = self.seconds is not None and self.seconds <= LINK_SECONDS
        begins = known or (self.wait is None and (short or local.error is not None))
        self.held = self.wait is None and not begins
        return begins
