"""How long a network learns, on how much at a time, and how fast: all of a run that is not its network or its loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..refusals import Refusal


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides a run besides network, loss and corpus. `minutes` is the budget: the learning rate
    follows the share of it that is spent, so a slower machine takes fewer steps and still ends with the decay done."""

    minutes: float
    tokens_per_step: int = 4096
    lengths: tuple[int, ...] = (64, 64, 64, 128)  # cycled through; 128 is the longest window
    valid_length: int = 64  # of the windows that validation reads
    learning_rate: float = 3e-3
    muon: bool = True  # hidden matrices by Muon, the rest by AdamW; False: AdamW alone
    weight_decay: float = 0.05
    warmup: float = 0.02  # share of the budget
    decay_from: float = 0.5  # the learning rate falls linearly to 0 over the rest
    ema: float = 0.999
    validate_every: int = 250  # steps
    patience: int = 0  # validations without a gain before stopping; 0: never
    seed: int = 0
    compile: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.minutes < math.inf:  # false for NaN too
            raise Refusal("train-minutes", got=self.minutes)
        if not self.lengths or min(*self.lengths, self.valid_length, self.validate_every) < 1:
            got = f"{self.lengths}, {self.valid_length}, {self.validate_every}"
            raise Refusal("train-lengths", got=got)
        if self.tokens_per_step < max(self.lengths):
            raise Refusal("train-tokens-per-step", longest=max(self.lengths), got=self.tokens_per_step)
        for name, least in (("learning_rate", 0.0), ("weight_decay", 0.0)):
            if not least <= getattr(self, name) < math.inf:
                raise Refusal("train-rate", name=name.replace("_", " "), got=getattr(self, name))
        for name in ("warmup", "decay_from", "ema"):
            if not 0 <= getattr(self, name) < 1:
                raise Refusal("train-share", name=name.replace("_", " "), got=getattr(self, name))
        if self.patience < 0:
            raise Refusal("train-patience", got=self.patience)
        if not 0 <= self.seed < 2**31:  # shifted by 32 bits it must stay a 64-bit whole number
            raise Refusal("train-seed", got=self.seed)


def learning_rate_at(progress: float, config: TrainConfig) -> float:
    """Share of the peak learning rate once `progress` of the budget is spent, 0..1."""
    rise = min(1.0, (progress + 1e-3) / max(config.warmup, 1e-3))
    fall = min(1.0, (1 - progress) / (1 - config.decay_from))
    return max(0.0, min(rise, fall))
