"""Does the energy tell text from the same words in disorder? If not, its sign is wrong, or it is no energy of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..config import Request
from ..models.checkpoints import Model
from ..runs.steps import x_T_of
from .pools import Standpoint

SCRAMBLES = 31


@dataclass(frozen=True)
class Sign:
    """How many scrambles of a text have the higher energy, as they should."""

    higher: int
    of: int

    @property
    def separates(self) -> bool:
        """At least three in four: chance alone reaches that once in a few hundred times."""
        return self.higher >= 0.75 * self.of


class SignCheck:
    """The work of scoring a text x_0 (L,), tokenizer ids, and scrambles of the words that the run wrote in it, as one
    draft of the first step. The same words in another order have nearly the same log p_theta there, so what is
    compared is what the energy says of order."""

    def __init__(self, model: Model, request: Request, x_0: Tensor) -> None:
        self.at = Standpoint(model, request, x_T_of(model, request), 0)
        x_0 = x_0.to(self.at.x_t.device)
        places = self.at.masked.nonzero()[:, 0]
        generator = torch.Generator().manual_seed(request.config.seed)
        rows = [x_0]
        for _ in range(SCRAMBLES):
            row = x_0.clone()
            row[places] = x_0[places[torch.randperm(len(places), generator=generator).to(places.device)]]
            rows.append(row)
        self.texts = torch.stack(rows)
        self._energies: list[Tensor] = []

    def steps(self) -> Iterator[float]:
        self._energies.append(self.at.score(self.texts)[1].double().sum(-1))
        yield 1.0

    def result(self) -> Sign:
        (energies,) = self._energies
        return Sign(int((energies[1:] > energies[0]).sum()), SCRAMBLES)
