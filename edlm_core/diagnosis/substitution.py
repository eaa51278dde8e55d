"""One word changed at a time: what does the energy make of the rest? For any energy, exact, in context."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ..config import Request
from ..method.importance import ImportanceWeights
from ..models.checkpoints import Model
from .pools import BLOCK, Standpoint


class Substitutions:
    """The work of scoring a draft (L,) again and again, each time with another token at one position.

    `result` gives (L, L): row i, column j, in nats at energy temperature 1: what having the draft's token at i, not
    the other one, adds to the part of log w at j; 0 in the rows of positions that were not changed. A row's sum is
    the leave-one-out effect of its position. Off the diagonal, below 0 means: the word at i makes the one at j less
    welcome.
    """

    def __init__(
        self, model: Model, request: Request, x_t: Tensor, step: int, draft: Tensor, other: Tensor | None = None
    ) -> None:
        """`other` (L,): what to put in its place, position by position; where it agrees with the draft, nothing is
        asked. If not given, the denoiser's likeliest token that is not the draft's."""
        self.at = Standpoint(model, request, x_t, step)
        self.draft = draft.to(self.at.x_t.device)
        if other is None:
            own = self.draft[self.at.masked]
            other = self.draft.clone()
            other[self.at.masked] = self.at.log_probs.scatter(1, own[:, None], -torch.inf).argmax(-1)
        self.other = other.to(self.draft.device)
        self.places = (self.other != self.draft).nonzero()[:, 0]
        self._rows: list[Tensor] = []

    def steps(self) -> Iterator[float]:
        base = _log_w(self.at.score(self.draft[None])[1])
        for places in self.places.split(BLOCK):
            changed = self.draft.expand(len(places), -1).clone()
            changed[torch.arange(len(places)), places] = self.other[places]
            self._rows.append(base - _log_w(self.at.score(changed)[1]))
            yield sum(map(len, self._rows)) / len(self.places)

    def result(self) -> np.ndarray:
        rows = torch.cat(list(self._rows))
        table = torch.zeros(len(self.draft), len(self.draft), dtype=rows.dtype, device=rows.device)
        table[self.places[: len(rows)]] = rows
        return table.cpu().numpy()


def _log_w(terms: Tensor) -> Tensor:
    """Parts of the log-weight by position, from terms of the energy: (n, L) -> (n, L)."""
    return ImportanceWeights.from_energy(terms).log_w
