"""The tables of both pictures: what quality costs, a row a setting; how far two settings lie apart, text by text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from edlm_core.catalogue import self_judged
from edlm_core.measure.command_line import sweep_command
from edlm_core.measure.frontier import dominated
from edlm_core.measure.opponents import heard

from ..app.i18n import gettext as _
from ..app.theme import Palette
from ..widgets.frame import framed
from .view import View, day

EXCERPT = 160  # characters of a text in a tooltip
BINS = 24


def settings_table(view: View) -> pd.DataFrame:
    """A row a setting: its name, figures with 95% intervals, and where they come from."""
    rows = [_row(view, cell) for cell in view.cells]
    beaten = dominated([(row["price"], row["nll"]) for row in rows])
    return pd.DataFrame([row | {"dominated": out} for row, out in zip(rows, beaten, strict=True)])


def _row(view: View, cell: str) -> dict[str, Any]:
    one, setting = view.cells[cell], view.setting(cell)
    row: dict[str, Any] = {"cell": cell, "name": view.names[cell], "sampler": setting["sampler"], "texts": one.texts}
    figures = {"nll": one.measured[view.measure], "cost": view.cost_of(cell), "entropy": one.measured["entropy"]}
    for name, (mean, half) in figures.items():
        half = 0.0 if math.isnan(half) else half  # of one text or batch: a bare dot
        row |= {name: round(mean, 5), f"{name}_low": round(mean - half, 5), f"{name}_high": round(mean + half, 5)}
    row["price"] = row["cost"]
    if view.cost == "speed":
        row |= {
            name: round(setting["length"] / row[name], 3) for name in ("cost", "cost_low", "cost_high") if row[name]
        }
    return row | {
        "missing": one.missing[view.measure],
        "self_judged": self_judged(view.judge, setting["sampler"], setting["energy"]),
        "seeds": f"{setting['seed']}–{one.setting.last}",
        "line": " ".join(str(setting[name]) for name in heard(setting["sampler"]) if name != "num_steps"),
        "num_steps": setting["num_steps"],
        "weights": setting["fingerprint"],
        "device": setting["device"],
        "dtype": setting["dtype"],
        "threads": setting["threads"],
        "processor": setting["processor"] or "",
        "date": day(setting["created"]),
        "command": sweep_command(setting, one.texts),
        "text": setting["text"][:EXCERPT],
    }


def histogram_table(differences: Sequence[float]) -> pd.DataFrame:
    """How many pairs in each bin of the difference; 0 is an edge, so that no bin holds wins and losses."""
    most = max(map(abs, differences), default=0.0) or 1.0
    counts, edges = np.histogram(differences, BINS, (-most, most))
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], "pairs": counts}).round(4)


def histogram_chart(table: pd.DataFrame, mean: float, palette: Palette) -> alt.LayerChart:
    x = alt.X("from:Q", bin="binned", title=_("difference in NLL, nats per token: below 0 the first reads better"))
    bars = (
        alt.Chart(table)
        .mark_bar(stroke=palette.paper)
        .encode(
            x=x,
            x2="to:Q",
            y=alt.Y("pairs:Q", title=_("pairs of texts"), axis=alt.Axis(format="d", tickMinStep=1)),
            color=alt.condition("datum.to <= 0", alt.value(palette.accent), alt.value(palette.alone)),
            tooltip=[
                alt.Tooltip("from:Q", title=_("from"), format=".2f"),
                alt.Tooltip("to:Q", title=_("to"), format=".2f"),
                alt.Tooltip("pairs:Q", title=_("pairs of texts")),
            ],
        )
    )
    rule = alt.Chart(pd.DataFrame({"mean": [mean]})).mark_rule(color=palette.energy, strokeWidth=2).encode(x="mean:Q")
    return framed(alt.layer(bars, rule), palette, 220)
