"""Where the time goes: recorded once, or measured here at a press."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from edlm_core.catalogue import SAMPLERS
from edlm_core.measure.spent import Spent, Where, recorded_times
from edlm_core.refusals import Refusal
from edlm_core.work.tasks import TakeTimesApart

from ..app import cache
from ..app.i18n import gettext as _
from ..app.i18n import in_words, number, percent
from ..app.theme import Palette
from ..app.visit import Visit
from ..app.words import plain
from ..widgets.figure import figure, palette
from ..widgets.frame import framed
from . import asking
from .kept import kept
from .view import View

VARIED = {"length": "L", "steps": "T", "candidates": "K", "texts": "B"}  # a field of Spent, its letter


def show(visit: Visit, view: View | None) -> None:
    model = cache.model_names()[0]
    here: list[Spent] | None = asking.button(_("Measure it here"), "times", model, TakeTimesApart(model), visit)
    try:
        recorded = recorded_times()
    except Refusal as refusal:
        st.error(in_words(refusal), icon=":material/error:")
        return
    found: Sequence[Spent] = here or recorded.parts
    alone, growing = split(found)
    table = parts_table(alone)
    one = alone[0]
    setting = _("One text of {length} tokens, T = {steps}, K = {candidates}.").format(
        length=one.length,
        steps=max(p.steps for p in alone if SAMPLERS[p.sampler].keeps_timetable),
        candidates=max(p.candidates for p in alone),
    )
    figure(
        "parts",
        _("Where does the time of a text go?"),
        parts_chart(table, "sampler", "", palette()),
        table,
        f"{setting} {reading(alone)} {_measured_now() if here else where(recorded)}",
    )
    if growing:
        _growth(alone, growing)


def split(found: Sequence[Spent]) -> tuple[list[Spent], list[Spent]]:
    """The first of each sampler, which share a setting; and the others, of one sampler at other sizes."""
    first: dict[str, Spent] = {}
    for one in found:
        first.setdefault(one.sampler, one)
    return list(first.values()), [one for one in found if one is not first[one.sampler]]


def parts_table(found: Sequence[Spent], name: str = "sampler") -> pd.DataFrame:
    """A row a part of a run: seconds, and the share of the run that it is."""
    labels = part_labels()
    return pd.DataFrame(
        [
            {
                name: _(SAMPLERS[one.sampler].label) if name == "sampler" else getattr(one, name),
                "part": label,
                "order": n,
                "seconds": round(getattr(one, part), 5),
                "share": round(getattr(one, part) / one.seconds, 4),
            }
            for one in found
            for n, (part, label) in enumerate(labels.items())
        ]
    )


def part_labels() -> dict[str, str]:
    return {
        "denoiser": _("denoiser"),
        "energy": _("energy, or the autoregressive model"),
        "draws": _("draws"),
        "rest": _("the rest"),
    }


def parts_chart(table: pd.DataFrame, name: str, title: str, palette: Palette) -> alt.LayerChart:
    """Bars that lie where they are samplers, and stand where they are sizes."""
    seconds = {"title": _("seconds of processor time"), "stack": "zero"}
    colour = alt.Color(
        "part:N",
        sort=None,
        scale=alt.Scale(
            domain=list(part_labels().values()), range=[palette.alone, palette.energy, palette.accent, palette.line]
        ),
        legend=alt.Legend(title=None, columns=2, labelLimit=260),
    )
    tips = [
        alt.Tooltip(f"{name}:N", title=title or _("sampler")),
        alt.Tooltip("part:N", title=_("part")),
        alt.Tooltip("seconds:Q", title=_("seconds"), format=".3f"),
        alt.Tooltip("share:Q", title=_("share"), format=".1%"),
    ]
    bars = alt.Chart(table).mark_bar()
    if name == "sampler":
        axis = alt.Axis(title=None, labelLimit=180)
        bars = bars.encode(
            x=alt.X("seconds:Q", axis=alt.Axis(tickCount=8), **seconds), y=alt.Y("sampler:N", sort=None, axis=axis)
        )
    else:
        bars = bars.encode(
            x=alt.X(f"{name}:O", title=title, axis=alt.Axis(labelAngle=0)), y=alt.Y("seconds:Q", **seconds)
        )
    return framed(alt.layer(bars.encode(color=colour, order="order:Q", tooltip=tips)), palette, 260)


def reading(alone: Sequence[Spent]) -> str:
    """Of the sampler that asks an energy most plainly, else of the first."""
    one = next((p for p in alone if SAMPLERS[p.sampler].weighs_whole_drafts), alone[0])
    return _(
        "Of {sampler}'s {seconds} s the denoiser takes {denoiser}, the energy {energy}, the draws {draws}."
    ).format(
        sampler=plain(_(SAMPLERS[one.sampler].label)),
        seconds=number(one.seconds, 2),
        denoiser=percent(one.denoiser / one.seconds),
        energy=percent(one.energy / one.seconds),
        draws=percent(one.draws / one.seconds),
    )


def _growth(alone: Sequence[Spent], growing: Sequence[Spent]) -> None:
    base = next(one for one in alone if one.sampler == growing[0].sampler)
    names = {name: f"{letter}: {words}" for (name, letter), words in zip(VARIED.items(), _varied(), strict=True)}
    name = st.segmented_control(
        _("What grows"), list(names), format_func=names.__getitem__, required=True, **kept("growth", "candidates")
    )
    others = {field: getattr(base, field) for field in VARIED if field != name}
    series = [one for one in (base, *growing) if all(getattr(one, field) == v for field, v in others.items())]
    series.sort(key=lambda one: getattr(one, name))
    table = parts_table(series, name)
    first, last = series[0], series[-1]
    figure(
        "growth",
        _("How does it grow?"),
        parts_chart(table, name, names[name], palette()),
        table,
        _("{sampler}: {letter} from {low} to {high} takes {times} times as long.").format(
            sampler=plain(_(SAMPLERS[base.sampler].label)),
            letter=VARIED[name],
            low=number(getattr(first, name)),
            high=number(getattr(last, name)),
            times=number(last.seconds / first.seconds, 1),
        ),
    )


def _varied() -> list[str]:
    return [_("tokens"), _("steps"), _("drafts"), _("texts at once")]


def where(recorded: Where) -> str:
    """Where a figure comes from, for below it."""
    return _(
        "Recorded {date} on {processor}, threads: {threads}, {dtype}, load {load}; model {model}, weights {weights}."
    ).format(
        date=recorded.date,
        processor=plain(recorded.machine.processor),
        threads=recorded.machine.threads,
        dtype=recorded.dtype,
        load=number(recorded.machine.load, 1),
        model=plain(recorded.model),
        weights=recorded.fingerprint,
    )


def _measured_now() -> str:
    return _("Measured here and now, one run each.")
