"""The marginal against the corrected one, over positions and steps."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from edlm_core.diagnosis.correction import Correction, Mover
from edlm_core.diagnosis.decided import Decided
from edlm_core.diagnosis.pool import Pool
from edlm_core.displayed import in_sentence

from ...app.i18n import gettext as _
from ...app.theme import AMOUNTS, Palette
from ...widgets.frame import framed, in_words_of, moving, word_axis


def correction_table(pools: Sequence[Pool], corrections: Sequence[Correction], words: Sequence[str]) -> pd.DataFrame:
    """A row a step and masked position; `words` are those of the finished text."""
    rows = []
    for pool, found in zip(pools, corrections, strict=True):
        places = np.flatnonzero(pool.masked)
        rows.append(
            pd.DataFrame(
                {
                    "step": pool.step + 1,
                    "position": places + 1,
                    "word": [words[i] for i in places],
                    "tv": found.tv[places],
                    "kl": found.kl[places],
                    "excess": found.excess[places],
                    "chance": found.chance_tv[places],
                    "written": pool.revealed[places],
                }
            )
        )
    return pd.concat(rows, ignore_index=True).round(4)


def correction_chart(
    table: pd.DataFrame, measure: str, title: str, words: Sequence[str], palette: Palette
) -> alt.LayerChart:
    """Steps × words of the finished text; a click picks a cell. A dot where the word stood there already, which is no
    amount. Moving: `here`, the step and position that are looked at."""
    pick = alt.selection_point(name="cell", fields=["step", "position"], on="click", empty=False)
    places = range(1, len(words) + 1)
    x = alt.X("position:O", axis=word_axis(words), scale=alt.Scale(domain=list(places)))
    y = alt.Y("step:O", title=_("step"), axis=_sparse(table.step))
    cells = (
        alt.Chart(table)
        .mark_rect()
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                f"{measure}:Q",
                title=title,
                scale=alt.Scale(scheme=AMOUNTS, domainMin=0, clamp=True),
                legend=alt.Legend(orient="top", gradientLength=160),
            ),
            tooltip=[
                alt.Tooltip("word:N", title=_("word in the end")),
                alt.Tooltip("position:O", title=_("position")),
                alt.Tooltip("step:O", title=_("step")),
                alt.Tooltip("tv:Q", title=_("TV"), format=".2f"),
                alt.Tooltip("kl:Q", title=_("KL (nats)"), format=".2f"),
                alt.Tooltip("chance:Q", title=_("TV by chance"), format=".2f"),
            ],
        )
        .add_params(pick)
    )
    there = set(zip(table.step.tolist(), table.position.tolist(), strict=True))
    stood = [{"step": n, "position": i} for n in sorted(table.step.unique().tolist()) for i in places]
    absent = pd.DataFrame(
        [one for one in stood if (one["step"], one["position"]) not in there], columns=["step", "position"]
    )
    dots = alt.Chart(absent).mark_point(size=5, filled=True, color=palette.quiet, opacity=0.8).encode(x=x, y=y)
    mark = alt.Chart(moving("here")).mark_rect(fill=None, stroke=palette.energy, strokeWidth=2.5).encode(x=x, y=y)
    return framed(alt.layer(cells, dots, mark), palette, min(500, 150 + 14 * table.step.nunique()))


def movers_table(pool: Pool, movers: Sequence[Mover]) -> pd.DataFrame:
    """Two rows a position: the token that gained most and the one that lost most."""
    rows = []
    for mover in movers:
        for kind, (token, even, weighed) in (("gained", mover.gained), ("lost", mover.lost)):
            rows.append(
                {
                    "position": mover.position + 1,
                    "token": in_sentence(pool.words[token]),
                    "kind": kind,
                    "marginal": round(even, 4),
                    "corrected": round(weighed, 4),
                    "tv": round(mover.tv, 3),
                    "chance_tv": round(mover.chance_tv, 3),
                    "row": f"“{in_sentence(pool.words[token])}” ({mover.position + 1})",
                }
            )
    return pd.DataFrame(rows)


def movers_chart(rows: int, palette: Palette) -> alt.LayerChart:
    """From the share of the drafts to the share of the weight, a line a token. Moving: `movers`, a movers_table."""
    y = alt.Y("row:N", sort=None, title=None, axis=alt.Axis(labelLimit=140))
    kinds = alt.Scale(domain=["gained", "lost"], range=[palette.accent, palette.energy])
    named = in_words_of({"gained": _("gained"), "lost": _("lost")})
    colour = alt.Color("kind:N", title=None, scale=kinds, legend=alt.Legend(labelExpr=named))
    base = alt.Chart(moving("movers")).encode(y=y, color=colour)
    tips = [
        alt.Tooltip("token:N", title=_("word")),
        alt.Tooltip("marginal:Q", title=_("without the energy"), format=".1%"),
        alt.Tooltip("corrected:Q", title=_("with the energy"), format=".1%"),
        alt.Tooltip("tv:Q", title=_("TV"), format=".3f"),
        alt.Tooltip("chance_tv:Q", title=_("TV by chance"), format=".3f"),
    ]
    share = alt.X(
        "marginal:Q",
        title=_("probability: ring without, dot with the energy"),
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%"),
    )
    line = base.mark_rule(strokeWidth=2, opacity=0.6).encode(x=share, x2="corrected:Q")
    before = base.mark_point(size=60, filled=False, strokeWidth=2).encode(x=share, tooltip=tips)
    after = base.mark_circle(size=80, opacity=1).encode(x="corrected:Q", tooltip=tips)
    return framed(alt.layer(line, before, after), palette, 22 * max(2, rows) + 80)


def decided_table(pool: Pool, decided: Decided) -> pd.DataFrame:
    """A row a word of the winning draft, the most decisive first."""
    order = np.argsort(-abs(decided.parts), kind="stable")

    def spell(token: int) -> str:
        return in_sentence(pool.words[token])

    table = pd.DataFrame(
        {
            "position": order + 1,
            "word": [spell(int(pool.candidate[decided.draft, i])) for i in order],
            "others": [spell(int(decided.usual[i])) for i in order],
            "nats": decided.parts[order].round(3),
            "written": pool.revealed[order],
        }
    )
    row = [f"“{one.word.strip()}” ({one.position})" for one in table.itertuples()]
    return table[table.nats != 0].assign(row=[name for name, nats in zip(row, table.nats, strict=True) if nats != 0])


def decided_chart(rows: int, palette: Palette) -> alt.Chart:
    """Bars of nats, a word each; pale where the step does not write it. Moving: `decided`, a decided_table."""
    chart = (
        alt.Chart(moving("decided"))
        .mark_bar(size=14)
        .encode(
            y=alt.Y("row:N", sort=None, title=None, axis=alt.Axis(labelLimit=160, ticks=False)),
            x=alt.X("nats:Q", title=_("nats: how much better than the other drafts here, on average")),
            color=alt.condition("datum.nats >= 0", alt.value(palette.accent), alt.value(palette.energy)),
            opacity=alt.condition("datum.written", alt.value(1.0), alt.value(0.45)),
            tooltip=[
                alt.Tooltip("word:N", title=_("word of the winning draft")),
                alt.Tooltip("others:N", title=_("most of the others have")),
                alt.Tooltip("position:Q", title=_("position")),
                alt.Tooltip("nats:Q", title=_("nats"), format="+.2f"),
                alt.Tooltip("written:N", title=_("written at this step")),
            ],
        )
    )
    return framed(chart, palette, 22 * max(2, rows) + 70)


def growth_chart(table: pd.DataFrame, palette: Palette) -> alt.Chart:
    """ESS as the pool grows: columns K, ess, tv."""
    chart = (
        alt.Chart(table)
        .mark_line(point=True, color=palette.accent)
        .encode(
            x=alt.X(
                "K:Q",
                title=_("drafts K"),
                scale=alt.Scale(type="log", base=2, nice=False),
                axis=alt.Axis(values=table.K.tolist(), grid=False),
            ),
            y=alt.Y("ess:Q", title=_("ESS"), scale=alt.Scale(domainMin=1)),
            tooltip=[
                alt.Tooltip("K:Q", title=_("drafts K")),
                alt.Tooltip("ess:Q", title=_("ESS"), format=".2f"),
                alt.Tooltip("tv:Q", title=_("TV at the held position"), format=".3f"),
            ],
        )
    )
    return framed(chart, palette, 170)


def _sparse(values: pd.Series) -> alt.Axis:
    """Labels with room between them."""
    present = sorted(values.unique())
    every = max(1, -(-len(present) // 16))
    return alt.Axis(values=[int(v) for v in present if (v - 1) % every == 0 or every == 1], labelAngle=0, grid=False)
