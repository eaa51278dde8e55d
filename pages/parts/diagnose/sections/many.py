"""Is it so on average? Many seeds, one setting varied; and what drawing together costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from edlm_core.catalogue import JUDGES, self_judged
from edlm_core.config import MAX_CANDIDATES, Request
from edlm_core.diagnosis.together import WORDS
from edlm_core.runs.costs import Rates, estimate_seconds
from edlm_core.work.tasks import MeterFactorisation, RunSweep

from ...app import cache
from ...app.i18n import gettext as _
from ...app.i18n import ngettext, percent, shortest, time_of
from ...widgets import questions
from ...widgets.figure import SIDE, csv_button, figure
from ..charts.many import (
    meter_chart,
    meter_table,
    meter_totals,
    outcome_chart,
    outcome_table,
    over_time_chart,
    over_time_table,
    where_chart,
    where_table,
)
from ..view import View

state = st.session_state
SEEDS = (32, 64, 128)
TOGETHER = 8  # side by side
METER_STEPS, METER_SEEDS = (4, 8, 16, 32), 3
# The values beside the run's own that one setting takes.
VALUES = {
    "num_candidates": (2, 4, 8, 16),
    "energy_temperature": (0.5, 1.0, 2.0, 4.0),
    "num_steps": (4, 8, 16, 32),
    "high": (0.25, 0.5, 0.75, 1.0),
}


def show(view: View) -> None:
    request = view.request
    if request is None:
        st.info(_("The model that wrote this run is not here, so no more runs can be made."), icon=":material/info:")
        return
    _seeds(view, request)
    _meter(view, request)


def _with(request: Request, knob: str, value: float, seeds: int) -> Request:
    config = replace(request.config, num_chains=seeds)
    if knob == "high":
        return replace(request, config=replace(config, window=(min(config.window[0], value), value)))
    return replace(request, config=replace(config, **{knob: value}))


def _seeds(view: View, request: Request) -> None:
    names = {
        "num_candidates": _("Drafts per step K"),
        "energy_temperature": _("Temperature of the energy"),
        "num_steps": _("Steps T"),
        "high": _("The energy acts below t"),
    }
    st.markdown("##### " + _("Is it so on average?"))
    one, two = st.columns([3, 2])
    state.w_knob, state.w_seeds = state.setdefault("d_knob", "num_candidates"), state.setdefault("d_seeds", SEEDS[0])
    knob = one.segmented_control(
        _("Vary one setting, all else as in this run"),
        list(names),
        key="w_knob",
        required=True,
        format_func=names.__getitem__,
        on_change=lambda: state.update(d_knob=state.w_knob),
    )
    seeds = two.segmented_control(
        _("Runs for each value"),
        SEEDS,
        key="w_seeds",
        required=True,
        on_change=lambda: state.update(d_seeds=state.w_seeds),
    )
    values = VALUES[knob]
    runs_asked = int(seeds) * len(values)
    requests = tuple(_with(request, knob, value, int(seeds)) for value in values)
    model = view.run.model
    local = cache.local(model.name)
    judge = next(name for name in JUDGES if name in local.judges())
    expected = _seconds(requests, local.rates) * int(seeds)
    key = ("many", knob, int(seeds), view.id, view.lane_index)
    questions.button(
        ngettext("Run {count} seed", "Run {count} seeds", runs_asked).format(count=runs_asked),
        key,
        run=view.run,
        task=lambda: RunSweep(model.name, model.fingerprint, requests, (judge,), TOGETHER),
        help=_("Seeds {first} and up, eight side by side.").format(first=request.config.seed),
        seconds=expected,
    )
    st.caption(_cost(expected))
    samples = questions.answer(key)
    if not samples:
        return
    table = over_time_table(values, samples)
    heading, save = st.columns(SIDE, vertical_alignment="center")
    heading.markdown("##### " + _("When does the energy have a say?"))
    csv_button(save, "over-time", table)
    for column, value in zip(st.columns(2) * 2, values[: len(samples)], strict=False):
        runs = len(samples[values.index(value)].texts)
        text = ngettext("**{name} = {value}**, {n} run", "**{name} = {value}**, {n} runs", runs)
        column.markdown(text.format(name=names[knob], value=shortest(value), n=runs))
        column.altair_chart(
            over_time_chart(table[table.value == value], view.palette),
            theme=None,
            key=f"chart_time_{value}",
            alt=_(
                "ESS / K and the share of words that the first draft would have had otherwise, over t, for {value}"
            ).format(value=shortest(value)),
        )
    st.caption(
        _(
            "Share of words that the first draft would have had otherwise, and ESS as a share of K; means over runs "
            "with 95 % intervals. ESS / K near 1/K: one draft decides."
        )
    )
    _outcome(view, values, samples, names[knob], judge, request)
    shown = st.selectbox(
        _("Value"), values[: len(samples)], key="w_where", format_func=lambda v: f"{names[knob]} = {shortest(v)}"
    )
    where = where_table(shown, samples[values.index(shown)])
    figure(
        "where",
        _("Where in time and text does the energy change words?"),
        where_chart(where, view.palette),
        where,
        _(
            "Share of the words written there that the first draft would have written otherwise, mean over {n} runs; "
            "intervals in the tooltips and the CSV."
        ).format(n=len(samples[values.index(shown)].texts)),
    )


def _outcome(view: View, values: tuple[float, ...], samples: list, knob: str, judge: str, request: Request) -> None:
    table = outcome_table(values, samples, judge)
    flatters = self_judged(judge, request.sampler, request.energy)
    titles = {"judge_nll": _("judge NLL (nats per token)"), "entropy": _("entropy of the tokens (nats)")}
    questions_asked = {"judge_nll": _("Does the text get better?"), "entropy": _("And does it stay as varied?")}
    readings = {
        "judge_nll": _("Lower: likelier to {judge}. Bars: 95 % intervals.").format(judge=_(JUDGES[judge].label)),
        "entropy": _("A lower NLL at a lower entropy can also mean dull. Bars: 95 % intervals."),
    }
    notes = {"judge_nll": _("The judge is the energy itself: a self-judged number.")} if flatters else {}
    for column, name in zip(st.columns(2), titles, strict=True):
        with column:
            figure(
                name,
                questions_asked[name],
                outcome_chart(table[table.measure == name], knob, titles[name], view.palette),
                table[table.measure == name],
                readings[name],
                now=notes.get(name, ""),
                side=[2.2, 1],
            )


def _cost(seconds: float) -> str:
    if seconds == math.inf:
        return _("What a run costs is known once the model has warmed up.")
    return _("About {time} on this machine; it can be stopped, and what is done stays.").format(time=time_of(seconds))


def _meter(view: View, request: Request) -> None:
    st.markdown("##### " + _("Why do few steps fail?"))
    st.caption(
        _("Words revealed at the same step are drawn without knowing of each other. How much would they have known?")
    )
    key = ("meter", view.id, view.lane_index)
    model = view.run.model
    questions.button(
        _("Measure at T = {values}").format(values=", ".join(map(str, METER_STEPS))),
        key,
        run=view.run,
        task=lambda: MeterFactorisation(model.name, model.fingerprint, request, METER_STEPS, METER_SEEDS),
        help=_("{n} runs at each T; every two neighbours that a step reveals together are asked about.").format(
            n=METER_SEEDS
        ),
        seconds=_meter_seconds(request, cache.local(model.name).rates),
    )
    found = questions.answer(key)
    if not found:
        return
    table, totals = meter_table(found), meter_totals(found)
    reading = _(
        "Mutual information of the neighbours among a step's words, summed, under the energy-corrected law with all "
        "else held as in the taken draft: what drawing them independently ignores. 0 where a step reveals one word. "
        "Over the {words} likeliest words of each place, which have {mass} of the probability: a low estimate of the "
        "total correlation."
    ).format(words=WORDS, mass=percent(table.mass[table.revealed > 1].mean()))
    figure(
        "meter",
        _("How much do the words revealed together depend on each other?"),
        meter_chart(table, view.palette),
        table,
        reading,
    )
    figure(
        "meter-total",
        _("What does a whole run lose, by its number of steps?"),
        outcome_chart(totals, _("steps T"), _("sum over the run (nats)"), view.palette),
        totals,
        _("The sum over a run, mean and 95 % interval of {n} runs.").format(n=int(totals.runs.min())),
    )


def _meter_seconds(request: Request, rates: Rates) -> float:
    """At T steps about L - T places have a neighbour revealed with them, and every pair of words of both is read."""
    config = request.config
    total = 0.0
    for T in METER_STEPS:
        pairs = max(1, (config.length - T) * WORDS**2 // T)  # a step
        drafts = replace(config, num_steps=T, num_candidates=min(MAX_CANDIDATES, pairs))
        written = replace(request, config=replace(config, num_steps=T))
        total += METER_SEEDS * _seconds([written, Request("edlm", request.energy, drafts)], rates)
    return total


def _seconds(requests: Sequence[Request], rates: Rates) -> float:
    """Of one text each; without end where nobody knows yet."""
    seconds = estimate_seconds(requests, rates)
    return math.inf if seconds is None else seconds
