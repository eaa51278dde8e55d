"""Which positions are coupled: a triangle of pairs, and the couplings of one draft."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from edlm_core.diagnosis.pairs import Pairs
from edlm_core.diagnosis.pool import Pool
from edlm_core.displayed import in_sentence

from ...app.i18n import gettext as _
from ...app.theme import AMOUNTS, SIGNED, Palette
from ...widgets.frame import framed, moving

SMALL = 0.25  # nats: a coupling below it is not drawn


def pairs_table(pool: Pool, pairs: Pairs) -> pd.DataFrame:
    """The ranked pairs, as a table."""
    spell = {int(token): in_sentence(pool.words[int(token)]) for pair in pairs.ranked for token in (pair.a, pair.b)}
    return pd.DataFrame(
        [
            {
                "i": p.i + 1,
                "word_i": spell[p.a],
                "j": p.j + 1,
                "word_j": spell[p.b],
                "nats": round(p.interaction, 2),
                "low": round(p.low, 2),
                "high": round(p.high, 2),
                "share_i": round(p.p_a, 3),
                "share_j": round(p.p_b, 3),
                "both": p.both,
            }
            for p in pairs.ranked
        ]
    )


def strength_table(strength: np.ndarray) -> pd.DataFrame:
    """A row a pair i < j that the pool can say something about."""
    i, j = np.where(np.triu(~np.isnan(strength), 1))
    return pd.DataFrame({"i": i + 1, "j": j + 1, "nats": strength[i, j].round(3)})


def strength_chart(length: int, palette: Palette) -> alt.LayerChart:
    """|interaction| of every pair; a click picks `i`, `j`. Moving: `cells`, a strength_table, and `here`, one pair."""
    return _grid(
        length,
        palette,
        alt.Color(
            "nats:Q",
            title=_("nats, either way"),
            scale=alt.Scale(scheme=AMOUNTS, domainMin=0),
            legend=alt.Legend(gradientLength=160),
        ),
    )


def coupling_table(couplings: np.ndarray, words: list[str]) -> pd.DataFrame:
    """A row a pair of positions of one draft, i what is changed and j what answers; small ones left out."""
    off = couplings.copy()
    np.fill_diagonal(off, 0)
    i, j = np.where(abs(off) > SMALL)
    return pd.DataFrame(
        {
            "i": i + 1,
            "j": j + 1,
            "word_i": [words[n] for n in i],
            "word_j": [words[n] for n in j],
            "nats": off[i, j].round(3),
        }
    ).sort_values("nats")


def coupling_chart(length: int, top: float, palette: Palette) -> alt.LayerChart:
    """Signed, as far as `top` either way: orange, the word at i makes the one at j less welcome; blue, more. Moving:
    `cells`, a coupling_table, and `here`, one pair."""
    colour = alt.Color(
        "nats:Q",
        title=_("nats; below 0: against each other"),
        scale=alt.Scale(range=SIGNED, domain=[-top, top], interpolate="rgb"),
        legend=alt.Legend(gradientLength=160),
    )
    return _grid(length, palette, colour, words=True)


def _grid(length: int, palette: Palette, colour: alt.Color, words: bool = False) -> alt.LayerChart:
    every = max(1, length // 12)
    axis = alt.Axis(values=list(range(1, length + 1, every)), labelAngle=0, grid=False)
    order = list(range(1, length + 1))
    x = alt.X("j:O", title=_("position j"), axis=axis, scale=alt.Scale(domain=order))
    y = alt.Y("i:O", title=_("position i"), axis=axis, scale=alt.Scale(domain=order))
    tips = [
        alt.Tooltip("i:O", title=_("position i")),
        alt.Tooltip("j:O", title=_("position j")),
        alt.Tooltip("nats:Q", title=_("nats"), format="+.2f" if words else ".2f"),
    ]
    if words:
        tips += [alt.Tooltip("word_i:N", title=_("word at i")), alt.Tooltip("word_j:N", title=_("word at j"))]
    pick = alt.selection_point(name="pair", fields=["i", "j"], on="click", empty=False)
    cells = alt.Chart(moving("cells")).mark_rect().encode(x=x, y=y, color=colour, tooltip=tips).add_params(pick)
    mark = alt.Chart(moving("here")).mark_rect(fill=None, stroke=palette.energy, strokeWidth=3)
    mark = mark.encode(x="j:O", y="i:O")
    return framed(alt.layer(cells, mark), palette, 440)
