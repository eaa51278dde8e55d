"""An energy from any causal language model, with whatever tokenizer: it scores the decoded text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..refusals import Refusal
from . import pretrained
from .pretrained import PretrainedModel
from .tokenizer import Tokenizer

if TYPE_CHECKING:  # transformers takes a second to import
    from transformers import PreTrainedTokenizerFast

ROWS = 16  # texts read at once
# Where each of TEXT_MODELS comes from.
LOADERS = {"smollm2": (pretrained.load_language_model, pretrained.load_reader)}


class TextLanguageModel:
    """A transformers causal LM that reads text, in the shape of one that reads our ids.

    The log-probability of each of its tokens is booked on that one of our positions in which the token begins;
    a sequence's terms sum to the log-probability of its text, after the model's own first token.
    """

    def __init__(self, model: PretrainedModel, reader: PreTrainedTokenizerFast, tokenizer: Tokenizer) -> None:
        self.model, self.reader, self.tokenizer = model, reader, tokenizer
        self.vocab_size = tokenizer.vocab_size
        first = reader.bos_token_id if reader.bos_token_id is not None else reader.eos_token_id
        if not isinstance(first, int) or not reader.is_fast:
            raise Refusal("text-energy-tokenizer")
        self.first = first

    @torch.inference_mode()
    def token_log_probs(self, x_0: Tensor) -> Tensor:
        """(N, L) ids -> (N, L) float32."""
        return torch.cat([self._read(rows) for rows in x_0.split(ROWS)])

    def _read(self, x_0: Tensor) -> Tensor:
        texts = [self.tokenizer.decode(row) for row in x_0.tolist()]
        read = self.reader(texts, add_special_tokens=False, return_offsets_mapping=True)
        longest = max(1, max(map(len, read["input_ids"])))
        limit = getattr(self.model.config, "max_position_embeddings", longest)
        if longest > limit:
            raise Refusal("text-energy-long", most=limit, got=longest)
        ids = torch.tensor([row + [self.first] * (longest - len(row)) for row in read["input_ids"]], device=x_0.device)
        before = torch.cat([torch.full_like(ids[:, :1], self.first), ids[:, :-1]], dim=1)
        # Right padding: a causal model's answers do not depend on what follows.
        logits = self.model(input_ids=before, use_cache=False).logits.float()
        log_p = logits.gather(2, ids[..., None])[..., 0] - logits.logsumexp(-1)
        terms = torch.zeros(x_0.shape, device=x_0.device)
        for n, (text, spans) in enumerate(zip(texts, read["offset_mapping"], strict=True)):
            home = torch.tensor(self._homes(x_0[n].tolist(), text, [a for a, _ in spans]), device=x_0.device)
            terms[n].index_add_(0, home.long(), log_p[n, : len(spans)])
        return terms

    def _homes(self, ids: list[int], text: str, starts: list[int]) -> list[int]:
        """In which of our positions each character offset lies."""
        byte_of = torch.tensor([0] + [len(c.encode()) for c in text]).cumsum(0)
        ends = torch.tensor([len(self.tokenizer.spelled_bytes(i)) for i in ids]).cumsum(0)
        homes = torch.searchsorted(ends, byte_of[torch.tensor(starts, dtype=torch.long)], right=True)
        return homes.clamp(max=len(ids) - 1).tolist()  # a broken character decodes to more bytes than it had


def load_text_model(name: str, tokenizer: Tokenizer, device: torch.device, dtype: torch.dtype) -> TextLanguageModel:
    """One of TEXT_MODELS, a folder, or a hub id whose files are on this machine already; safetensors only, no remote
    code. Raises MissingModel."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if name in LOADERS:
        load_model, load_reader = LOADERS[name]
        return TextLanguageModel(load_model(device, dtype), load_reader(), tokenizer)
    options = {"local_files_only": True, "trust_remote_code": False}
    try:
        reader = AutoTokenizer.from_pretrained(name, **options)
        model: PretrainedModel = AutoModelForCausalLM.from_pretrained(
            name, use_safetensors=True, dtype=dtype, **options
        )
    except (OSError, ValueError, KeyError) as error:
        code = "text-energy-folder" if Path(name).is_dir() else "text-energy-missing"
        raise pretrained.MissingModel(code, name=repr(name), reason=str(error).splitlines()[0][:200]) from None
    return TextLanguageModel(model.to(device).eval().requires_grad_(False), reader, tokenizer)
