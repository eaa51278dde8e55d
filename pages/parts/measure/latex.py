"""A paired test as a row of a table in LaTeX."""

from __future__ import annotations

import re

from edlm_core.measure.paired import Paired


def latex_row(found: Paired, own: str, other: str) -> str:
    """first & second & pairs & mean & 95% interval & p."""
    numbers = f"{found.pairs} & ${found.mean:+.3f}$ & $[{found.low:+.3f}, {found.high:+.3f}]$ & ${_p(found.p)}$"
    return rf"{escaped(own)} & {escaped(other)} & {numbers} \\"


def escaped(text: str) -> str:
    """Text without what LaTeX reads as a command."""
    return re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "/")).replace("~", " ").replace("^", "")


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
