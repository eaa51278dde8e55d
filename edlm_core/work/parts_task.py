"""Where the time goes, measured here and now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from ..measure.spent import Spent
from .task import Doing, Models, Progress, Steps, register


@register
@dataclass(frozen=True)
class TakeTimesApart:
    """A few runs of each sampler under the profiler. -> list of Spent, those that are done"""

    kind: ClassVar[str] = "parts"
    interactive: ClassVar[bool] = True
    model: str

    def start(self, models: Models) -> Steps:
        from ..measure.bench.parts import parts_steps, requests

        for share, found in parts_steps(models.model(self.model), requests()):
            yield Progress(share, Doing("timing"), partial(list, found))

    def result_type(self) -> Any:
        return list[Spent]
