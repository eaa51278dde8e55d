"""How likely is a text that somebody brings?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..measure.scored import Scored
from .answering import steps_of
from .task import Models, Steps, register


@register
@dataclass(frozen=True)
class ScoreText:
    """The exact NLL of the autoregressive model and the bounds of the others. -> Scored"""

    kind: ClassVar[str] = "score"
    interactive: ClassVar[bool] = True
    model: str
    text: str

    def start(self, models: Models) -> Steps:
        from ..measure.score import Scoring

        yield from steps_of(Scoring(models.model(self.model), self.text), "scoring")

    def result_type(self) -> Any:
        return Scored
