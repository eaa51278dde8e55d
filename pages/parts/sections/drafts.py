"""Which drafts were there, and what made one win?"""

from __future__ import annotations

import streamlit as st

from ..exports import step_csv
from ..figure import SIDE
from ..i18n import gettext as _
from ..theatre import theatre
from ..view import View, go


def hold(held: dict[str, int]) -> None:
    """What was clicked in a theatre."""
    go(draft=int(held["draft"]), position=int(held["position"]))


def show(view: View) -> None:
    pool = view.pool

    heading, save = st.columns(SIDE, vertical_alignment="center")
    heading.markdown("##### " + _("Which drafts were there, and what did the energy make of each word?"))
    save.download_button(
        _("CSV"), lambda: step_csv(pool), f"drafts-step-{pool.step + 1}.csv", "text/csv", key="csv_drafts",
        icon=":material/download:", on_click="ignore", width="stretch",
    )  # fmt: skip
    if pool.parts is None:
        st.info(
            _("This file is of version 1: it has no energy by word. Run it again to see what the energy said of each."),
            icon=":material/info:",
        )
    theatre(pool, autoregressive=view.autoregressive, draft=view.draft, position=view.position, on_hold=hold)
