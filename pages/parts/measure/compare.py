"""Is one of two settings better? The texts of both, paired by seed."""

from __future__ import annotations

from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from edlm_core.catalogue import JUDGES
from edlm_core.measure.command_line import sweep_command, sweep_python
from edlm_core.measure.paired import Paired, paired_test

from ..app.i18n import gettext as _
from ..app.i18n import number
from ..app.visit import Visit, arrive, switch_page
from ..app.words import plain
from ..widgets.figure import csv_button, figure, palette
from .charts import histogram_chart, histogram_table
from .everyone import against_all
from .latex import latex_row
from .links import query_of
from .pair import Pair, choose, differences_table, values_of
from .verdict import spread, verdict
from .view import View

SHOWN = 3  # pairs of texts side by side


def show(view: View, visit: Visit) -> None:
    st.markdown("## " + _("Is one of two better?"))
    if len(view.cells) < 2:
        st.info(
            _("There is one setting only: measure another one to compare it with."), icon=":material/compare_arrows:"
        )
        st.code(command_of(view, next(iter(view.cells))), language="bash")
        return
    own, other = choose(view)
    if own == other:
        st.info(_("These two are the same setting: choose another one."), icon=":material/compare_arrows:")
        return
    pair = Pair(own, other, view.texts(own), view.texts(other))
    found = paired_test(values_of(view, pair.own_texts), values_of(view, pair.other_texts))
    if found is None:
        st.info(_("These two have no text of the same seed: choose another pair."), icon=":material/compare_arrows:")
        return
    st.markdown(verdict(found, view.names[own], view.names[other], _(JUDGES[view.judge].label)))
    table = differences_table(view, pair)
    bins = histogram_table(table.difference.tolist())
    figure(
        "differences",
        _("How far apart, text by text?"),
        histogram_chart(bins, found.mean, palette()),
        bins,
        spread(table),
    )
    _side_by_side(view, pair, table, visit)
    _take_home(view, pair, found, table)
    if len(view.cells) > 2:
        against_all(view, other)


def _side_by_side(view: View, pair: Pair, table: pd.DataFrame, visit: Visit) -> None:
    """The texts that differ most, whichever of the two is better."""
    st.markdown("### " + _("Where they differ most"))
    order = table.difference.abs().sort_values(ascending=False).index
    for row in table.loc[order].head(SHOWN).itertuples():
        st.caption(
            _("Seed {seed}: the first is at {first}, the second at {second} nats per token.").format(
                seed=row.seed, first=number(row.first, 2), second=number(row.second, 2)
            )
        )
        sides = ((pair.own, pair.own_texts, row.first_text), (pair.other, pair.other_texts, row.second_text))
        for n, (column, (cell, texts, text)) in enumerate(zip(st.columns(2), sides, strict=True)):
            with column.container(border=True):
                st.caption(plain(view.names[cell]))
                st.text(text)
                query = query_of(texts[row.seed])
                if query is not None and st.button(
                    _("Open in Watch"), key=f"watch_{n}_{row.seed}", icon=":material/play_circle:", type="tertiary"
                ):
                    arrive(visit, query)
                    switch_page("pages/watch.py")


def _take_home(view: View, pair: Pair, found: Paired, table: pd.DataFrame) -> None:
    with st.expander(_("For a paper: LaTeX, CSV, the commands, Python, a link")):
        st.code(latex_row(found, view.names[pair.own], view.names[pair.other]), language="latex")
        st.code("\n".join(command_of(view, cell) for cell in (pair.own, pair.other)), language="bash")
        st.code(sweep_python(view.setting(pair.own), view.cells[pair.own].texts), language="python")
        query = query_of(next(iter(pair.own_texts.values())))
        if query is not None:
            st.code(f"/?{urlencode(query)}", language=None)
        csv_button(st.container(), "pairs", table)


def command_of(view: View, cell: str) -> str:
    return sweep_command(view.setting(cell), view.cells[cell].texts)
