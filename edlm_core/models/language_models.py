"""Causal transformers as language models: our own over our ids, and any of the library's."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ..method.language_models import Reading
from .pretrained import PretrainedModel
from .transformer import ROWS_OF_LOGITS, KeyValueCache, Transformer


class TransformerLanguageModel:
    """A causal Transformer over our ids; the end-of-text id stands before the first token."""

    def __init__(self, network: Transformer, vocab_size: int, end_of_text: int) -> None:
        self.network = network.eval()
        self.vocab_size = vocab_size
        self.end_of_text = end_of_text

    def token_log_probs(self, x_0: Tensor) -> Tensor:
        return self.read(x_0).token_log_probs

    @torch.inference_mode()
    def read(self, x_0: Tensor) -> Reading:
        before = torch.cat([torch.full_like(x_0[:, :1], self.end_of_text), x_0[:, :-1]], dim=1)
        hidden = self.network(before)
        log_p = _gather_log_probs(lambda rows: self.network.logits(rows, self.vocab_size), hidden, x_0)

        @torch.inference_mode()
        def law(rows: Tensor, i: int) -> Tensor:
            return self.network.logits(hidden[rows, i], self.vocab_size).log_softmax(-1)

        return Reading(log_p, law)

    def new_cache(self) -> KeyValueCache:
        return KeyValueCache(self.network.config.depth)

    @torch.inference_mode()
    def next_log_probs(self, last: Tensor, cache: KeyValueCache) -> Tensor:
        """(B,) the ids just placed -> (B, V) log-probabilities of the next; `cache` grows by one."""
        hidden = self.network(last[:, None], cache)
        return self.network.logits(hidden[:, 0], self.vocab_size).log_softmax(-1)


class PretrainedLanguageModel:
    """A transformers causal LM that scores our ids as its own tokens, over its whole vocabulary."""

    def __init__(self, model: PretrainedModel, to_source: list[int], end_of_text: int) -> None:
        self.model = model
        self.vocab_size = len(to_source)
        self.end_of_text = end_of_text
        self.to_source = torch.tensor(to_source, device=next(model.parameters()).device)

    @torch.inference_mode()
    def token_log_probs(self, x_0: Tensor) -> Tensor:
        before = torch.cat([torch.full_like(x_0[:, :1], self.end_of_text), x_0[:, :-1]], dim=1)
        hidden = self.model.model(input_ids=self.to_source[before], use_cache=False).last_hidden_state
        return _gather_log_probs(lambda rows: self.model.lm_head(rows).float(), hidden, self.to_source[x_0])


def _gather_log_probs(head: Callable[[Tensor], Tensor], hidden: Tensor, ids: Tensor) -> Tensor:
    """log-softmax of `head(hidden)` at `ids`, a block of rows at a time: (N, L, D), (N, L) -> (N, L)."""
    picked = []
    for rows, wanted in zip(
        hidden.flatten(0, 1).split(ROWS_OF_LOGITS), ids.flatten().split(ROWS_OF_LOGITS), strict=True
    ):
        picked.append(F.cross_entropy(head(rows), wanted, reduction="none"))
    return torch.cat(picked).neg_().view(ids.shape)
