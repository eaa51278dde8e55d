"""How likely is a text that somebody brings?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..measure.scored import Scored
from .task import Doing, Models, Progress, Steps, register


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

        scoring = Scoring(models.model(self.model), self.text)
        for share in scoring.steps():
            yield Progress(share, Doing("scoring"), scoring.result)

    def result_type(self) -> Any:
        return Scored
