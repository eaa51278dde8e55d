"""The same reason at three depths: as a story, in this scene's numbers, as mathematics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from ..app.i18n import gettext as _

WIDE = 860  # px: longer lines are hard to read
Depth = Literal["story", "numbers", "maths"]
DEPTHS: tuple[Depth, ...] = ("story", "numbers", "maths")


def depth() -> Depth:
    return st.session_state.setdefault("l_depth", "story")


def why(*, story: str, numbers: str, maths: str, formulas: Sequence[str]) -> None:
    """`maths` stands below its formulas."""
    st.markdown("### " + _("Why"))
    now = depth()
    if now == "maths":
        for formula in formulas:
            st.latex(formula, width="content")
    prose({"story": story, "numbers": numbers, "maths": maths}[now])


def prose(text: str) -> None:
    """Text to be read, in lines that are not too long."""
    st.markdown(text, width=WIDE)


def figures(values: Mapping[str, str]) -> None:
    """What the play comes to just now: names, and numbers as they are written."""
    with st.container(horizontal=True):
        for name, value in values.items():
            st.metric(name, value, width="content")
