"""What a text is expected to cost: how much each network will read, by the plan of each sampler. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

TOKENS_A_ROUND = 2.2  # that speculative decoding keeps of one draft of `tales`


class Extent(Protocol):
    """What a cost depends on: the part of `config.SampleConfig` that says how much is done."""

    @property
    def length(self) -> int: ...
    @property
    def num_steps(self) -> int: ...
    @property
    def num_candidates(self) -> int: ...
    @property
    def window(self) -> tuple[float, float]: ...
    @property
    def reveal(self) -> str: ...


@dataclass(frozen=True)
class Calls:
    """Sequences of the full length that each network is expected to read for one text."""

    denoiser: float = 0.0
    energy: float = 0.0  # drafts
    baseline: float = 0.0  # tokens written one by one, with a KV cache


def expected_steps(length: int, num_steps: int, reveal: str = "random") -> float:
    """Mean number of steps that reveal something: T (1 - (1 - 1/T)^L), dilated the lesser of T and L."""
    return min(num_steps, length) if reveal == "dilated" else num_steps * (1 - (1 - 1 / num_steps) ** length)


def _steps(extent: Extent) -> float:
    return expected_steps(extent.length, extent.num_steps, extent.reveal)


def independent(extent: Extent) -> Calls:
    return Calls(denoiser=_steps(extent))


def corrected(extent: Extent) -> Calls:
    K, (low, high) = extent.num_candidates, extent.window
    return Calls(denoiser=_steps(extent), energy=_steps(extent) * (high - low) * K if K > 1 else 0.0)


def particles(extent: Extent) -> Calls:
    rows = _steps(extent) * extent.num_candidates  # a particle has a text of its own, and no window
    return Calls(denoiser=rows, energy=rows if extent.num_candidates > 1 else 0.0)


def drafted(extent: Extent) -> Calls:
    rounds = extent.length / TOKENS_A_ROUND
    return Calls(denoiser=rounds, energy=rounds * extent.num_candidates)


def token_by_token(extent: Extent) -> Calls:
    return Calls(baseline=extent.length)
