"""All drafts of a step as heat-maps, the theatre for paper: log p_theta, log p_AR, what the energy adds."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from edlm_core.diagnosis.pool import Pool
from edlm_core.displayed import in_table

from ...app.i18n import gettext as _
from ...app.theme import AMOUNTS, SIGNED, Palette


def drafts_table(pool: Pool, autoregressive: bool) -> pd.DataFrame:
    """A row a token: draft and position from 1, the token, log_q, part, and log_p where the energy has one."""
    K, L = pool.candidate.shape
    table = pd.DataFrame(
        {
            "draft": np.repeat(np.arange(1, K + 1), L),
            "position": np.tile(np.arange(1, L + 1), K),
            "token": [text for row in pool.candidate for text in in_table(pool.words_of(row))],
            "log_q": pool.token_log_q.ravel(),
        }
    )
    if pool.parts is not None:
        table["part"] = pool.parts.ravel()
        if autoregressive:
            table["log_p"] = pool.log_p.ravel()
    return table


def drafts_chart(table: pd.DataFrame, order: list[int], palette: Palette) -> alt.VConcatChart:
    """One row a draft in the given order, one column a position; blue where the energy wants the token."""
    titles = {
        "log_q": _("log pθ of the token, alone (nats)"),
        "log_p": _("log p of the language model, in context (nats)"),
        "part": _("What the energy adds to log w (nats), above 0: it wants the token"),
    }
    maps = []
    for name in (name for name in titles if name in table):
        scale = (
            alt.Scale(domain=[-6, 6], range=SIGNED, clamp=True)
            if name == "part"
            else alt.Scale(domain=[-10, 0], scheme=AMOUNTS, clamp=True)
        )
        maps.append(
            alt.Chart(table, title=titles[name])
            .mark_rect()
            .encode(
                x=alt.X("position:O", title=_("position"), axis=alt.Axis(labelOverlap=True)),
                y=alt.Y("draft:O", title=_("draft"), sort=order),
                color=alt.Color(f"{name}:Q", scale=scale, title=None),
            )
            .properties(width=720, height=14 * len(order))
        )
    return alt.vconcat(*maps).resolve_scale(color="independent").configure(background=palette.paper, font="sans-serif")
