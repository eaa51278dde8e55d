"""The growth of time as a picture: one log-log panel a letter, measured medians and the fitted power."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from .scaling import Growth

SIDE, MARGIN = 170, 34  # of a panel's square and of what surrounds it, in pixels


def growth_svg(growth: Mapping[str, Growth]) -> str:
    """An SVG that stands for itself: no script, no font, no link."""
    panels = [_panel(letter, g, n * (SIDE + MARGIN) + MARGIN) for n, (letter, g) in enumerate(growth.items())]
    width, height = len(growth) * (SIDE + MARGIN) + MARGIN, SIDE + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="11"><rect width="{width}" height="{height}" fill="#fff"/>' + "".join(panels) + "</svg>\n"
    )


def _panel(letter: str, growth: Growth, left: float) -> str:
    seconds = [s.median for s in growth.seconds]
    x, y = _axis(growth.sizes, left, left + SIDE), _axis(seconds, MARGIN + SIDE, MARGIN)
    middle = [sum(math.log(v) for v in values) / len(values) for values in (growth.sizes, seconds)]
    fitted = [math.exp(middle[1] + growth.exponent * (math.log(size) - middle[0])) for size in growth.sizes]
    line = " ".join(f"{x(size):.1f},{y(s):.1f}" for size, s in zip(growth.sizes, fitted, strict=True))
    marks = "".join(
        f'<circle cx="{x(size):.1f}" cy="{y(s):.1f}" r="3" fill="#0b5"/>'
        f'<text x="{x(size):.1f}" y="{y(s) - 7:.1f}" text-anchor="middle" fill="#333">{s:.2g} s</text>'
        f'<text x="{x(size):.1f}" y="{MARGIN + SIDE + 14}" text-anchor="middle" fill="#333">{size:,}</text>'
        for size, s in zip(growth.sizes, seconds, strict=True)
    )
    return (
        f'<text x="{left + SIDE / 2:.1f}" y="16" text-anchor="middle" fill="#000">'
        f"time ~ {letter}^{growth.exponent:.2f}</text>"
        f'<polyline points="{line}" fill="none" stroke="#0b5" stroke-opacity="0.5"/>{marks}'
    )


def _axis(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    """A logarithmic scale from the smallest value to the largest, with a little room at both ends."""
    low, high = math.log(min(values)), math.log(max(values))
    room = 0.12 * (end - start)
    return lambda v: start + room + (end - start - 2 * room) * (math.log(v) - low) / (high - low or 1)
