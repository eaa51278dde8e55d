"""Tokens as text that is displayed: one way for stage, theatre, charts, tables, pictures and saved players.

What comes in is spellings (`Tokenizer.word`, `Run.words`): text with the space before a word, or part of a character as
its bytes, ⟨F0 9F⟩. `assets/js/tokens.js` does the same in the browser, and a test holds the two equal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from .characters import named

END_OF_TEXT = "<|endoftext|>"  # written out
END = "∎"  # displayed
CONTINUED = "⋯"  # in the cells after the first one of a character that several tokens make
_FRAGMENT = re.compile(r"⟨([0-9A-F]{2}(?: [0-9A-F]{2})*)⟩")
_LONGEST_CHARACTER = 4  # bytes in UTF-8
_FIRST = re.compile(r"^( *)([^ ])")
# Hebrew, Arabic and their neighbours.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def spelled(row: Sequence[str]) -> list[str]:
    """What each token of a row shows, spaces and line breaks as they are. Fragments that make a character together show
    it at the first one's place; what can't be seen shows its name, a combining mark a circle to stand on."""
    texts = joined(row)
    return [_shown(text) if text or not word else CONTINUED for text, word in zip(texts, row, strict=True)]


def running_text(row: Sequence[str]) -> str:
    """The same as prose, where a mark stands on the letter before it."""
    return named("".join(joined(row)))


def in_table(row: Sequence[str]) -> list[str]:
    """`spelled`, each on one line and kept from turning around what stands beside it, as Hebrew or Arabic would."""
    return [_isolated(text.replace("\n", "↵").replace("\t", "⇥")) for text in spelled(row)]


def in_sentence(word: str) -> str:
    """The same of a token by itself."""
    return in_table([word])[0]


def joined(row: Sequence[str]) -> list[str]:
    """The characters that neighbouring fragments make together, in the first one's place; "" in the others'."""
    texts = list(row)
    i = 0 if any(word.startswith("⟨") for word in row) else len(row)
    while i < len(row):
        text, end = _character_at(row, i)
        if text is not None:
            texts[i:end] = [text] + [""] * (end - i - 1)
        i = end
    return texts


def _isolated(text: str) -> str:
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text


def _character_at(row: Sequence[str], i: int) -> tuple[str | None, int]:
    """What the fragments from position i on make, and where they end; None where they make nothing."""
    found = b""
    for j in range(i, min(len(row), i + _LONGEST_CHARACTER)):
        match = _FRAGMENT.fullmatch(row[j])
        if match is None:
            break
        found += bytes.fromhex(match[1])
        try:
            return found.decode("utf-8"), j + 1
        except UnicodeDecodeError:
            continue
    return None, i + 1


@lru_cache(maxsize=2**16)
def _shown(text: str) -> str:
    text = named(text)
    first = _FIRST.match(text)
    alone = first is not None and unicodedata.category(first[2])[0] == "M"
    return _FIRST.sub(r"\1◌\2", text) if alone else text
