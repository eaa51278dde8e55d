"""How the time of `edlm` grows with L, T, K, B and V: one varied at a time, and the exponent of the fitted power."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...config import SampleConfig
from ...models.checkpoints import Model
from ..telling import Tell, part, untold
from .contestants import Networks, Run, edlm
from .timing import Spread, interleave

BASE = SampleConfig(length=64, num_steps=16, num_candidates=8, num_chains=2)
VARIED = {
    "L": ("length", (16, 32, 64, 128)),
    "T": ("num_steps", (4, 8, 16, 32)),
    "K": ("num_candidates", (2, 4, 8, 16)),
    "B": ("num_chains", (1, 2, 4, 8)),
}
VOCABULARIES = (1_000, 4_000, 16_000, 50_000)


@dataclass(frozen=True)
class Growth:
    """seconds ~ size^exponent, by least squares on the logarithms of the medians."""

    sizes: tuple[int, ...]
    seconds: tuple[Spread, ...]
    exponent: float


def scaling(model: Model, rounds: int = 3, tell: Tell = untold) -> dict[str, Growth]:
    """Growth by letter. L, T, K and B on the model's weights, V on untrained networks of its shapes."""
    networks, growth = Networks.of(model), {}
    letters = [*VARIED, "V"]
    for n, letter in enumerate(letters):
        if letter == "V":
            shapes = model.denoiser.network.config, model.autoregressive.network.config
            runs = {V: edlm(Networks.random(f"V = {V}", *shapes, V), BASE) for V in VOCABULARIES}
        else:
            name, sizes = VARIED[letter]
            runs = {size: edlm(networks, replace(BASE, **{name: size})) for size in sizes}
        growth[letter] = _growth(letter, runs, networks, rounds, part(tell, n, len(letters)))
    return growth


def fitted_exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of log seconds over log size."""
    x, y = [math.log(size) for size in sizes], [math.log(s) for s in seconds]
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - x_mean) ** 2 for a in x)


def _growth(letter: str, runs: dict[int, Run], networks: Networks, rounds: int, tell: Tell) -> Growth:
    what = f"growth with {letter}"
    tell(0.0, what)
    interleave(runs, 1, networks.device)  # warms up
    laps, _ = interleave(runs, rounds, networks.device, lambda share: tell(share, what))
    spreads = tuple(Spread.of([lap.wall for lap in laps[size]]) for size in runs)
    return Growth(tuple(runs), spreads, fitted_exponent(tuple(runs), [s.median for s in spreads]))
