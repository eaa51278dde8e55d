"""A Markov chain as a world: exact at the length of real text, where nothing can be enumerated.

Its conditional marginals come from forward-backward, its energy from its own transitions; so what a sampler gets wrong
in it is the sampler's error alone, no network's.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from ..method.language_models import Reading


@dataclass(frozen=True)
class MarkovWorld:
    """initial (V,), transition (V, V) with rows that sum to 1, all positive; sequences of `length` tokens."""

    initial: np.ndarray
    transition: np.ndarray
    length: int

    @property
    def vocab_size(self) -> int:
        return len(self.initial)

    @cached_property
    def pairs(self) -> np.ndarray:
        """(V, V) law of two neighbours, averaged over the places of a sequence."""
        marginal, total = self.initial, np.zeros_like(self.transition)
        for _ in range(self.length - 1):
            total += marginal[:, None] * self.transition
            marginal = marginal @ self.transition
        return total / (self.length - 1)

    def transition_error(self, x_0: Tensor) -> float:
        """Total variation between the neighbours seen in texts (N, L) and `pairs`: 0..1. A sample of the world itself
        has some too, by chance: compare with `draw`."""
        V = self.vocab_size
        seen = torch.bincount((x_0[:, :-1] * V + x_0[:, 1:]).flatten(), minlength=V * V).double().numpy()
        return float(np.abs(seen / seen.sum() - self.pairs.ravel()).sum() / 2)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Texts of the world itself: (count, L)."""
        transition = torch.from_numpy(self.transition)
        x = [torch.multinomial(torch.from_numpy(self.initial), count, replacement=True, generator=generator)]
        for _ in range(self.length - 1):
            x.append(torch.multinomial(transition[x[-1]], 1, generator=generator)[:, 0])
        return torch.stack(x, dim=1)


def sticky_world(vocab_size: int = 8, length: int = 64, concentration: float = 0.3, seed: int = 0) -> MarkovWorld:
    """Rows drawn from a Dirichlet: few words may follow a word, so neighbours drawn apart contradict each other."""
    rng = np.random.default_rng(seed)
    transition = rng.dirichlet(np.full(vocab_size, concentration), size=vocab_size) + 1e-6
    transition /= transition.sum(1, keepdims=True)
    return MarkovWorld(np.full(vocab_size, 1 / vocab_size), transition, length)


class MarkovDenoiser:
    """Exact conditional marginals by forward-backward (Rabiner 1989), in the shape of a network."""

    def __init__(self, world: MarkovWorld) -> None:
        self.vocab_size = world.vocab_size
        self.initial, self.transition = torch.from_numpy(world.initial), torch.from_numpy(world.transition)

    def __call__(self, x_t: Tensor, t: Tensor, masked: Tensor) -> Tensor:
        V, L = self.vocab_size, x_t.shape[1]
        seen = torch.nn.functional.one_hot(x_t.clamp(max=V - 1), V).double()
        seen = torch.where((x_t == V)[..., None], 1.0, seen)  # (B, L, V) what each position may be
        forward, backward = [self.initial * seen[:, 0]], [torch.ones_like(seen[:, 0])]
        for i in range(1, L):
            forward.append(_normalised(forward[-1]) @ self.transition * seen[:, i])
            backward.append(_normalised(backward[-1] * seen[:, L - i]) @ self.transition.T)
        p = torch.stack(forward, 1) * torch.stack(backward[::-1], 1)
        return _normalised(p)[masked].log()


class MarkovLanguageModel:
    """The chain read from left to right, which is all there is to it."""

    def __init__(self, world: MarkovWorld) -> None:
        self.vocab_size = world.vocab_size
        self.first, self.then = torch.from_numpy(world.initial).log(), torch.from_numpy(world.transition).log()

    def token_log_probs(self, x_0: Tensor) -> Tensor:
        """(N, L) ids -> (N, L) float64."""
        return torch.cat([self.first[x_0[:, :1]], self.then[x_0[:, :-1], x_0[:, 1:]]], dim=1)

    def read(self, x_0: Tensor) -> Reading:
        return Reading(
            self.token_log_probs(x_0),
            lambda rows, i: self.then[x_0[rows, i - 1]] if i else self.first.expand(len(rows), -1),
        )


@contextmanager
def one_thread() -> Generator[None]:
    """For arithmetic on tables as small as these: threads that wait for one another cost more than they bring, on a
    busy machine thirty times as much as the work itself."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _normalised(p: Tensor) -> Tensor:
    return p / p.sum(-1, keepdim=True)
