"""Words revealed together against words revealed apart: mean coupling by distance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from edlm_core.diagnosis.coherence import Coupled, text_pairs
from edlm_core.measure.paired import student

from ...app.i18n import gettext as _
from ...app.theme import Palette
from ...widgets.frame import framed, in_words_of

FARTHEST = (1, 2, 4, 8, 16)  # of each group of distances; the last has all beyond


def text_pairs_table(coupled: Coupled, words: Sequence[str], numbers: Sequence[int]) -> pd.DataFrame:
    """A row a pair of words that the run wrote, i < j; `numbers` are the recorded steps', from 1."""
    pairs, number = text_pairs(coupled), np.array(numbers)
    return pd.DataFrame(
        {
            "i": pairs.i + 1,
            "word_i": [words[n] for n in pairs.i],
            "step_i": number[pairs.step_i],
            "j": pairs.j + 1,
            "word_j": [words[n] for n in pairs.j],
            "step_j": number[pairs.step_j],
            "distance": pairs.distance,
            "together": pairs.together,
            "nats": pairs.nats.round(3),
        }
    )


def by_distance_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """A row a group of distances and kind of pair: mean nats, and how many pairs. `pairs` has distance, together,
    nats."""
    bounds = [0, *FARTHEST, np.inf]
    names = ["1", "2", "3–4", "5–8", "9–16", "17+"]
    group = pd.cut(pairs.distance, bounds, labels=names)
    found = pairs.assign(apart=group, kind=np.where(pairs.together, "together", "apart"))
    found = found.groupby(["apart", "kind"], observed=True).nats.agg(["mean", "sem", "size"]).reset_index()
    half = found["sem"] * [student(n - 1) if n > 1 else math.nan for n in found["size"]]
    return pd.DataFrame(
        {
            "distance": found.apart.astype(str),
            "kind": found.kind,
            "mean": found["mean"].round(4),
            "low": (found["mean"] - half).round(4),
            "high": (found["mean"] + half).round(4),
            "pairs": found["size"],
        }
    )


def by_distance_chart(table: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """Two dots a group of distances: full for the pairs revealed together, open for those apart."""
    order = ["1", "2", "3–4", "5–8", "9–16", "17+"]
    kinds = ["together", "apart"]
    named = in_words_of({"together": _("revealed together"), "apart": _("revealed apart")})
    legend = alt.Legend(labelExpr=named)
    colour = alt.Color(
        "kind:N", title=None, legend=legend, scale=alt.Scale(domain=kinds, range=[palette.energy, palette.accent])
    )
    base = alt.Chart(table).encode(
        x=alt.X("distance:O", sort=order, title=_("words apart"), axis=alt.Axis(labelAngle=0, grid=False)),
        xOffset=alt.XOffset("kind:N", sort=kinds),
        color=colour,
    )
    rule = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=_("mean nats a pair")), y2="high:Q")
    dots = base.mark_point(size=80, filled=True, opacity=1).encode(
        y=alt.Y("mean:Q"),
        shape=alt.Shape(
            "kind:N", title=None, legend=legend, scale=alt.Scale(domain=kinds, range=["circle", "diamond"])
        ),
        tooltip=[
            alt.Tooltip("distance:O", title=_("words apart")),
            alt.Tooltip("mean:Q", title=_("mean nats a pair"), format="+.3f"),
            alt.Tooltip("low:Q", title=_("95% from"), format="+.3f"),
            alt.Tooltip("high:Q", title=_("to"), format="+.3f"),
            alt.Tooltip("pairs:Q", title=_("pairs")),
        ],
    )
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=palette.quiet).encode(y="y:Q")
    return framed(alt.layer(zero, rule, dots), palette, 260)
