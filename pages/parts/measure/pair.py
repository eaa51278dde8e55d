"""Which two settings are compared, and their texts, paired by seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from sqlalchemy import RowMapping

from edlm_core.measure.opponents import first_pair

from ..app.i18n import gettext as _
from .view import View

state = st.session_state


@dataclass(frozen=True)
class Pair:
    """Two settings and their texts by seed."""

    own: str
    other: str
    own_texts: Mapping[int, RowMapping]
    other_texts: Mapping[int, RowMapping]


def choose(view: View) -> tuple[str, str]:
    """Two settings, by keyboard too; at first the one with most texts against independent words like it."""
    cells = list(view.cells)
    if state.get("m_other") not in cells or state.get("m_own") not in cells:
        own, other = first_pair([(view.setting(cell), view.cells[cell].texts) for cell in cells])
        state.m_own, state.m_other = own["cell"], (other or own)["cell"]
    columns = st.columns(2)
    for column, name, label in zip(columns, ("own", "other"), (_("First"), _("Second")), strict=True):
        widget, kept = f"w_m_{name}", f"m_{name}"
        state[widget] = state[kept]
        column.selectbox(
            label,
            cells,
            key=widget,
            format_func=view.names.__getitem__,
            on_change=lambda widget=widget, kept=kept: state.update({kept: state[widget], "m_chosen": True}),
        )
    return state.m_own, state.m_other


def values_of(view: View, texts: Mapping[int, RowMapping]) -> dict[int, float | None]:
    return {seed: row[view.measure] for seed, row in texts.items()}


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
