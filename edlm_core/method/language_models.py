"""Left-to-right language models: what scores a candidate as a whole, and what judges a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor


class LanguageModel(Protocol):
    vocab_size: int

    def token_log_probs(self, x_0: Tensor) -> Tensor:
        """log p(x_0^i | x_0^{<i}) of clean sequences: (N, L) ids -> (N, L) float32."""
        ...


@dataclass(frozen=True)
class Reading:
    """What a left-to-right model knows once it has read N sequences."""

    token_log_probs: Tensor  # (N, L)
    law: Callable[[Tensor, int], Tensor]  # (rows (n,), position i) -> (n, V) log p(. | x_0^{<i}) of those rows


class ReadableModel(LanguageModel, Protocol):
    """One that tells the law of each next token, not only how likely the one there was."""

    def read(self, x_0: Tensor) -> Reading:
        """One call on clean sequences (N, L)."""
        ...


class StepwiseModel(LanguageModel, Protocol):
    """One that is asked for one token after the other and keeps what it has read."""

    end_of_text: int  # stands before the first token

    def new_cache(self) -> Any:
        """What has been read so far: nothing."""
        ...

    def next_log_probs(self, last: Tensor, cache: Any) -> Tensor:
        """(B,) the ids just placed -> (B, V) log-probabilities of the next; `cache` grows by one."""
        ...
