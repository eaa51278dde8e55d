"""ESS, largest weight, sd(log w) and flips over the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import altair as alt
import pandas as pd

from edlm_core.diagnosis.trust import BEST_ESS, FLAT_SHARE, StepTrust

from ...app.i18n import gettext as _
from ...app.theme import Palette
from ...widgets.frame import framed, moving, time_axis


def trust_table(steps: Sequence[StepTrust]) -> pd.DataFrame:
    table = pd.DataFrame([asdict(step) | {"verdict": step.verdict, "flipped": step.flipped} for step in steps])
    return table.assign(number=table.step + 1)


def ess_chart(steps: Sequence[StepTrust], palette: Palette) -> alt.LayerChart:
    """One dot a step, filled where the choice changed a word; a click picks the step `number`. `here`:
    the time t that is looked at."""
    table = trust_table(steps)
    K = int(table.K.max())
    zones = pd.DataFrame(
        {
            "low": [1.0, FLAT_SHARE * K],
            "high": [BEST_ESS, float(K)],
            "zone": [_("one draft decides"), _("close to a blind draw")],
        }
    )
    bands = (
        alt.Chart(zones)
        .mark_rect(opacity=0.28)
        .encode(
            y=alt.Y("low:Q"),
            y2="high:Q",
            color=alt.Color(
                "zone:N",
                title=None,
                scale=alt.Scale(domain=zones.zone.tolist(), range=[palette.energy, palette.alone]),
                legend=alt.Legend(symbolType="square", labelLimit=300, columns=2),
            ),
        )
    )
    return framed(_layers(bands, table, "ess", _("ESS"), palette, [1, K], log=True), palette, 130)


def largest_chart(steps: Sequence[StepTrust], palette: Palette) -> alt.LayerChart:
    return framed(_layers(None, trust_table(steps), "largest", _("largest weight"), palette, [0, 1]), palette, 170)


def changed_chart(steps: Sequence[StepTrust], palette: Palette) -> alt.LayerChart:
    """Of the words written so far, the share that the first draft would have had otherwise, and what it would be for
    a blind choice among the drafts. `here`: the time t that is looked at."""
    table = trust_table(steps)
    sofar = table[["written", "changed", "blind"]].cumsum()
    names = {"changed": _("in this run"), "blind": _("by a blind choice")}
    rates = pd.concat(
        [
            table[["t", "number"]].assign(kind=name, rate=sofar[column] / sofar.written.clip(lower=1))
            for column, name in names.items()
        ]
    )
    kinds = list(names.values())
    legend = alt.Legend(symbolType="stroke")
    lines = (
        alt.Chart(rates)
        .mark_line(strokeWidth=1.5)
        .encode(
            x=time_axis(_("time t: 1 all masked, 0 finished")),
            y=alt.Y(
                "rate:Q",
                title=_("share of the words so far"),
                scale=alt.Scale(domain=[0, 1], nice=False),
                axis=alt.Axis(tickCount=4, format="%"),
            ),
            color=alt.Color(
                "kind:N",
                title=None,
                legend=legend,
                scale=alt.Scale(domain=kinds, range=[palette.accent, palette.quiet]),
            ),
            strokeDash=alt.StrokeDash(
                "kind:N", title=None, legend=legend, scale=alt.Scale(domain=kinds, range=[[1, 0], [4, 3]])
            ),
            tooltip=[
                alt.Tooltip("number:Q", title=_("step")),
                alt.Tooltip("kind:N", title=_("choice")),
                alt.Tooltip("rate:Q", title=_("share of the words so far"), format=".0%"),
            ],
        )
    )
    return framed(alt.layer(_looked_at(palette), lines), palette, 190)


def sd_chart(steps: Sequence[StepTrust], palette: Palette, window: tuple[float, float]) -> alt.LayerChart:
    """With the times at which the energy acts as a band that can be dragged: the selection `window`."""
    table = trust_table(steps)
    brush = alt.selection_interval(
        name="window",
        encodings=["x"],
        value={"x": list(window)},
        mark=alt.BrushConfig(fill=palette.accent, fillOpacity=0.14, stroke=palette.accent),
    )
    top = float(table.sd.max()) if table.sd.notna().any() else 1.0
    line = _line(table, "sd", _("sd of log w (nats)"), palette, [0, top * 1.05])
    return framed(alt.layer(line, line.mark_circle(size=45).add_params(brush)), palette, 170)


def _layers(
    below: alt.Chart | None,
    table: pd.DataFrame,
    name: str,
    title: str,
    palette: Palette,
    domain: list[float],
    log: bool = False,
) -> alt.LayerChart:
    line = _line(table, name, title, palette, domain, log)
    pick = alt.selection_point(name="step", fields=["number"], on="click", nearest=True, empty=False)
    dots = (
        line.mark_point(size=70, strokeWidth=1.5)
        .encode(
            fill=alt.condition("datum.flipped", alt.value(palette.accent), alt.value(palette.paper)),
            tooltip=[
                alt.Tooltip("number:Q", title=_("step")),
                alt.Tooltip("t:Q", title=_("time t"), format=".2f"),
                alt.Tooltip("ess:Q", title=_("ESS"), format=".2f"),
                alt.Tooltip("K:Q", title=_("drafts K")),
                alt.Tooltip("largest:Q", title=_("largest weight"), format=".2f"),
                alt.Tooltip("sd:Q", title=_("sd of log w (nats)"), format=".1f"),
                alt.Tooltip("flipped:N", title=_("a word changed")),
            ],
        )
        .add_params(pick)
    )
    return alt.layer(*([below] if below is not None else []), _looked_at(palette), line, dots)


def _looked_at(palette: Palette) -> alt.Chart:
    return alt.Chart(moving("here")).mark_rule(color=palette.ink, strokeDash=[4, 3]).encode(x="t:Q")


def _line(
    table: pd.DataFrame, name: str, title: str, palette: Palette, domain: list[float], log: bool = False
) -> alt.Chart:
    scale = alt.Scale(domain=domain, type="log" if log else "linear", nice=False)
    axis = alt.Axis(
        tickCount=4, values=[v for v in (1, 2, 4, 8, 16, 32, 64) if v <= domain[1]] if log else alt.Undefined
    )
    return (
        alt.Chart(table)
        .mark_line(color=palette.accent, strokeWidth=1.2)
        .encode(
            x=time_axis(_("time t: 1 all masked, 0 finished")),
            y=alt.Y(f"{name}:Q", title=title, scale=scale, axis=axis),
            color=alt.value(palette.accent),
        )
    )
