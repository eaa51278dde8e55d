"""Colours for what Python draws; the stage has the same ones in `assets/stage/stage.css`."""

PAPER, INK, QUIET, MASK, REVEALED = "#ffffff", "#1c2430", "#55606e", "#9aa6b5", "#2456a6"
