"""Texts alone, as a program asks for them: nothing of how they came about is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..config import Request
from .task import Doing, Models, Progress, Steps, register

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Written:
    """What there is of a request's texts."""

    ids: Rows  # (num_chains, L), the mask where nothing is written yet
    log_probs: tuple[tuple[float, ...], ...] = ()  # (num_chains, L), of the finished texts where they were asked for


@register
@dataclass(frozen=True)
class Write:
    """-> Written. `log_probs`: by the language model that the sampler writes with."""

    kind: ClassVar[str] = "write"
    interactive: ClassVar[bool] = True
    model: str
    request: Request
    log_probs: bool = False

    def start(self, models: Models) -> Steps:
        from ..method.sampling import start
        from ..runs.steps import Cost, language_model_by_name, run_steps, x_T_of

        model = models.model(self.model)
        x = start(model.tokenizer.mask_id, self.request.config, x_T_of(model, self.request))

        def written() -> Written:
            return Written(tuple(map(tuple, x.tolist())))

        for record in run_steps(model, self.request, Cost()):
            x[record.chains] = record.x_s.to(x.device)
            yield Progress(1 - float(record.s.mean()), Doing("writing"), written)
        read: tuple[tuple[float, ...], ...] = ()
        if self.log_probs:
            scored = language_model_by_name(model, self.request.energy).token_log_probs(x.to(model.device))
            read = tuple(map(tuple, scored.tolist()))
        yield Progress(1.0, Doing("written"), lambda: Written(written().ids, read))

    def result_type(self) -> Any:
        return Written
