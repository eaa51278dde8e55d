"""Which drafts were there, and what made one win?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from ...app.i18n import gettext as _
from ...app.theme import LIGHT
from ...widgets.exports import step_csv
from ...widgets.figure import SIDE
from ...widgets.frame import as_svg
from ...widgets.theatre import theatre
from ..charts.drafts import drafts_chart, drafts_table
from ..view import View, select


def hold(held: dict[str, int]) -> None:
    """What was clicked in a theatre."""
    select(draft=int(held["draft"]), position=int(held["position"]))


def picture(view: View) -> bytes:
    """The step's drafts as a vector file, by weight."""
    order = (np.argsort(-view.pool.weight, kind="stable") + 1).tolist()
    return as_svg(drafts_chart(drafts_table(view.pool, view.autoregressive), order, LIGHT), LIGHT)


def show(view: View) -> None:
    pool = view.pool

    heading, save = st.columns(SIDE, vertical_alignment="center")
    heading.markdown("## " + _("Which drafts were there, and what did the energy make of each word?"))
    name = f"drafts-step-{pool.step + 1}"
    with save.popover(_("Save"), width="stretch", key="save_drafts"):
        st.download_button(
            _("Picture (SVG)"),
            lambda: picture(view),
            f"{name}.svg",
            "image/svg+xml",
            key="svg_drafts",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            _("Numbers (CSV)"),
            lambda: step_csv(pool),
            f"{name}.csv",
            "text/csv",
            key="csv_drafts",
            on_click="ignore",
            width="stretch",
        )
    if pool.parts is None:
        st.info(
            _("This file is of version 1: it has no energy by word. Run it again to see what the energy said of each."),
            icon=":material/info:",
        )
    theatre(pool, autoregressive=view.autoregressive, draft=view.draft, position=view.position, on_hold=hold)
