"""How long work tells how far it has come: to whoever listens, or to nobody."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[float, str], None]  # share of the work that is done, 0..1, and what is being done now


def untold(share: float, what: str) -> None:
    """Nobody listens."""


def part(tell: Tell, n: int, of: int) -> Tell:
    """What part n of equally long ones tells of itself, told of the whole."""
    return lambda share, what: tell((n + share) / of, what)
