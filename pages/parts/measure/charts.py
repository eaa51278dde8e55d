"""What quality costs: a dot a setting. And how far two settings lie apart, text by text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from edlm_core.catalogue import BASELINE, PLAIN, SAMPLERS, self_judged
from edlm_core.measure.command_line import sweep_command
from edlm_core.measure.frontier import dominated
from edlm_core.measure.opponents import heard

from ..app.i18n import gettext as _
from ..app.theme import Palette
from ..widgets.frame import framed
from .view import View, day

SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross"]
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


def frontier_chart(
    table: pd.DataFrame, x: str, title: str, judge: str, palette: Palette, real: float | None = None
) -> alt.LayerChart:
    """`x`: cost or entropy, a column of the table; `real`: the NLL of real text, where it is known. A click on a dot is
    the selection `dot`, of cells."""
    labels = {name: _(SAMPLERS[name].label) for name in table.sampler.unique()}
    table = table.assign(label=table.sampler.map(labels))
    domain = list(labels.values())
    colours = alt.Scale(domain=domain, range=_colours(list(labels), palette))
    kind = alt.Scale(type="log", nice=False, padding=24) if x == "cost" else alt.Scale(zero=False, padding=24)
    xs, ys = (
        alt.X(f"{x}:Q", title=title, scale=kind),
        alt.Y("nll:Q", title=judge, scale=alt.Scale(zero=False, padding=16)),
    )
    legend = alt.Legend(title=None, columns=2, labelLimit=200, symbolOpacity=1)
    colour = alt.Color("label:N", scale=colours, legend=legend)
    shape = alt.Shape("label:N", scale=alt.Scale(domain=domain, range=SHAPES[: len(domain)]), legend=legend)
    faint = alt.condition("datum.dominated", alt.value(0.35), alt.value(1)) if x == "cost" else alt.value(1)
    base = alt.Chart(table).encode(color=colour)
    layers: list[alt.Chart] = []
    ar = table[table.sampler == BASELINE.name].head(1)
    if len(ar):
        layers.append(
            alt.Chart(ar).mark_rule(color=palette.ink, strokeDash=[6, 4], opacity=0.6).encode(y=alt.Y("nll:Q"))
        )
    if real is not None:
        line = alt.Chart(pd.DataFrame({"nll": [real]}))
        layers.append(line.mark_rule(color=palette.accent, strokeDash=[2, 4], opacity=0.9).encode(y=alt.Y("nll:Q")))
    pick = alt.selection_point(name="dot", fields=["cell"], on="click", empty=False)
    layers += [
        base.mark_line(strokeWidth=1.5, opacity=0.5).encode(x=xs, y=ys, detail="line:N", order="num_steps:Q"),
        base.mark_rule(strokeWidth=1.5).encode(x=xs, y=alt.Y("nll_low:Q"), y2="nll_high:Q", opacity=faint),
        base.mark_rule(strokeWidth=1.5).encode(x=alt.X(f"{x}_low:Q"), x2=f"{x}_high:Q", y=ys, opacity=faint),
        base.mark_point(size=90, strokeWidth=1.8)
        .encode(
            x=xs,
            y=ys,
            shape=shape,
            fill=alt.Fill("label:N", scale=colours, legend=None),
            fillOpacity=alt.condition("datum.self_judged", alt.value(0), alt.value(1)),
            opacity=faint,
            tooltip=_tips(title if x == "cost" else None),
        )
        .add_params(pick),
    ]
    return framed(alt.layer(*layers), palette, 380)


def _tips(cost: str | None) -> list[alt.Tooltip]:
    """Everything that a figure needs to be believed."""
    numbers = {
        "nll": _("NLL, nats per token"),
        "nll_low": _("95% from"),
        "nll_high": _("to"),
        "entropy": _("entropy, nats"),
    }
    if cost is not None:
        numbers["cost"] = cost
    words = {
        "texts": _("texts"),
        "seeds": _("seeds"),
        "weights": _("weights"),
        "device": _("device"),
        "dtype": _("dtype"),
        "threads": _("threads"),
        "processor": _("processor"),
        "date": _("date"),
        "command": _("command"),
        "text": _("a text"),
    }
    return [
        alt.Tooltip("name:N", title=_("setting")),
        *(alt.Tooltip(f"{name}:Q", title=label, format=".3f") for name, label in numbers.items()),
        *(alt.Tooltip(f"{name}:N", title=label) for name, label in words.items()),
    ]


def _colours(samplers: Sequence[str], palette: Palette) -> list[str]:
    """The plain one and the baseline as everywhere; the correcting ones in turn, told apart by shape too."""
    known = {PLAIN.name: palette.alone, BASELINE.name: palette.ink}
    others = [name for name in samplers if name not in known]
    turns = [palette.energy, palette.accent, palette.quiet]
    return [known.get(name) or turns[others.index(name) % len(turns)] for name in samplers]


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
