"""One palette for what Python draws, charts and pictures; `assets/stage/stage.css` has the same colours."""

from __future__ import annotations

from dataclasses import dataclass

PAPER, INK, QUIET, MASK, REVEALED = "#ffffff", "#1c2430", "#55606e", "#9aa6b5", "#2456a6"


@dataclass(frozen=True)
class Palette:
    paper: str
    ink: str
    quiet: str  # axes, what is beside the point
    line: str  # grid
    accent: str  # the one colour that means "this"
    energy: str  # changed by the energy, or against
    alone: str  # without the energy
    wash: str  # a zone


LIGHT = Palette(PAPER, INK, "#4b5563", "#d5dbe3", "#2456a6", "#b0480a", "#7a8798", "#e6eefb")
DARK = Palette("#12161c", "#e4e9f0", "#a9b4c2", "#343d4a", "#7fb0f5", "#f5a35c", "#8592a3", "#1d2f4a")
AMOUNTS = "cividis"
SIGNED = ["#b0480a", "#e08a45", "#f3c79c", "#ececec", "#a9c8e8", "#4f8cc9", "#1d4f91"]  # against … for
