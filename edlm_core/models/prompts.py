"""What a visitor wrote -> x_T: a prompt, a suffix, or a template with blanks."""

from __future__ import annotations

import re

import torch
from torch import Tensor

from .tokenizer import Tokenizer

# A blank swallows one space before it: the token that fills it brings its own.
_BLANK = re.compile(r" ?(_+)")


def condition(tokenizer: Tokenizer, text: str, length: int) -> Tensor:
    """The text as fixed positions, everything else masked: (length,) ids.

    Each underscore is one blank token; behind the text, the model writes on up to `length`.
    "Tom saw a ___ in the tree." fixes the words around three blanks. Raises ValueError.
    """
    if not text.strip():
        raise ValueError("prompt: expected some text, got none: leave the prompt out to let the model write freely")
    ids: list[int] = []
    for n, piece in enumerate(_BLANK.split(text)):
        ids += [tokenizer.mask_id] * len(piece) if n % 2 else tokenizer.encode(piece)
    if len(ids) > length:
        raise ValueError(
            f"prompt: expected at most {length} tokens, the length, got {len(ids)}: shorten it or raise the length"
        )
    ids += [tokenizer.mask_id] * (length - len(ids))
    if tokenizer.mask_id not in ids:
        raise ValueError(
            f"prompt: expected room to write, got {length} fixed tokens of {length}: shorten it or raise the length"
        )
    return torch.tensor(ids)
