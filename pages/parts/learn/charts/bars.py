"""Shares of the same things under two or three laws, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from ...app.i18n import gettext as _
from ...app.theme import Palette
from ...widgets.frame import Spec, as_spec, filled, framed, in_words_of, moving

ROW = 15  # px for a bar
COLOURS = {"true": "accent", "blind": "alone", "taken": "energy"}  # whose shares they are, and their colours


def shares_table(things: Sequence[str], laws: Mapping[str, Sequence[float] | np.ndarray]) -> pd.DataFrame:
    """A row a thing and law; `laws` by the names of COLOURS."""
    return pd.DataFrame(
        [
            {"thing": thing, "kind": kind, "share": round(float(p), 6)}
            for kind, law in laws.items()
            for thing, p in zip(things, law, strict=True)
        ]
    )


def shares_chart(table: pd.DataFrame, names: Mapping[str, str], palette: Palette) -> Spec:
    """A group of bars a thing. `names`: what the laws are called, in order."""
    things, kinds = list(dict.fromkeys(table.thing)), list(names)
    colours = alt.Scale(domain=kinds, range=[getattr(palette, COLOURS[kind]) for kind in kinds])
    legend = alt.Legend(title=None, labelExpr=in_words_of(dict(names)), labelLimit=260)
    base = alt.Chart(moving("shares")).encode(
        y=alt.Y("thing:N", sort=things, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=240)),
        yOffset=alt.YOffset("kind:N", sort=kinds),
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        x=alt.X(
            "share:Q", title=None, scale=alt.Scale(domain=[0, 1.08]), axis=alt.Axis(format="%", values=[0, 0.5, 1])
        ),
        color=alt.Color("kind:N", scale=colours, legend=legend),
        tooltip=[
            alt.Tooltip("thing:N", title=_("what is written")),
            alt.Tooltip("share:Q", title=_("share"), format=".3%"),
        ],
    )
    values = base.mark_text(align="left", dx=4, fontSize=11, color=palette.ink).encode(
        x=alt.X("share:Q"), text=alt.Text("share:Q", format=".1%")
    )
    height = ROW * len(kinds) * len(things) + 10 * len(things) + 60
    return filled(as_spec(framed(alt.layer(bars, values), palette, height)), shares=table)
