"""What a visitor wrote -> x_T: a prompt, a suffix, or a template with blanks."""

from __future__ import annotations

import torch
from torch import Tensor

from ..config import MAX_PAGE_LENGTH
from ..refusals import Refusal
from .template import pieces
from .tokenizer import Tokenizer, check_sendable

MAX_CHARACTERS = 100_000  # far beyond what fits into the longest text; more is not even cut into tokens


def condition(tokenizer: Tokenizer, text: str, length: int) -> Tensor:
    """The text as fixed positions, everything else masked: (length,) ids.

    Each underscore is one blank token, and `\\_` an underscore; after the text, the model continues up to `length`.
    "Tom saw a ___ in the tree." fixes the words around three blanks. Raises Refusal.
    """
    if not text.strip():
        raise Refusal("prompt-empty")
    if len(text) > MAX_CHARACTERS:
        raise Refusal("prompt-long", most=MAX_CHARACTERS, got=len(text))
    check_sendable(text)
    ids: list[int] = []
    for piece, blanks in pieces(text):
        ids += tokenizer.encode(piece) + [tokenizer.mask_id] * blanks
    if len(ids) > length:
        raise Refusal(f"prompt-tokens{_at_its_end(length)}", length=length, got=len(ids))
    ids += [tokenizer.mask_id] * (length - len(ids))
    if tokenizer.mask_id not in ids:
        raise Refusal(f"prompt-full{_at_its_end(length)}", length=length)
    return torch.tensor(ids)


def _at_its_end(length: int) -> str:
    """Of a page's slider: nobody is told to make the longest text longer."""
    return "-most" if length >= MAX_PAGE_LENGTH else ""
