"""What a run asks of its networks: calls, and the rows of text in them."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ...method.denoiser import Denoiser
from ...method.energy import Energy
from ...method.proposals import Proposals
from .published import FullLogProbs


@dataclass
class Calls:
    """A call is one batched pass of one network; a row is one text of it."""

    denoiser: int = 0
    denoiser_rows: int = 0
    energy: int = 0
    energy_rows: int = 0


class CountedDenoiser:
    def __init__(self, denoiser: Denoiser, calls: Calls) -> None:
        self.denoiser, self.vocab_size, self.calls = denoiser, denoiser.vocab_size, calls

    def __call__(self, x_t: Tensor, t: Tensor, masked: Tensor) -> Tensor:
        self.calls.denoiser += 1
        self.calls.denoiser_rows += len(x_t)
        return self.denoiser(x_t, t, masked)


class CountedEnergy:
    def __init__(self, energy: Energy, calls: Calls) -> None:
        self.energy, self.vocab_size, self.calls = energy, energy.vocab_size, calls

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        self.calls.energy += 1
        self.calls.energy_rows += proposals.x_0.shape[0] * proposals.x_0.shape[1]
        return self.energy(proposals, x_t, t)


def counted(full_log_probs: FullLogProbs, calls: Calls) -> FullLogProbs:
    def call(x_0: Tensor) -> Tensor:
        calls.energy += 1
        calls.energy_rows += len(x_0)
        return full_log_probs(x_0)

    return call
