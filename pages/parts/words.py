"""Tokens among words of ours: as text, whatever is in them."""

from __future__ import annotations

import re


def quoted(token: str) -> str:
    """A token in quotes, with its line breaks visible and every character that Markdown reads escaped."""
    return "“" + re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", token.replace("\n", "⏎")) + "”"
