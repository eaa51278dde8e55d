"""Little texts, a row each, with what is wrong in them marked: one client-side component, `assets/js/lesson`.

It draws what it is given and sends nothing back; the scenes' own controls move it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import streamlit as st

from ..app.cache import ASSETS
from ..app.i18n import gettext as _
from ..app.theme import component_css
from ..widgets.bundle import join

_component = st.components.v2.component(
    "edlm_sheet",
    html='<div class="sheet"></div>',
    css=component_css(".sheet") + (ASSETS / "lesson" / "sheet.css").read_text(encoding="utf-8"),
    js=join("lesson/component.js"),
)


class Piece(TypedDict):
    """Part of a text. kind: plain, word, new, clash, mask, or fit and off, a pair without its words."""

    text: str
    kind: str


class Row(TypedDict):
    pieces: list[Piece]
    fits: NotRequired[bool]  # a sign in front says whether the text contradicts itself
    before: NotRequired[str]  # in front, in small print
    after: NotRequired[str]  # behind
    weight: NotRequired[float]  # a bar, 0 .. 1
    taken: NotRequired[str]  # a tag; the row is marked


def sheet(key: str, label: str, rows: Sequence[Row], *, columns: bool = False) -> None:
    """`columns`: as many short rows side by side as there is room for."""
    words = {"mask": _("an open place"), "clash": _("contradicts itself"), "fits": _("free of contradictions")}
    _component(key=f"sheet_{key}", data={"label": label, "rows": list(rows), "columns": columns, "words": words})
