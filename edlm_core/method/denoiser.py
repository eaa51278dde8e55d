"""The denoiser p_theta(x_0 | x_t): every masked position predicted, independently of the others."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class Denoiser(Protocol):
    """Factorised p_theta(x_0 | x_t) under the SUBS rule (MDLM, section 3.2).

    The rule's two halves hold by construction: the mask has no logit, and visible positions,
    which are copied, are never asked for.
    """

    vocab_size: int

    def __call__(self, x_t: Tensor, t: Tensor, masked: Tensor) -> Tensor:
        """Log-probabilities of the tokens at the masked positions.

        x_t (B, L) ids, t (B,), masked (B, L) bool, true only where x_t is the mask.
        Returns (M, V) float32, M = masked.sum(), in row-major order of `masked`.
        """
        ...
