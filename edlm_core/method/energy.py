"""Residual energies E(x_0, x_t, t): one number for a whole candidate, low = plausible.

An energy is returned as its terms by position, which sum to E: what a token contributes given the
others. They come free with the call, and say where in the text a candidate is implausible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from .language_models import LanguageModel
from .proposals import Proposals


class Energy(Protocol):
    vocab_size: int  # of the candidates that it reads, the mask not counted

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        """Terms (B, K, L), in nats, float32 or better, of the candidates' energies: E (B, K) is their sum
        over the positions. x_t (B, L), t (B,)."""
        ...


class ZeroEnergy:
    """No correction: p(x_0 | x_t) = p_theta(x_0 | x_t), plain MDLM."""

    def __init__(self, vocab_size: int) -> None:
        self.vocab_size = vocab_size

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        return torch.zeros_like(proposals.token_log_q)


class AutoregressiveEnergy:
    """E = -log p_AR(x_0) + log p_theta(x_0 | x_t) (EDLM eq. 9): the weights are p_AR / p_theta, and
    the target is the autoregressive model's posterior given what is visible."""

    def __init__(self, language_model: LanguageModel) -> None:
        self.language_model = language_model
        self.vocab_size = language_model.vocab_size

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        B, K, _L = proposals.x_0.shape
        log_p = self.language_model.token_log_probs(proposals.x_0.flatten(0, 1))  # (B·K, L)
        return proposals.token_log_q - log_p.unflatten(0, (B, K))


class ClampedEnergy:
    """coAR, "clamp and continue" (EDLM, section 4.1): `AutoregressiveEnergy` over the masked positions alone. What is
    visible is context for what follows and is not scored itself, so a blank does not see what stands to its right."""

    def __init__(self, language_model: LanguageModel) -> None:
        self.whole = AutoregressiveEnergy(language_model)
        self.vocab_size = language_model.vocab_size

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        return self.whole(proposals, x_t, t) * (x_t == self.vocab_size)[:, None]


class SumEnergy:
    """A weighted sum of energies; one alone with weight beta is that energy tempered (beta = 0 is MDLM)."""

    def __init__(self, parts: Sequence[tuple[float, Energy]]) -> None:
        self.parts = tuple(parts)
        sizes = {part.vocab_size for _, part in self.parts}
        if len(sizes) != 1:
            raise ValueError(f"energies: expected one vocabulary, got {', '.join(map(str, sorted(sizes)))} tokens")
        (self.vocab_size,) = sizes

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        terms = [beta * part(proposals, x_t, t) for beta, part in self.parts]
        return torch.stack(terms).sum(0)
