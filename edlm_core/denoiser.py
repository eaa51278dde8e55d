"""The denoiser p_theta(x_0 | x_t): every masked position predicted, independently of the others."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from .transformer import ROWS_OF_LOGITS, Transformer


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


class TransformerDenoiser:
    """A bidirectional Transformer as denoiser. It does not read t: how many masks it sees says as
    much (MDLM, section 3.5.3), and its output can be kept while x_t stays the same."""

    def __init__(self, network: Transformer, vocab_size: int) -> None:
        self.network = network.eval()
        self.vocab_size = vocab_size

    @torch.inference_mode()
    def __call__(self, x_t: Tensor, t: Tensor, masked: Tensor) -> Tensor:
        hidden = self.network(x_t)[masked]
        log_probs = torch.empty(len(hidden), self.vocab_size, device=hidden.device)
        # A few rows at a time: the table exists once, and its logits never.
        for rows, out in zip(hidden.split(ROWS_OF_LOGITS), log_probs.split(ROWS_OF_LOGITS), strict=True):
            torch.log_softmax(self.network.logits(rows, self.vocab_size), -1, out=out)
        return log_probs
