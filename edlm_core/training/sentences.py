"""Sentences to train on, each by itself: `sentences.txt`, one a line.

Held out is a sentence whose letters hash to it, so that no sentence is learned from and measured on, however it is
written: case, punctuation and spaces don't count.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ..models.tokenizer import END_OF_TEXT, Tokenizer
from ..refusals import Refusal
from .corpus import read_text

SENTENCES_FILE = "sentences.txt"
WINDOW = 16  # tokens; longer sentences are left out
HELD_OUT = 20  # one sentence of so many


@dataclass(frozen=True)
class Sentences:
    """One split. rows (M, WINDOW) int64: a sentence, then the end-of-text id up to the end, at least once."""

    rows: Tensor
    end_of_text: int

    def windows(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """`count` whole sentences (count, length), padded by the end-of-text id. Raises Refusal."""
        fitting = self.rows[self.rows[:, min(length, WINDOW) - 1] == self.end_of_text]
        if len(fitting) == 0:
            raise Refusal("corpus-no-sentence", length=length)
        rows = fitting[torch.randint(len(fitting), (count,), generator=generator)]
        return F.pad(rows[:, :length], (0, max(0, length - WINDOW)), value=self.end_of_text)

    def fixed_windows(self, count: int, length: int) -> Tensor:
        """The same `count` windows on every call."""
        return self.windows(count, length, torch.Generator().manual_seed(0))


def load_sentences(folder: str | Path, tokenizer: Tokenizer) -> dict[str, Sentences]:
    """{"train": ..., "valid": ...} of a folder with sentences.txt. Raises Refusal."""
    path = Path(folder) / SENTENCES_FILE
    rows: dict[str, list[list[int]]] = {"train": [], "valid": []}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        sentence = line.strip()
        if not fold(sentence):
            continue
        if END_OF_TEXT in sentence:
            raise Refusal("corpus-line-of-stories", path=path, line=number, token=END_OF_TEXT)
        try:
            ids = tokenizer.encode(sentence)
        except ValueError as error:
            raise Refusal("corpus-line", path=path, line=number, error=error) from None
        if len(ids) < WINDOW:
            rows["valid" if is_held_out(sentence) else "train"].append(ids)
    for split, found in rows.items():
        if not found:
            raise Refusal("corpus-few-sentences", path=path, longest=WINDOW - 1, split=split)
    end = tokenizer.end_of_text
    padded = {
        split: torch.tensor([ids + [end] * (WINDOW - len(ids)) for ids in found]) for split, found in rows.items()
    }
    return {split: Sentences(found, end) for split, found in padded.items()}


def fold(sentence: str) -> str:
    """Its letters and digits alone, in lower case: what two ways of writing one sentence share."""
    return "".join(c for c in unicodedata.normalize("NFKC", sentence).casefold() if c.isalnum())


def is_held_out(sentence: str) -> bool:
    digest = hashlib.sha256(fold(sentence).encode()).digest()
    return int.from_bytes(digest[:8], "big") % HELD_OUT == 0


def counted(x_0: Tensor, end_of_text: int) -> Tensor:
    """True up to the first end-of-text id and at it, False at the padding after it: (B, L) -> (B, L) bool."""
    ends = x_0 == end_of_text
    return ends.cumsum(1) - ends.long() == 0
