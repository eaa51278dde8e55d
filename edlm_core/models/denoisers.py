"""A bidirectional transformer as the denoiser p_theta(x_0 | x_t)."""

from __future__ import annotations

import torch
from torch import Tensor

from .transformer import ROWS_OF_LOGITS, Transformer


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
