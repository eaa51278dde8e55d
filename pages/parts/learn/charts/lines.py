"""How something goes with a number that the learner sets: lines, and where the learner is."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from ...app.i18n import gettext as _
from ...app.theme import Palette
from ...widgets.frame import Spec, as_spec, filled, framed, in_words_of, moving

DASHES = [[1, 0], [6, 4], [2, 3], [10, 3]]


def lines_table(x: range, series: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A row an x and line, by the names of the lines."""
    return pd.DataFrame(
        [
            {"x": at, "kind": kind, "value": round(float(y), 6)}
            for kind, values in series.items()
            for at, y in zip(x, values, strict=False)
        ]
    )


def lines_chart(
    table: pd.DataFrame,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    palette: Palette,
    *,
    x: str,
    y: str,
    now: int,
    share: bool,
) -> Spec:
    """`names`: what the lines are called, and `colours` fields of the palette, by the names of the lines. A rule stands
    at `now`. `share`: values are shares of one, else nats."""
    kinds = list(names)
    form = ".1%" if share else ".3f"
    legend = alt.Legend(
        title=None, labelExpr=in_words_of(dict(names)), columns=2, labelLimit=300, symbolType="stroke", symbolSize=260
    )
    scale = alt.Scale(domain=[0, 1]) if share else alt.Scale(zero=False, padding=10)
    base = alt.Chart(moving("lines")).encode(
        x=alt.X(
            "x:Q",
            title=x,
            scale=alt.Scale(zero=False, nice=False, padding=8),
            axis=alt.Axis(format="d", grid=False, tickMinStep=1),
        ),
        y=alt.Y("value:Q", title=y, scale=scale, axis=alt.Axis(format="%" if share else ".1f")),
        color=alt.Color(
            "kind:N",
            legend=legend,
            scale=alt.Scale(domain=kinds, range=[getattr(palette, colours[kind]) for kind in kinds]),
        ),
    )
    line = base.mark_line(strokeWidth=2.5).encode(
        strokeDash=alt.StrokeDash("kind:N", legend=legend, scale=alt.Scale(domain=kinds, range=DASHES[: len(kinds)]))
    )
    dots = base.mark_circle(size=46, opacity=1).encode(
        size=alt.condition("datum.x == now", alt.value(150), alt.value(36)),
        tooltip=[alt.Tooltip("x:Q", title=x), alt.Tooltip("value:Q", title=y, format=form)],
    )
    rule = alt.Chart(moving("now")).mark_rule(color=palette.quiet, strokeDash=[3, 3]).encode(x="x:Q")
    spec = as_spec(framed(alt.layer(rule, line, dots.add_params(alt.param("now", value=now))), palette, 300))
    return filled(spec, lines=table, now=[{"x": now}])


def here() -> str:
    """For a reading: what the rule is."""
    return _("The dashed rule is where you are.")
