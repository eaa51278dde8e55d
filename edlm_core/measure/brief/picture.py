"""The picture of a brief as SVG that stands for itself: a row a figure, the target a line that all share. No torch."""

from __future__ import annotations

import html
from collections.abc import Sequence

from ..targets import State
from .content import Bar

LABELS, AXIS, RIGHT, ROW, TOP = 190, 420, 66, 20, 18  # px: room for words, for the axis, for numbers, of a row, above
MOST = 2.0  # times the target, at the right end; what is better stands there with its number
COLOURS = {State.MET: "#2456a6", State.MISSED: "#b0480a", State.OPEN: "#6b7482", State.ABSENT: "#6b7482"}


def bars_svg(bars: Sequence[Bar], described: str) -> str:
    """Blue discs have met the target, orange crosses have not, grey rings can't be told yet."""
    width, height = LABELS + AXIS + RIGHT, TOP + ROW * len(bars) + 4
    grid = "".join(
        f'<line x1="{_x(share)}" x2="{_x(share)}" y1="{TOP}" y2="{height - 2}" stroke="{colour}"/>'
        f'<text x="{_x(share)}" y="{TOP - 6}" text-anchor="middle" fill="#4b5563">{share:.0%}</text>'
        for share, colour in ((0.0, "#d5dbe3"), (0.5, "#d5dbe3"), (1.0, "#1c2430"), (1.5, "#d5dbe3"), (2.0, "#d5dbe3"))
    )
    rows = "".join(_row(bar, TOP + ROW * n + ROW / 2) for n, bar in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="sans-serif" font-size="11"><title>{html.escape(described)}</title>{grid}{rows}</svg>'
    )


def _row(bar: Bar, y: float) -> str:
    colour, x = COLOURS[bar.state], _x(bar.value)
    number = html.escape(bar.said) + " ▸" * (bar.value > MOST)
    said = f'<text x="{LABELS + AXIS + 10}" y="{y + 4:g}" fill="{colour}">{number}</text>'
    return (
        f'<text x="{LABELS - 10}" y="{y + 4:g}" text-anchor="end" fill="#1c2430">{html.escape(bar.label)}</text>'
        f'<line x1="{_x(bar.low)}" x2="{_x(bar.high)}" y1="{y:g}" y2="{y:g}" stroke="{colour}" stroke-width="3" '
        f'stroke-opacity="0.45"/>{_mark(bar.state, x, y, colour)}{said}'
    )


def _mark(state: State, x: float, y: float, colour: str) -> str:
    if state is State.MISSED:
        arms = f"M{x - 4:g} {y - 4:g}l8 8M{x - 4:g} {y + 4:g}l8 -8"
        return f'<path d="{arms}" stroke="{colour}" stroke-width="2.4" fill="none"/>'
    fill = colour if state is State.MET else "#fff"
    return f'<circle cx="{x:g}" cy="{y:g}" r="4.5" fill="{fill}" stroke="{colour}" stroke-width="2"/>'


def _x(share: float) -> float:
    return round(LABELS + AXIS * min(max(share, 0.0), MOST) / MOST, 1)
