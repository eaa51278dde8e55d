"""What is known of a text that somebody brings: an exact likelihood, two bounds, each under its own name. No torch."""

from __future__ import annotations

from dataclasses import dataclass

EXACT, BOUND = "exact", "upper bound"


@dataclass(frozen=True)
class Figure:
    """Nats per token of one text."""

    name: str  # "ar", "nelbo", "mdlm" or "edlm"
    kind: str  # EXACT or BOUND
    mean: float
    half: float  # of the 95 % interval over the draws; 0 where nothing is drawn, nan of one draw
    draws: int


@dataclass(frozen=True)
class Scored:
    """A text of L tokens, and what has come out so far."""

    tokens: list[str]  # as they are displayed
    nll: list[float]  # of each token given those before, by the autoregressive model, exact; its mean is `ar`
    figures: list[Figure]
    gain: tuple[float, float] | None  # bound of `edlm` less that of `mdlm`, paired by draw: mean and half-width
    weights: str  # the model's fingerprint
    steps: int  # T of the two samplers
    candidates: int  # K of `edlm`
    energy: str
