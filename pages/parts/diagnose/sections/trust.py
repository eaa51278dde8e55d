"""Can the weights be trusted, and what would make them better?"""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import numpy as np
import streamlit as st

from edlm_core.diagnosis.trust import Advice, StepTrust, advise, badges, trust_of
from edlm_core.work.tasks import CheckSign

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number, percent, shortest
from ...app.links import Settings
from ...app.theme import Palette
from ...app.visit import press_run
from ...widgets import questions
from ...widgets.figure import SIDE, figure, picked
from ...widgets.frame import Spec, filled
from ..charts.trust import changed_chart, ess_chart, largest_chart, sd_chart, trust_table
from ..view import View, drawn, remembered, select

state = st.session_state


def navigator(view: View) -> None:
    """ESS over the steps: the page's map."""
    steps, _advice, _badges = summary(view)

    def jump() -> None:
        for point in picked("ess", "step"):
            numbers = [pool.step + 1 for pool in view.pools]
            select(step=numbers.index(int(point["number"])))

    flips = sum(step.flipped for step in steps)
    reading = ngettext(
        "Effective sample size of K = {K} drafts: at 1 the best draft decides alone, at {K} the draw is blind. "
        "Filled dots: the first draft would have written another word ({flips} of {steps} step). Click a dot to go "
        "there.",
        "Effective sample size of K = {K} drafts: at 1 the best draft decides alone, at {K} the draw is blind. "
        "Filled dots: the first draft would have written another word ({flips} of {steps} steps). Click a dot to go "
        "there.",
        len(steps),
    ).format(K=max(step.K for step in steps), flips=flips, steps=len(steps))
    now = _("Step {n} has {ess}.").format(
        n=view.pool.step + 1,
        ess=next((number(step.ess, 2) for step in steps if step.step == view.pool.step), "–"),
    )
    figure(
        "ess",
        _("How many drafts really had a say at each step?"),
        _over_steps("ess", ess_chart, view),
        trust_table(steps),
        reading,
        now=now,
        on_select=jump,
    )


def _over_steps(name: str, chart: Callable[[list[StepTrust], Palette], alt.LayerChart], view: View) -> Spec:
    """A chart of all steps with the one looked at marked: made once, then only the mark moves."""
    steps, _advice, _badges = summary(view)
    key = (view.id, view.lane_index, len(view.pools))
    return filled(drawn(name, key, view, lambda: chart(steps, view.palette)), here=[{"t": view.pool.t}])


def advice_line(view: View, advice: Advice) -> None:
    """One sentence, and the button that does what it says."""
    text, button = st.columns(SIDE, vertical_alignment="center")
    text.markdown(_sentence(advice))
    settings = view.settings
    if advice.setting is None or settings is None:
        return
    changed = _apply(settings, advice)
    button.button(
        _("Run with that"),
        key="apply_advice",
        icon=":material/play_arrow:",
        width="stretch",
        on_click=lambda: press_run(changed),
        help=_("The same seed and prompt with this one setting changed."),
    )


def _apply(settings: Settings, advice: Advice) -> Settings:
    match advice.setting:
        case "high":
            high = float(advice.value)
            return settings.set(window=(min(settings.config.window[0], high), high))
        case "num_candidates":
            return settings.set(num_candidates=int(advice.value))
    return settings.set(energy_temperature=float(advice.value))


def _sentence(advice: Advice) -> str:
    values = {
        "share": percent(advice.share),
        "value": shortest(advice.value),
        "ess": number(advice.ess, 1),
        "then": number(advice.ess_then, 1),
        "K": advice.drafts,
        "gain": number(advice.gain, 1),
    }
    sentences = {
        "no_choice": _("There was nothing to choose from at any step: raise **Drafts per step K** above 1."),
        "works": _(
            "Several drafts have a say at {share} of the steps (median ESS {ess} of {K}): nothing needs changing."
        ),
        "flat": _("The energy makes **no difference** at {share} of the steps (median ESS {ess} of {K})."),
        "best": _(
            "At {share} of the steps **the best of {K} drafts wins** by far (median ESS {ess}). The choice is the "
            "energy's; chance is only which drafts came up: of half as many, the best is {gain} nats worse."
        ),
        "best_early": _(
            "At {share} of the steps, the early ones, **the best of {K} drafts wins** by far (median ESS {ess}), "
            "judged by words of which most are drawn again."
        ),
    }
    hotter = _(
        "Energy temperature {value} would give more of these drafts a say (median ESS {then}), and the energy less."
    )
    colder = _("Energy temperature {value} would give it a say (median ESS {then}).")
    then = {
        "num_candidates": _("More drafts would find a better one still: try **K = {value}**."),
        "energy_temperature": colder if advice.finding == "flat" else hotter,
        "high": _("With the energy acting only below t = {value}, the median ESS of its steps is {then}."),
    }
    said = [sentences[advice.finding], then.get(advice.setting, "")]
    return " ".join(sentence.format(**values) for sentence in said if sentence)


