"""Which words are coupled: a triangle of pairs, and the couplings of one draft."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from edlm_core.diagnosis.pairs import Pairs
from edlm_core.diagnosis.pool import Pool
from edlm_core.displayed import in_sentence

from ...app.i18n import gettext as _
from ...app.theme import AMOUNTS, SIGNED, Palette
from ...widgets.frame import framed, moving, word_axis

SMALL = 0.25  # nats: a coupling below it is not drawn


def with_steps(table: pd.DataFrame, written: np.ndarray) -> pd.DataFrame:
    """A table of pairs (i, j from 1) with the steps that wrote them and how far apart they are. `written` (L,): a step
    from 1, 0 where the word was given."""
    i, j = table.i.to_numpy(int) - 1, table.j.to_numpy(int) - 1
    return table.assign(
        step_i=written[i], step_j=written[j], together=written[i] == written[j], distance=abs(table.j - table.i)
    )


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


def strength_table(strength: np.ndarray, words: Sequence[str]) -> pd.DataFrame:
    """A row a pair i < j that the pool can say something about; `words` are those of the finished text."""
    i, j = np.where(np.triu(~np.isnan(strength), 1))
    return pd.DataFrame(
        {
            "i": i + 1,
            "j": j + 1,
            "word_i": [words[n] for n in i],
            "word_j": [words[n] for n in j],
            "nats": strength[i, j].round(3),
        }
    )


def strength_chart(words: Sequence[str], palette: Palette) -> alt.LayerChart:
    """|interaction| of every pair; a click picks `i`, `j`. Moving: `cells`, a strength_table, and `here`, one pair."""
    return _grid(
        words,
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


def coupling_chart(words: Sequence[str], top: float, palette: Palette) -> alt.LayerChart:
    """Signed, as far as `top` either way: orange, the word at i makes the one at j less welcome; blue, more. Moving:
    `cells`, a coupling_table, and `here`, one pair."""
    colour = alt.Color(
        "nats:Q",
        title=_("nats; below 0: against each other"),
        scale=alt.Scale(range=SIGNED, domain=[-top, top], interpolate="rgb"),
        legend=alt.Legend(gradientLength=160),
    )
    return _grid(words, palette, colour, signed=True)


def _grid(words: Sequence[str], palette: Palette, colour: alt.Color, signed: bool = False) -> alt.LayerChart:
    domain = alt.Scale(domain=list(range(1, len(words) + 1)))
    x = alt.X("j:O", axis=word_axis(words), scale=domain)
    y = alt.Y("i:O", axis=word_axis(words, upright=False), scale=domain)
    tips = [
        alt.Tooltip("word_i:N", title=_("one word")),
        alt.Tooltip("word_j:N", title=_("other word")),
        alt.Tooltip("nats:Q", title=_("nats"), format="+.2f" if signed else ".2f"),
        alt.Tooltip("i:O", title=_("position of one")),
        alt.Tooltip("j:O", title=_("position of the other")),
        alt.Tooltip("distance:Q", title=_("distance")),
        alt.Tooltip("step_i:O", title=_("step that wrote one")),
        alt.Tooltip("step_j:O", title=_("step that wrote the other")),
    ]
    pick = alt.selection_point(name="pair", fields=["i", "j"], on="click", empty=False)
    cells = alt.Chart(moving("cells")).mark_rect().encode(x=x, y=y, color=colour, tooltip=tips).add_params(pick)
    mark = alt.Chart(moving("here")).mark_rect(fill=None, stroke=palette.energy, strokeWidth=3)
    mark = mark.encode(x="j:O", y="i:O")
    return framed(alt.layer(cells, mark), palette, 520)
