"""Before a sweep: how this machine would do it, and how fast it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..config import Request
from ..measure.settled import How
from ..runs.costs import Rates
from .cores import sweep_threads
from .task import Doing, Models, Progress, Steps, register


@dataclass(frozen=True)
class Speed:
    how: How
    rates: Rates  # seconds a token, of networks and judges, in batches of `how.together`


@register
@dataclass(frozen=True)
class MeasureSpeed:
    """The rates of all that some requests ask of a model: `plan` tells what they will take. -> Speed"""

    kind: ClassVar[str] = "speed"
    interactive: ClassVar[bool] = True
    model: str
    requests: tuple[Request, ...]  # `kinds_of` those that are meant
    judges: tuple[str, ...] = ()  # all that are installed, where none is named
    together: int = 16

    def start(self, models: Models) -> Steps:
        import torch

        from ..measure.batch import how_of, installed_judges
        from ..measure.rates import measured_rates

        model, own = models.model(self.model), torch.get_num_threads()
        how = how_of(self.model, self.judges or installed_judges(), together=self.together, threads=sweep_threads())
        yield Progress(0.0, Doing("measuring-speed"))
        torch.set_num_threads(how.threads)
        try:
            rates = measured_rates(model, how, self.requests)
        finally:
            torch.set_num_threads(own)
        yield Progress(1.0, Doing("measuring-speed"), lambda: Speed(how, rates))

    def result_type(self) -> Any:
        return Speed
