"""What quality costs: a dot a setting. The picture is kept and its rows are put in, since drawing it takes longer than
asking the store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import pandas as pd

from edlm_core.catalogue import BASELINE, PLAIN, SAMPLERS

from ..app.i18n import gettext as _
from ..app.i18n import language
from ..app.theme import Palette
from ..widgets.frame import Spec, as_spec, filled, framed, moving

SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross"]
EVERYTHING = 500  # settings of which a dot says all that it knows
SAID_BY_FEW = ("text", "command", "weights", "device", "dtype", "threads", "processor", "date", "cost", "entropy")


def frontier_chart(
    table: pd.DataFrame, x: str, title: str, judge: str, palette: Palette, real: float | None = None
) -> Spec:
    """`x`: cost or entropy, a column of the table; `real`: the NLL of real text, where it is known. A click on a dot is
    the selection `dot`, of cells."""
    samplers = tuple(table.sampler.unique())
    labels = {name: _(SAMPLERS[name].label) for name in samplers}
    ar = table.loc[table.sampler == BASELINE.name, ["nll"]].head(1)
    dots = _sent(table.assign(label=table.sampler.map(labels), line=pd.factorize(table.line)[0]), x)
    spec = _picture(samplers, x, title, judge, palette, tuple(dots), language())
    lines = [{"nll": real}] if real is not None else []
    return filled(spec, dots=dots, baseline=ar, real=lines)


@lru_cache(maxsize=64)
def _picture(
    samplers: tuple[str, ...], x: str, title: str, judge: str, palette: Palette, columns: tuple[str, ...], _lang: str
) -> Spec:
    domain = [_(SAMPLERS[name].label) for name in samplers]
    colours = alt.Scale(domain=domain, range=_colours(samplers, palette))
    kind = alt.Scale(type="log", nice=False, padding=24) if x == "cost" else alt.Scale(zero=False, padding=24)
    xs, ys = (
        alt.X(f"{x}:Q", title=title, scale=kind),
        alt.Y("nll:Q", title=judge, scale=alt.Scale(zero=False, padding=16)),
    )
    legend = alt.Legend(title=None, columns=2, labelLimit=200, symbolOpacity=1)
    colour = alt.Color("label:N", scale=colours, legend=legend)
    shape = alt.Shape("label:N", scale=alt.Scale(domain=domain, range=SHAPES[: len(domain)]), legend=legend)
    faint = alt.condition("datum.dominated", alt.value(0.35), alt.value(1)) if x == "cost" else alt.value(1)
    base = alt.Chart(moving("dots")).encode(color=colour)
    level = alt.Y("nll:Q")
    pick = alt.selection_point(name="dot", fields=["cell"], on="click", empty=False)
    ar, real = (alt.Chart(moving(name)).encode(y=level) for name in ("baseline", "real"))
    layers = [
        ar.mark_rule(color=palette.ink, strokeDash=[6, 4], opacity=0.6),
        real.mark_rule(color=palette.accent, strokeDash=[2, 4], opacity=0.9),
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
            tooltip=[tip for tip in _tips(title if x == "cost" else None) if tip.shorthand[:-2] in columns],
        )
        .add_params(pick),
    ]
    return as_spec(framed(alt.layer(*layers), palette, 380))


def _sent(table: pd.DataFrame, x: str) -> pd.DataFrame:
    """What the browser is sent of the table: everything that a dot says, or of thousands what tells them apart."""
    other = "entropy" if x == "cost" else "cost"
    table = table.drop(columns=["sampler", "price", "missing", f"{other}_low", f"{other}_high"])
    if len(table) <= EVERYTHING:
        return table
    return table[[name for name in table if name == x or name not in SAID_BY_FEW]]


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
