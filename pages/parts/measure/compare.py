"""Is one of two settings better? The texts of both, paired by seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from sqlalchemy import RowMapping

from edlm_core.catalogue import JUDGES, PLAIN
from edlm_core.measure.command_line import sweep_command
from edlm_core.measure.opponents import opponent
from edlm_core.measure.paired import Paired, holm, paired_test

from ..app.i18n import gettext as _
from ..app.i18n import ngettext, number, percent, signed
from ..app.visit import Visit, arrive, switch_page
from ..app.words import plain
from ..widgets.figure import csv_button, figure, palette
from .charts import histogram_chart, histogram_table
from .latex import latex_row
from .links import query_of
from .view import View

state = st.session_state
SHOWN = 3  # pairs of texts side by side


@dataclass(frozen=True)
class Pair:
    """Two settings and their texts by seed."""

    own: str
    other: str
    own_texts: Mapping[int, RowMapping]
    other_texts: Mapping[int, RowMapping]


def show(view: View, visit: Visit) -> None:
    st.markdown("## " + _("Is one of two better?"))
    if len(view.cells) < 2:
        st.info(
            _("There is one setting only: measure another one to compare it with."), icon=":material/compare_arrows:"
        )
        st.code(command_of(view, next(iter(view.cells))), language="bash")
        return
    own, other = _choose(view)
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
        _against_all(view, other)


def _choose(view: View) -> tuple[str, str]:
    """Two settings, by keyboard too; at first the one with most texts against independent words like it."""
    cells = list(view.cells)
    if state.get("m_other") not in cells or state.get("m_own") not in cells:
        rows = [view.setting(cell) for cell in cells]
        own = max(
            (row for row in rows if row["sampler"] != PLAIN.name),
            key=lambda row: view.cells[row["cell"]].texts,
            default=rows[0],
        )
        others = [row for row in rows if row is not own]
        other = opponent(own, [row for row in others if row["sampler"] == PLAIN.name] or others)
        state.m_own, state.m_other = own["cell"], (other or others[0])["cell"]
    columns = st.columns(2)
    for column, name, label in zip(columns, ("own", "other"), (_("First"), _("Second")), strict=True):
        widget, kept = f"w_m_{name}", f"m_{name}"
        state[widget] = state[kept]
        column.selectbox(
            label,
            cells,
            key=widget,
            format_func=view.names.__getitem__,
            on_change=lambda widget=widget, kept=kept: state.update({kept: state[widget]}),
        )
    return state.m_own, state.m_other


def values_of(view: View, texts: Mapping[int, RowMapping]) -> dict[int, float | None]:
    return {seed: row[view.measure] for seed, row in texts.items()}


def verdict(found: Paired, own: str, other: str, judge: str) -> str:
    """The test in a sentence, what is missing from it, and what would settle it."""
    if found.high < 0:
        text = _(
            "**{own} reads better than {other}**: {mean} nats per token ({low} to {high}, 95 % interval) over {n} "
            "pairs, judged by {judge}."
        )
    elif found.low > 0:
        text = _(
            "**{own} reads worse than {other}**: {mean} nats per token ({low} to {high}, 95 % interval) over {n} "
            "pairs, judged by {judge}."
        )
    else:
        text = _(
            "**Not told apart yet**: {own} less {other} is {mean} nats per token ({low} to {high}, 95 % interval) over "
            "{n} pairs, judged by {judge}."
        )
    said = [
        text.format(
            own=own,
            other=other,
            mean=signed(found.mean, 3),
            low=signed(found.low, 3),
            high=signed(found.high, 3),
            n=number(found.pairs),
            judge=judge,
        )
    ]
    if found.more:
        said.append(
            ngettext(
                "About {n} pair more would settle it, if the difference is what it seems.",
                "About {n} pairs more would settle it, if the difference is what it seems.",
                found.more,
            ).format(n=number(found.more))
        )
    if found.failures:
        said.append(
            ngettext(
                "{n} pair is left out: a text of it was not measured.",
                "{n} pairs are left out: a text of each was not measured.",
                found.failures,
            ).format(n=number(found.failures))
        )
    return " ".join(said)


def differences_table(view: View, pair: Pair) -> pd.DataFrame:
    """A row a pair that both were measured of, by seed."""
    rows = [
        {
            "seed": seed,
            "first": first[view.measure],
            "second": second[view.measure],
            "difference": first[view.measure] - second[view.measure],
            "first_text": first["text"],
            "second_text": second["text"],
        }
        for seed, first in pair.own_texts.items()
        if (second := pair.other_texts.get(seed)) is not None
        and first[view.measure] is not None
        and second[view.measure] is not None
    ]
    return pd.DataFrame(rows)


def spread(table: pd.DataFrame) -> str:
    """The histogram in words."""
    differences = table.difference
    return _(
        "In {share} of the pairs the first reads better. Half of the differences lie between {low} and {high} nats per "
        "token; the line is their mean."
    ).format(
        share=percent(float((differences < 0).mean())),
        low=signed(float(differences.quantile(0.25)), 2),
        high=signed(float(differences.quantile(0.75)), 2),
    )


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
    with st.expander(_("For a paper: LaTeX, CSV, the commands, a link")):
        st.code(latex_row(found, view.names[pair.own], view.names[pair.other]), language="latex")
        st.code("\n".join(command_of(view, cell) for cell in (pair.own, pair.other)), language="bash")
        query = query_of(next(iter(pair.own_texts.values())))
        if query is not None:
            st.code(f"/?{urlencode(query)}", language=None)
        csv_button(st.container(), "pairs", table)


def command_of(view: View, cell: str) -> str:
    return sweep_command(view.setting(cell), view.cells[cell].texts)


def _against_all(view: View, other: str) -> None:
    """Every setting against the second, with p corrected for how many are asked."""
    label = _("Every setting against {other}").format(other=view.names[other])
    if not st.toggle(label, key="w_all"):
        return
    second = values_of(view, view.texts(other))
    tests = {cell: paired_test(values_of(view, view.texts(cell)), second) for cell in view.cells if cell != other}
    found = {view.names[cell]: test for cell, test in tests.items() if test is not None}
    table = all_table(found)
    st.dataframe(table, hide_index=True, width="stretch")
    st.caption(
        _(
            "Difference in NLL, nats per token, below 0 is better than {other}; p (Holm): that any of these {n} "
            "differences is taken for one by chance."
        ).format(other=plain(view.names[other]), n=len(found))
    )


def all_table(found: Mapping[str, Paired]) -> pd.DataFrame:
    corrected = holm([one.p for one in found.values()])
    return pd.DataFrame(
        [
            {
                _("setting"): name,
                _("difference"): round(one.mean, 3),
                _("95 % from"): round(one.low, 3),
                _("to"): round(one.high, 3),
                _("pairs"): one.pairs,
                "p": float(f"{one.p:.2g}"),
                _("p (Holm)"): float(f"{p:.2g}"),
            }
            for (name, one), p in zip(found.items(), corrected, strict=True)
        ]
    )
