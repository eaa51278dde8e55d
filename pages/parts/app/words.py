"""Tokens among words of ours: as text, whatever is in them."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Text with every character escaped that Markdown reads."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def quoted(token: str) -> str:
    """A token, as it is displayed, in quotes, the space before a word left out."""
    return f"“{plain(token.strip(' ') or token)}”"


def shorten(text: str, most: int) -> str:
    """At most so many characters of it; an ellipsis says that there are more."""
    return text if len(text) <= most else text[: most - 1] + "…"
