"""Score a text: how likely is it, exactly where that can be said, and else at the least?

    for share in (scoring := Scoring(model, "Once upon a time …")).steps():
        scoring.result()      # the exact figure first, then the bounds, narrower with each round of draws

Every round is an estimate by itself, independent of the others, so the interval over the rounds is that of the draws.
Inside a round the denoiser's NELBO is of many copies of the text, whose times are stratified (`likelihood.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch

from ..catalogue import PLAIN
from ..config import MAX_PAGE_LENGTH, SampleConfig
from ..models.checkpoints import Model
from ..models.tokenizer import check_sendable
from ..refusals import Refusal
from ..runs.steps import as_mdlm, energy_by_name
from .likelihood import mdlm_nelbo, nelbo_finite_k
from .paired import Interval, mean_interval, paired_difference
from .scored import BOUND, EXACT, Figure, Scored

ROUNDS, COPIES = 8, 16
CONFIG = SampleConfig(num_steps=16, num_candidates=8, reveal="dilated")
MAX_CHARACTERS = 4000  # more than any 128 tokens have; more is not even cut into tokens


class Scoring:
    """Of one text, as work that can be watched and stopped."""

    def __init__(
        self, model: Model, text: str, config: SampleConfig = CONFIG, energy: str = "ar", rounds: int = ROUNDS
    ) -> None:
        """Raises Refusal where the text is empty, too long, or has characters that the vocabulary lacks."""
        self.model, self.config, self.energy, self.rounds = model, config, energy, rounds
        ids = tokens_of(model, text)
        self._x_0 = torch.tensor([ids], device=model.device)
        self._words = [model.tokenizer.word(i) for i in ids]
        self._nll: list[float] = []
        self._drawn: dict[str, list[float]] = {"nelbo": [], PLAIN.name: [], "edlm": []}

    def steps(self) -> Iterator[float]:
        model, x_0 = self.model, self._x_0
        self._nll = (-model.autoregressive.token_log_probs(x_0))[0].double().tolist()
        yield 0.02
        energy = energy_by_name(model, self.energy)
        for n in range(self.rounds):
            copies = x_0.expand(COPIES, -1)
            self._drawn["nelbo"].append(mdlm_nelbo(model.denoiser, copies, draws=1, seed=n).mean)
            config = replace(self.config, seed=n)
            for name, one in ((PLAIN.name, as_mdlm(config)), ("edlm", config)):
                bound = nelbo_finite_k(model.denoiser, energy, model.schedule, one, x_0, draws=1)
                self._drawn[name].append(bound.mean)
            yield 0.02 + 0.98 * (n + 1) / self.rounds

    def result(self) -> Scored:
        exact = [Figure("ar", EXACT, sum(self._nll) / len(self._nll), 0.0, 0)] if self._nll else []
        bounds = [Figure(name, BOUND, *mean_interval(v), len(v)) for name, v in self._drawn.items() if v]
        return Scored(
            tokens=self._words,
            nll=self._nll,
            figures=exact + bounds,
            gain=_gain(self._drawn["edlm"], self._drawn[PLAIN.name]),
            weights=self.model.fingerprint,
            steps=self.config.num_steps,
            candidates=self.config.num_candidates,
            energy=self.energy,
        )


def tokens_of(model: Model, text: str) -> list[int]:
    """The ids of what somebody wrote. Raises Refusal."""
    if not text.strip():
        raise Refusal("score-empty")
    if len(text) > MAX_CHARACTERS:
        raise Refusal("score-characters", most=MAX_PAGE_LENGTH, got=len(text))
    check_sendable(text)
    ids = model.tokenizer.encode(text)
    if len(ids) > MAX_PAGE_LENGTH:
        raise Refusal("score-tokens", most=MAX_PAGE_LENGTH, got=len(ids))
    return ids


def _gain(edlm: Sequence[float], plain: Sequence[float]) -> Interval | None:
    """Of the rounds that both have: they share the reveal schedule."""
    n = min(len(edlm), len(plain))
    return paired_difference(edlm[:n], plain[:n]) if n > 1 else None
