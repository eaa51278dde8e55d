"""Why do few steps fail? The total correlation of what each step reveals together, for several T."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .checkpoints import Model
from .config import Request
from .diagnosis.pool import log_weights
from .diagnosis.together import Together, together
from .pools import Standpoint
from .runs import Cost, run_steps

DRAWS = 128


@dataclass(frozen=True)
class Metered:
    """One run: a step's number, its time and its total correlation."""

    num_steps: int
    steps: list[tuple[int, float, Together]]

    @property
    def total(self) -> tuple[float, float]:
        """The sum over the run and its standard error, nats."""
        return (
            sum(each.correlation for *_, each in self.steps),
            sum(each.error**2 for *_, each in self.steps) ** 0.5,
        )


class FactorisationMeter:
    """The work of running a request at several T and, at each of its steps, drawing the revealed tokens DRAWS times
    with the rest of the chosen draft held fixed: the dependence, under the corrected law, that one independent draw
    of them ignores. A step that reveals one token loses nothing."""

    def __init__(self, model: Model, request: Request, num_steps: Sequence[int]) -> None:
        self.model = model
        config = request.config
        self.requests = [replace(request, config=replace(config, num_steps=T, num_chains=1)) for T in num_steps]
        self._found: list[Metered] = []

    def steps(self) -> Iterator[float]:
        for n, request in enumerate(self.requests):
            self._found.append(Metered(request.config.num_steps, []))
            for record in run_steps(self.model, request, Cost()):
                revealed, step = record.revealed[0], int(record.step[0])
                at = Standpoint(self.model, request, record.x_t[0], step)
                rest = record.proposals.x_0[0, int(record.chosen[0])]
                x_0 = at.draw(DRAWS if int(revealed.sum()) > 1 else 1, vary=revealed, rest=rest)
                terms = at.score(x_0)[1].double().sum(-1).cpu().numpy()
                tokens = x_0[:, revealed].cpu().numpy()
                each = together(tokens, log_weights(terms, request.config.energy_temperature))
                self._found[-1].steps.append((step, float(record.t[0]), each))
                yield (n + 1 - float(record.s[0])) / len(self.requests)

    def run(self) -> list[Metered]:
        return list(self._found)
