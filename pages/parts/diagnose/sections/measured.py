"""A sweep that was measured: what it says, from its task alone, so that an address can show it again anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from edlm_core.catalogue import JUDGES, self_judged
from edlm_core.config import Request
from edlm_core.measure.measures import Measures, joined
from edlm_core.measure.paired import paired_difference
from edlm_core.work.task import Task, task_id
from edlm_core.work.tasks import RunSweep

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, shortest, signed
from ...app.theme import Palette
from ...app.words import plain
from ...widgets.controls import sampler_in_full
from ...widgets.figure import SIDE, csv_button, figure
from ..averages import value_of
from ..charts.many import outcome_chart, outcome_table, over_time_chart, over_time_table, where_chart, where_table

state = st.session_state


def knob_names() -> dict[str, str]:
    return {
        "num_candidates": _("Drafts per step K"),
        "energy_temperature": _("Temperature of the energy"),
        "num_steps": _("Steps T"),
        "high": _("The energy acts below t"),
    }


def knob_of(requests: Sequence[Request]) -> str:
    """Which setting these differ in."""
    known = list(knob_names())
    return next((knob for knob in known if len({value_of(one, knob) for one in requests}) > 1), known[0])


def by_value(task: RunSweep, samples: Sequence[Measures]) -> dict[float, Measures]:
    """The texts of each value, of all its prompts together, as far as they have come."""
    knob, cells = knob_of(task.requests), {}
    for request, sample in zip(task.requests, samples, strict=False):
        cells.setdefault(value_of(request, knob), []).append(sample)
    return {value: joined(parts) for value, parts in cells.items()}


def begin() -> None:
    """Before the part of a page is drawn in which measurements stand."""
    state.measured = set()


# ── its address ──────────────────────────────────────────────────────────────────
def remember(task: Task) -> None:
    """From now on the address shows this measurement."""
    state.d_measured = task_id(task)
    st.caption(_("The address of this page shows these results again, here and in any other browser."))


def described(task: Task) -> str:
    """What was measured: the settings that all of its requests share."""
    request = task.requests[0]
    config = request.config
    prompts = list(dict.fromkeys(one.prompt or "" for one in task.requests))
    return _(
        "Model {model}, weights {weights}, sampler {sampler}, energy {energy}, T = {T}, K = {K}, L = {L}, seeds "
        "{first} and up, {prompts}."
    ).format(
        model=plain(task.model),
        weights=plain(task.weights),
        sampler=sampler_in_full(request.sampler),
        energy=plain(request.energy),
        T=config.num_steps,
        K=max(one.config.num_candidates for one in task.requests),
        L=config.length,
        first=config.seed,
        prompts=", ".join(f"“{plain(prompt)}”" for prompt in prompts if prompt) or _("no prompt"),
    )


# ── what it says ─────────────────────────────────────────────────────────────────
def show(task: RunSweep, samples: Sequence[Measures], palette: Palette) -> None:
    state.measured.add(task_id(task))
    knob, cells = knob_of(task.requests), by_value(task, samples)
    name, values, found = knob_names()[knob], tuple(cells), list(cells.values())
    _against_the_first(name, cells, task.judges[0])
    _outcome(values, found, name, task, palette)
    table = over_time_table(values, found)
    heading, save = st.columns(SIDE, vertical_alignment="center")
    heading.markdown("## " + _("When does the energy have a say?"))
    csv_button(save, "over-time", table)
    for column, value in zip(st.columns(2) * math.ceil(len(values) / 2), values, strict=False):
        runs = len(cells[value].texts)
        text = ngettext("**{name} = {value}**, {n} run", "**{name} = {value}**, {n} runs", runs)
        column.markdown(text.format(name=name, value=shortest(value), n=runs))
        column.altair_chart(
            over_time_chart(table[table.value == value], palette),
            theme=None,
            key=f"chart_time_{value}_{task_id(task)[:8]}",
            alt=_(
                "ESS / K and the share of words that the first draft would have had otherwise, over t, for {value}"
            ).format(value=shortest(value)),
        )
    st.caption(
        _(
            "Share of words that the first draft would have had otherwise, and ESS as a share of K; means over runs "
            "with 95% intervals. ESS / K near 1/K: the best draft decides alone. K = 1 has nothing to choose."
        )
    )
    shown = st.selectbox(
        _("Value"), values, key=f"w_where_{task_id(task)[:8]}", format_func=lambda v: f"{name} = {shortest(v)}"
    )
    where = where_table(shown, cells[shown])
    figure(
        "where",
        _("Where in time and text does the energy change words?"),
        where_chart(where, palette),
        where,
        ngettext(
            "Share of the words written there that the first draft would have written otherwise, of {n} run.",
            "Share of the words written there that the first draft would have written otherwise, mean over {n} runs; "
            "intervals in the tooltips and the CSV.",
            len(cells[shown].texts),
        ).format(n=len(cells[shown].texts)),
    )


def _against_the_first(name: str, cells: dict[float, Measures], judge: str) -> None:
    """The comparison that is asked for: the last value against the first, text by text."""
    values = list(cells)
    one, other = values[0], values[-1]
    first, last = cells[one], cells[other]
    if one == other or len(first.texts) != len(last.texts):
        return
    mean, half = paired_difference(last.judge_nll[judge], first.judge_nll[judge])
    st.markdown(
        ngettext(
            "**{name} = {other} against {one}**: judge NLL {mean} nats per token, {n} text each; below 0 is likelier.",
            "**{name} = {other} against {one}**: judge NLL {mean} nats per token ({low} to {high}), paired by seed, "
            "{n} texts each; below 0 is likelier.",
            len(last.texts),
        ).format(
            name=name,
            one=shortest(one),
            other=shortest(other),
            mean=signed(mean, 2),
            low=signed(mean - half, 2),
            high=signed(mean + half, 2),
            n=len(last.texts),
        )
    )


def _outcome(values: tuple[float, ...], samples: list[Measures], knob: str, task: RunSweep, palette: Palette) -> None:
    judge, request = task.judges[0], task.requests[0]
    table = outcome_table(values, samples, judge)
    flatters = self_judged(judge, request.sampler, request.energy)
    titles = {"judge_nll": _("judge NLL (nats per token)"), "entropy": _("entropy of the tokens (nats)")}
    questions_asked = {"judge_nll": _("Does the text get better?"), "entropy": _("And does it stay as varied?")}
    readings = {
        "judge_nll": _("Lower: likelier to {judge}. Bars: 95% intervals.").format(judge=_(JUDGES[judge].label)),
        "entropy": _("A lower NLL at a lower entropy can also mean dull. Bars: 95% intervals."),
    }
    notes = {"judge_nll": _("The judge is the energy itself: a self-judged number.")} if flatters else {}
    for column, name in zip(st.columns(2), titles, strict=True):
        with column:
            figure(
                name,
                questions_asked[name],
                outcome_chart(table[table.measure == name], knob, titles[name], palette),
                table[table.measure == name],
                readings[name],
                now=notes.get(name, ""),
                side=[2.2, 1],
            )
