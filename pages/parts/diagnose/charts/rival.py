"""Two drafts side by side: what each position adds to the difference of their log-weights."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from edlm_core.diagnosis.pool import Pool
from edlm_core.diagnosis.rival import Comparison
from edlm_core.displayed import in_table

from ...app.i18n import gettext as _
from ...app.theme import Palette
from ...widgets.frame import framed, moving, word_axis


def comparison_table(pool: Pool, comparison: Comparison) -> pd.DataFrame:
    """A row a position."""
    one, other = (in_table(pool.words_of(pool.candidate[k])) for k in (comparison.one, comparison.other))
    return pd.DataFrame(
        {
            "position": np.arange(1, len(pool.x_t) + 1),
            "one": one,
            "other": other,
            "differs": comparison.differs,
            "part": comparison.parts.round(4),
        }
    )


def comparison_chart(words: Sequence[str], palette: Palette) -> alt.LayerChart:
    """Bars up: for the first draft, whose `words` stand below; down: for the other. A click picks a `position`.
    Moving: `bars` (part of the comparison_table) and `here`, the position that is looked at."""
    length = len(words)
    pick = alt.selection_point(name="place", fields=["position"], on="click", empty=False)
    x = alt.X(
        "position:Q",
        scale=alt.Scale(domain=[0.5, length + 0.5], nice=False),
        axis=word_axis(words),
    )
    bars = (
        alt.Chart(moving("bars"))
        .mark_bar(size=max(2, min(12, 760 // length)))
        .encode(
            x=x,
            y=alt.Y("part:Q", title=_("part of the log-weight (nats)")),
            color=alt.condition("datum.part >= 0", alt.value(palette.accent), alt.value(palette.energy)),
            opacity=alt.condition("datum.differs", alt.value(1.0), alt.value(0.45)),
            tooltip=[
                alt.Tooltip("position:Q", title=_("position")),
                alt.Tooltip("one:N", title=_("taken draft")),
                alt.Tooltip("other:N", title=_("other draft")),
                alt.Tooltip("part:Q", title=_("nats"), format="+.2f"),
            ],
        )
        .add_params(pick)
    )
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=palette.quiet).encode(y="y:Q")
    here = alt.Chart(moving("here")).mark_rule(color=palette.ink, strokeDash=[4, 3]).encode(x=x)
    return framed(alt.layer(here, zero, bars), palette, 270)
