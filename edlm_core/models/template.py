"""What a prompt says, before it is tokens: text, blanks, ends of a text. No torch: a page says it beside the field."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..displayed import END_OF_TEXT

# A blank swallows one space before it: the token that fills it brings its own. Behind \ an underscore is itself.
_BLANK = re.compile(r" ?((?<!\\)_+)")
_INSIDE_A_WORD = re.compile(r"\w*[^\W_]_+[^\W_]\w*")


def pieces(text: str) -> list[tuple[str, int]]:
    """The text piece by piece, each with the number of blanks after it."""
    parts = [*_BLANK.split(text), ""]
    return [(piece.replace(r"\_", "_"), len(blanks)) for piece, blanks in zip(parts[::2], parts[1::2], strict=True)]


def _one_or_many(one: str, many: str, n: int) -> str:
    return one if n == 1 else many


def understood(
    text: str, _: Callable[[str], str] = str, ngettext: Callable[[str, str, int], str] = _one_or_many
) -> list[str]:
    """How a prompt is read, in sentences of a reader's language: what in it is more than its letters."""
    said = []
    blanks, ends = sum(count for _piece, count in pieces(text)), text.count(END_OF_TEXT)
    if blanks:
        said.append(ngettext("{n} blank found.", "{n} blanks found.", blanks).format(n=blanks))
    if words := list(dict.fromkeys(_INSIDE_A_WORD.findall(text))):
        inside = _("The underscore in {word} is a blank too: write {escaped} where it is to stay.")
        said.append(inside.format(word=words[0][:40], escaped=words[0][:40].replace("_", r"\_")))
    if ends:
        end = ngettext(
            "{token} is read as the end of a text: another one begins after it.",
            "{token} is read as the end of a text, {n} times: another one begins after it.",
            ends,
        )
        said.append(end.format(token=END_OF_TEXT, n=ends))
    return said
