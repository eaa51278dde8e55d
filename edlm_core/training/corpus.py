"""Text to train on: a file of token ids and the places where a window may start.

A corpus folder holds either `train.txt` and `valid.txt` (stories separated by a line
`<|endoftext|>`) or `tokens.safetensors`, made from them by `python -m edlm_core tokenize`,
which is all that has to travel to another machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from torch import Tensor

from ..models.tokenizer import END_OF_TEXT, Tokenizer

TOKENS_FILE = "tokens.safetensors"
_SENTENCE_END = re.compile(r"[.!?][\"'”’]*\s+")


@dataclass(frozen=True)
class Corpus:
    """One split. tokens (N,) int64, stories end in the end-of-text id; openings (M,) int64
    are the indices in `tokens` at which a story (M_s of them, `stories`) or a sentence starts."""

    tokens: Tensor
    openings: Tensor
    stories: Tensor

    def windows(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """`count` windows (count, length): half open a story, half any sentence.

        A window that outlives its story goes on with the next one, behind the end-of-text id.
        """
        starts = torch.cat(
            [self._draw(self.stories, count // 2, length, generator),
             self._draw(self.openings, count - count // 2, length, generator)]
        )  # fmt: skip
        return self.tokens[starts[:, None] + torch.arange(length)]

    def _draw(self, starts: Tensor, count: int, length: int, generator: torch.Generator) -> Tensor:
        starts = starts[starts <= len(self.tokens) - length]
        if len(starts) == 0:
            raise ValueError(f"expected a text of at least {length} tokens, got {len(self.tokens)}: give more text")
        return starts[torch.randint(len(starts), (count,), generator=generator)]

    def fixed_windows(self, count: int, length: int) -> Tensor:
        """The same `count` windows on every call, for validation and for reference texts."""
        return self.windows(count, length, torch.Generator().manual_seed(0))


def tokenize(text: str, tokenizer: Tokenizer) -> Corpus:
    """Stories -> one row of tokens. Sentences are tokenised with the space before them apart,
    so that a window may start at a sentence's first word."""
    tokens: list[int] = []
    openings: list[int] = []
    stories: list[int] = []
    for story in text.split(END_OF_TEXT):
        story = story.strip()
        if not story:
            continue
        ids = tokenizer.encode(story)
        stories.append(len(tokens))
        ends = {m.end() for m in _SENTENCE_END.finditer(story)} | {0}
        at = 0  # in bytes, since a token may end inside a character
        byte_of_char = np.cumsum([0] + [len(c.encode()) for c in story])
        starts = {int(byte_of_char[e]) for e in ends if e < len(story)}
        for n, i in enumerate(ids):
            raw = tokenizer.spelled_bytes(i)
            first_letter = at + len(raw) - len(raw.lstrip(b" \n"))
            if first_letter in starts and raw.strip():
                openings.append(len(tokens) + n)
            at += len(raw)
        tokens += [*ids, tokenizer.end_of_text]
    return Corpus(torch.tensor(tokens), torch.tensor(openings), torch.tensor(stories))


def save_tokens(path: str | Path, splits: dict[str, Corpus]) -> None:
    arrays = {}
    for name, corpus in splits.items():
        arrays[f"{name}.tokens"] = corpus.tokens.numpy().astype(np.uint16)
        arrays[f"{name}.openings"] = corpus.openings.numpy().astype(np.int32)
        arrays[f"{name}.stories"] = corpus.stories.numpy().astype(np.int32)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    save_file(arrays, str(path))


def load_corpus(folder: str | Path, tokenizer: Tokenizer) -> dict[str, Corpus]:
    """{"train": ..., "valid": ...} of a corpus folder. Raises ValueError naming what is missing."""
    folder = Path(folder)
    if (folder / TOKENS_FILE).is_file():
        try:
            arrays = load_file(str(folder / TOKENS_FILE))
            fields = {k: torch.from_numpy(v.astype(np.int64)) for k, v in arrays.items()}
            splits = {
                s: Corpus(*(fields[f"{s}.{f}"] for f in ("tokens", "openings", "stories"))) for s in ("train", "valid")
            }
        except (SafetensorError, KeyError) as error:
            raise ValueError(f"{folder / TOKENS_FILE} is damaged ({error}): make it again") from None
        largest = max(int(c.tokens.max()) for c in splits.values())
        if largest >= tokenizer.vocab_size:
            raise ValueError(
                f"expected token ids below {tokenizer.vocab_size}, got {largest}: "
                f"{folder / TOKENS_FILE} was made with another tokenizer, make it again"
            )
        return splits
    missing = [f for f in ("train.txt", "valid.txt") if not (folder / f).is_file()]
    if missing:
        raise ValueError(f"expected {TOKENS_FILE} or train.txt and valid.txt in {folder}, missing {', '.join(missing)}")
    return {s: tokenize((folder / f"{s}.txt").read_text(encoding="utf-8"), tokenizer) for s in ("train", "valid")}