def badge_row(view: View, shown: list[str]) -> None:
    """What is wrong with the weights as a whole; nothing where nothing is."""
    names = {
        "flat": _("**Flat weights:** no step's choice differs from a blind draw: the energy says nothing here."),
        "not_finite": _("**Not finite:** some energies are infinite or no number: those drafts are forbidden."),
    }
    for name in shown:
        st.warning(names[name], icon=":material/warning:")
    sign = questions.answer(("sign", view.id))
    if sign is not None and not sign.separates:
        st.warning(
            _(
                "**Sign in doubt:** only {higher} of {of} scrambles of this text have a higher energy than the text."
            ).format(higher=sign.higher, of=sign.of),
            icon=":material/warning:",
        )


def show(view: View) -> None:
    """The other measures, and the window of the energy."""
    steps, _advice, _badges = summary(view)
    low, high = view.run.config.window
    sd = np.array([step.sd for step in steps])
    window = state.setdefault("d_window", (low, high))

    def drag() -> None:
        event = state.get("chart_sd")
        ends = event.selection.get("window", {}).get("t") if event else None
        if ends:
            state.d_window = tuple(sorted(round(min(1.0, max(0.0, float(end))), 2) for end in ends))

    reading = _(
        "Standard deviation of log w in nats, median {sd}. Above about 2 one of so few drafts takes nearly all the "
        "weight; near 0 the energy makes no difference. The band is where the energy acts: drag it, draw a new one "
        "after a double click, or use the slider."
    ).format(sd=number(np.nanmedian(sd), 1))
    figure(
        "sd",
        _("How far apart does the energy put the drafts?"),
        sd_chart(steps, view.palette, window),
        trust_table(steps),
        reading,
        on_select=drag,
    )
    slide, run = st.columns(SIDE, vertical_alignment="bottom")
    state.w_window = window
    slide.slider(
        _("The energy acts at times t"),
        0.0,
        1.0,
        key="w_window",
        step=0.01,
        on_change=lambda: state.update(d_window=state.w_window),
    )
    if view.settings is not None:
        changed = view.settings.set(window=window)
        run.button(
            _("Run with that"),
            key="run_window",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=window == (low, high),
            on_click=lambda: press_run(changed),
        )
    figure(
        "largest",
        _("Does one draft take it all?"),
        _over_steps("largest", largest_chart, view),
        trust_table(steps),
        _("Weight of the heaviest draft, 0 to 1, median {largest}. Near 1 it is simply the best of K.").format(
            largest=number(np.median([s.largest for s in steps]), 2)
        ),
    )
    figure(
        "changed",
        _("How many words did the choice change?"),
        _over_steps("changed", changed_chart, view),
        trust_table(steps),
        _(
            "Of the words written so far, the share that the first draft would not have had. "
            "Near the dashed line the energy changes no more than a blind choice among the drafts does."
        ),
    )
    _sign(view)


def _sign(view: View) -> None:
    """Does the energy tell the text from its own words in disorder?"""
    if view.request is None:
        return
    st.markdown("## " + _("Does the energy know text from disorder?"))
    questions.button(
        _("Check the sign"),
        ("sign", view.id),
        lambda: CheckSign(view.place(len(view.pools) - 1)),
        run=view.run,
        help=_("Shuffles the words of the finished text and asks whether the energy rises."),
    )
    sign = questions.answer(("sign", view.id))
    if sign is not None and sign.separates:
        known = _(
            "{higher} of {of} scrambles of this text have a higher energy than the text, as they should: it knows "
            "text from disorder, whether or not one draft decides at each step."
        )
        st.caption(known.format(higher=sign.higher, of=sign.of))


def summary(view: View) -> tuple[list[StepTrust], Advice, list[str]]:
    """Of all steps: how far each can be trusted, what to change, the badges. The same at every step."""
    return remembered(
        "trust",
        (view.id, view.lane_index, len(view.pools)),
        lambda: (trust_of(view.pools), advise(view.pools), badges(view.pools)),
    )
