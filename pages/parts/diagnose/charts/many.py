"""Averages over many runs, with intervals; and what is lost by drawing together."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from edlm_core.diagnosis.together import Metered
from edlm_core.measure.measures import Measures
from edlm_core.measure.over_time import PLACES, TIMES, changed_over_time, changed_where, ess_over_time
from edlm_core.measure.paired import mean_interval

from ...app.i18n import gettext as _
from ...app.theme import AMOUNTS, Palette
from ...widgets.frame import framed, time_axis


def over_time_table(values: Sequence[float], samples: Sequence[Measures]) -> pd.DataFrame:
    """A row a value of the setting, measure and bin of t."""
    return pd.DataFrame(
        [
            {
                "value": value,
                "measure": name,
                "t": t,
                "mean": mean,
                "low": mean - half,
                "high": mean + half,
                "runs": runs,
            }
            for value, sample in zip(values, samples, strict=False)
            for name, over_time in (("changed", changed_over_time), ("ess", ess_over_time))
            for t, mean, half, runs in over_time(sample)
        ]
    ).round(4)


def over_time_chart(table: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """One of the small multiples: both measures of one value over t."""
    names = {"changed": _("words changed"), "ess": _("ESS / K")}
    table = table.assign(measure=table.measure.map(names))
    colour = alt.Color(
        "measure:N", title=None, scale=alt.Scale(domain=list(names.values()), range=[palette.accent, palette.energy])
    )
    base = alt.Chart(table).encode(x=time_axis(_("time t")), color=colour)
    share = alt.Scale(domain=[0, 1])
    band = base.mark_area(opacity=0.22, line=False).encode(y=alt.Y("low:Q", scale=share, title=None), y2="high:Q")
    line = base.mark_line(point=True).encode(
        y=alt.Y("mean:Q", scale=share, title=None, axis=alt.Axis(format="%")),
        tooltip=[
            alt.Tooltip("measure:N", title=_("measure")),
            alt.Tooltip("t:Q", title=_("time t"), format=".2f"),
            alt.Tooltip("mean:Q", title=_("mean"), format=".1%"),
            alt.Tooltip("low:Q", title=_("95% from"), format=".1%"),
            alt.Tooltip("high:Q", title=_("to"), format=".1%"),
            alt.Tooltip("runs:Q", title=_("runs")),
        ],
    )
    return framed(alt.layer(band, line), palette, 210)


def where_table(value: float, sample: Measures) -> pd.DataFrame:
    """A row a bin of t and of the position."""
    length = sample.request.config.length
    return pd.DataFrame(
        [
            {
                "value": value,
                "t": (b + 0.5) / TIMES,
                "from": c * length // PLACES + 1,
                "to": (c + 1) * length // PLACES,
                "changed": mean,
                "half": half,
                "runs": runs,
            }
            for b, c, mean, half, runs in changed_where(sample)
        ]
    ).round(4)


def where_chart(table: pd.DataFrame, palette: Palette) -> alt.Chart:
    chart = (
        alt.Chart(table)
        .mark_rect()
        .encode(
            x=alt.X("from:O", title=_("position, from"), axis=alt.Axis(labelAngle=0, grid=False)),
            y=alt.Y("t:O", title=_("time t"), sort="descending", axis=alt.Axis(format=".2f", grid=False)),
            color=alt.Color(
                "changed:Q",
                title=_("share of words changed"),
                scale=alt.Scale(scheme=AMOUNTS, domainMin=0),
                legend=alt.Legend(format="%", gradientLength=160),
            ),
            tooltip=[
                alt.Tooltip("t:O", title=_("time t"), format=".2f"),
                alt.Tooltip("from:O", title=_("position, from")),
                alt.Tooltip("to:O", title=_("to")),
                alt.Tooltip("changed:Q", title=_("share of words changed"), format=".1%"),
                alt.Tooltip("half:Q", title="±", format=".1%"),
                alt.Tooltip("runs:Q", title=_("runs")),
            ],
        )
    )
    return framed(chart, palette, 270)


def outcome_table(values: Sequence[float], samples: Sequence[Measures], judge: str) -> pd.DataFrame:
    """A row a value and measure: mean and 95% interval over the runs."""
    rows = []
    for value, sample in zip(values, samples, strict=False):
        for name, numbers in (("judge_nll", sample.judge_nll[judge]), ("entropy", sample.entropy)):
            mean, half = mean_interval(numbers)
            rows.append(
                {
                    "value": value,
                    "measure": name,
                    "mean": mean,
                    "low": mean - half,
                    "high": mean + half,
                    "runs": len(numbers),
                }
            )
    return pd.DataFrame(rows).round(4)


def outcome_chart(table: pd.DataFrame, knob: str, title: str, palette: Palette) -> alt.LayerChart:
    """Dots with intervals over the values of the setting: one measure."""
    base = alt.Chart(table).encode(x=alt.X("value:O", title=knob, axis=alt.Axis(labelAngle=0, grid=False)))
    scale = alt.Scale(zero=False, padding=12)
    rule = base.mark_rule(color=palette.accent, strokeWidth=2).encode(
        y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q"
    )
    dots = base.mark_circle(color=palette.accent, size=80, opacity=1).encode(
        y=alt.Y("mean:Q", title=title, scale=scale),
        tooltip=[
            alt.Tooltip("value:O", title=knob),
            alt.Tooltip("mean:Q", title=_("mean"), format=".3f"),
            alt.Tooltip("low:Q", title=_("95% from"), format=".3f"),
            alt.Tooltip("high:Q", title=_("to"), format=".3f"),
            alt.Tooltip("runs:Q", title=_("runs")),
        ],
    )
    return framed(alt.layer(rule, dots), palette, 220)


def meter_table(found: Sequence[Metered]) -> pd.DataFrame:
    """A row a step of every run."""
    return pd.DataFrame(
        [
            {
                "T": one.num_steps,
                "step": step + 1,
                "t": t,
                "revealed": each.revealed,
                "nats": each.correlation,
                "mass": each.mass,
                "seed": one.seed,
            }
            for one in found
            for step, t, each in one.steps
        ]
    ).round(4)


def meter_totals(found: Sequence[Metered]) -> pd.DataFrame:
    """A row a T: the mean over the runs of the sum over a run, with its 95% interval."""
    rows = []
    for T in sorted({one.num_steps for one in found}):
        totals = [one.total for one in found if one.num_steps == T]
        mean, half = mean_interval(totals)
        half = 0.0 if len(totals) < 2 else half  # no interval from one run: a bare dot
        rows.append({"value": T, "mean": mean, "low": mean - half, "high": mean + half, "runs": len(totals)})
    return pd.DataFrame(rows).round(4)


def meter_chart(table: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    """The dependence within each step, a line a T, of the first seed."""
    order = sorted(table["T"].unique().tolist())
    table = table[table.seed == table.seed.min()]
    # Colour, dash and shape alike, so that two neighbours are told apart by more than a shade.
    legend = alt.Legend(symbolType="stroke")
    dashes = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]
    shapes = ["circle", "square", "triangle-up", "diamond"]
    base = alt.Chart(table).encode(
        x=time_axis(_("time t: 1 all masked, 0 finished")),
        y=alt.Y("nats:Q", title=_("dependence (nats)")),
        color=alt.Color(
            "T:O",
            title="T",
            sort=order,
            scale=alt.Scale(domain=order, range=[palette.energy, palette.accent, palette.ink, palette.alone]),
        ),
    )
    lines = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash("T:O", title="T", legend=legend, scale=alt.Scale(domain=order, range=dashes))
    )
    dots = base.mark_point(size=60, filled=True, opacity=1).encode(
        shape=alt.Shape("T:O", title="T", scale=alt.Scale(domain=order, range=shapes)),
        tooltip=[
            alt.Tooltip("T:O", title=_("steps T")),
            alt.Tooltip("step:O", title=_("step")),
            alt.Tooltip("revealed:Q", title=_("words revealed")),
            alt.Tooltip("nats:Q", title=_("dependence (nats)"), format=".2f"),
            alt.Tooltip("mass:Q", title=_("share of pθ looked at"), format=".0%"),
        ],
    )
    return framed(alt.layer(lines, dots), palette, 270)
