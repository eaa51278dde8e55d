"""Weights of the drafts of one step, before and after a change of mind."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from ...app.i18n import gettext as _
from ...app.theme import Palette
from ...widgets.frame import framed, in_words_of


def weights_table(before: np.ndarray, after: np.ndarray) -> pd.DataFrame:
    """Two rows a draft; a draft that was not drawn has no weight after."""
    K = len(before)
    late = np.full(K, np.nan)
    late[: len(after)] = after
    return pd.DataFrame(
        {
            "draft": np.tile(np.arange(1, K + 1), 2),
            "weight": np.concatenate([before, late]).round(5),
            "kind": ["run"] * K + ["what if"] * K,
        }
    )


def weights_chart(table: pd.DataFrame, palette: Palette) -> alt.Chart:
    kinds = alt.Scale(domain=["run", "what if"], range=[palette.alone, palette.accent])
    named = in_words_of({"run": _("in the run"), "what if": _("what if")})
    chart = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X("draft:O", title=_("draft"), axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            xOffset="kind:N",
            y=alt.Y("weight:Q", title=_("weight"), scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
            color=alt.Color("kind:N", title=None, scale=kinds, legend=alt.Legend(labelExpr=named)),
            tooltip=[
                alt.Tooltip("draft:O", title=_("draft")),
                alt.Tooltip("weight:Q", title=_("weight"), format=".2%"),
            ],
        )
    )
    return framed(chart, palette, 210)
