"""Seconds as a person says them: 40 s, 3 min, 1 h 20 min; for a page through a translation."""

from __future__ import annotations

from collections.abc import Callable

from .messages import N_

SECONDS, MINUTES, HOURS = N_("{s} s"), N_("{min} min"), N_("{h} h {min} min")


def spoken(seconds: float, translate: Callable[[str], str] = str) -> str:
    """Whole seconds below a minute and a half, whole minutes below an hour and a half, then hours and minutes."""
    if seconds < 90:
        return translate(SECONDS).format(s=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 90:
        return translate(MINUTES).format(min=minutes)
    return translate(HOURS).format(h=minutes // 60, min=f"{minutes % 60:02d}")
