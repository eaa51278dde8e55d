"""A chart on the page: the question it answers, the picture, how to read it, and files of it."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ..app.i18n import gettext as _
from ..app.theme import DARK, LIGHT, Palette
from .frame import Spec, as_spec, as_svg
from .tables import csv_file

SIDE = [6.4, 1]  # the page, and the buttons at its right edge


def palette() -> Palette:
    """The visitor's: light or dark."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def figure(
    name: str,
    question: str,
    chart: Spec | alt.Chart | alt.LayerChart,
    table: pd.DataFrame,
    reading: str,
    *,
    now: str = "",
    on_select: Callable[[], None] | None = None,
    side: list[float] = SIDE,
) -> None:
    """`reading` says what the chart shows, in words, and `now` what of it is true at this step: both stand below as
    text, for a screen reader too. The chart's name is the question alone: each of its buttons repeats it, and with
    another name the browser would draw it anew.
    A selection made in the chart is `st.session_state["chart_<name>"].selection`."""
    heading, save = st.columns(side, vertical_alignment="center")
    heading.markdown(f"## {question}")
    with save.popover(_("Save"), width="stretch", key=f"save_{name}"):
        st.download_button(
            _("Picture (SVG)"),
            lambda: as_svg(chart, LIGHT),
            f"{name}.svg",
            "image/svg+xml",
            key=f"svg_{name}",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            _("Numbers (CSV)"),
            lambda: csv_of(table),
            f"{name}.csv",
            "text/csv",
            key=f"csv_{name}",
            on_click="ignore",
            width="stretch",
        )
    st.vega_lite_chart(
        chart if isinstance(chart, dict) else as_spec(chart),
        theme=None,
        key=f"chart_{name}",
        on_select=on_select or "ignore",
        alt=question,
    )
    st.caption(f"{now} {reading}".strip())


def csv_button(place: DeltaGenerator, name: str, table: pd.DataFrame) -> None:
    """Where several pictures share one table."""
    place.download_button(
        _("CSV"),
        lambda: csv_of(table),
        f"{name}.csv",
        "text/csv",
        key=f"csv_{name}",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )


def csv_of(table: pd.DataFrame) -> bytes:
    return csv_file(table.columns, table.itertuples(index=False))


def picked(name: str, selection: str) -> list[dict]:
    """The points that a click in a chart has selected."""
    event = st.session_state.get(f"chart_{name}")
    return list(event.selection.get(selection, [])) if event else []
