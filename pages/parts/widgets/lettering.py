"""Text in a picture: a picture brings its own letters, from as many fonts as it takes."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

import streamlit as st
from PIL import ImageDraw, ImageFont

from edlm_core.displayed import CONTINUED, END

from ..app.cache import ASSETS

SIZE = 18
Font = ImageFont.FreeTypeFont
_LACKING = "\uffff"  # a noncharacter, which no font has
_LIKE = {END: "■", CONTINUED: "·"}  # signs that the fonts lack, and like ones that they have


def write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    colour: str,
    size: int = SIZE,
    *,
    right: bool = False,
) -> None:
    """One line, its upper left corner, or its right one, at this place: on one base line, whatever its fonts."""
    x, y = place
    x -= length(text, size) if right else 0
    y += _fonts(size)[0].getmetrics()[0]
    for font, part in _parts(text, size):
        draw.text((x, y), part, colour, font, "ls")
        x += font.getlength(part)


@lru_cache(maxsize=2**14)
def length(text: str, size: int = SIZE) -> float:
    """Of a line, in pixels."""
    return sum(font.getlength(part) for font, part in _parts(text, size))


@lru_cache(maxsize=2**14)
def _parts(text: str, size: int) -> tuple[tuple[Font, str], ...]:
    """Of one font each. In the place of what none of them has stands the code point."""
    drawn = "".join(_LIKE.get(c, c) if c in _LIKE or font_of(c) is not None else f"⟨U+{ord(c):04X}⟩" for c in text)
    return tuple((_fonts(size)[n], "".join(part)) for n, part in groupby(drawn, lambda c: font_of(c) or 0))


@cache
def _fonts(size: int) -> tuple[Font, ...]:
    """The page's own, which has Latin, Cyrillic and Greek letters, in its regular weight, else what Pillow brings; then
    ours, of what translations need beside it."""
    media = Path(st.__file__).parent / "static" / "static" / "media"
    found = next(media.glob("SourceSansVF-Upright*.woff2"), None)
    page = ImageFont.load_default(size) if found is None else ImageFont.truetype(str(found), size)
    if found is not None:
        page.set_variation_by_axes([400])
    return page, *(ImageFont.truetype(str(file), size) for file in sorted((ASSETS / "fonts").glob("*.woff2")))


@lru_cache(maxsize=2**14)
def font_of(c: str) -> int | None:
    """The first that has it: a font has one picture for all that it lacks."""
    return next((n for n, font in enumerate(_fonts(SIZE)) if _picture(font, c) != _picture(font, _LACKING)), None)


def _picture(font: Font, c: str) -> bytes:
    return bytes(font.getmask(c))
