"""Is it so on average? Many seeds, one setting varied, on this run's prompt or on a list of one's own."""

from __future__ import annotations

import streamlit as st

from edlm_core.config import Request
from edlm_core.refusals import Refusal
from edlm_core.work.tasks import RunSweep

from ...app import cache
from ...app.i18n import gettext as _
from ...app.i18n import in_words
from ...app.links import SETTINGS
from ...widgets import questions
from .. import averages
from ..view import View
from . import coherence, measured
from .cost import cost, seconds_of

state = st.session_state
MOST_PROMPTS = 16


def show(view: View) -> None:
    request = view.request
    if request is None:
        st.info(_("The model that wrote this run is not here, so no more runs can be made."), icon=":material/info:")
    else:
        _seeds(view, request)
        coherence.show(view, request)
    linked(view)


def _seeds(view: View, request: Request) -> None:
    st.markdown("## " + _("Is it so on average?"))
    knob, seeds, prompts = _choices(request)
    if prompts is None:
        return
    task = averages.sweep(view, request, knob, int(seeds), prompts)
    expected = seconds_of(task.requests, cache.local(view.run.model.name).rates)
    key = averages.key(view, knob, int(seeds), prompts)
    questions.button(
        averages.sweep_label(task),
        key,
        run=view.run,
        task=lambda: task,
        help=_("Seeds {first} and up, eight side by side.").format(first=request.config.seed),
        seconds=expected,
        outlives=True,
    )
    st.caption(cost(expected))
    samples = questions.answer(key)
    if samples:
        measured.show(task, samples, view.palette)
        if not questions.is_open(key):
            measured.remember(task)


def _choices(request: Request) -> tuple[str, int, list[str] | None]:
    """What is varied, on how many texts each, and on which prompts: none is the run's own, None a list that can't
    be."""
    names = measured.knob_names()
    one, two = st.columns([3, 2])
    state.w_knob = state.setdefault("d_knob", "num_candidates")
    state.w_seeds = state.setdefault("d_seeds", averages.SEEDS[0])
    knob = one.segmented_control(
        _("Vary one setting, all else as in this run"),
        list(names),
        key="w_knob",
        required=True,
        format_func=names.__getitem__,
        on_change=lambda: state.update(d_knob=state.w_knob),
    )
    seeds = two.segmented_control(
        _("Texts for each value and prompt"),
        averages.SEEDS,
        key="w_seeds",
        required=True,
        on_change=lambda: state.update(d_seeds=state.w_seeds),
        help=_("Few texts are quick and leave wide intervals: enough to see a large effect, or that there is none."),
    )
    state.w_prompts = state.setdefault("d_prompts", "")
    st.text_area(
        _("Prompts of your own, one a line; none: as in this run"),
        key="w_prompts",
        height=80,
        on_change=lambda: state.update(d_prompts=state.w_prompts),
        placeholder=_("The dog was very"),
    )
    try:
        return knob, seeds, prompts_of(state.d_prompts, request)
    except Refusal as refusal:
        st.error(in_words(refusal), icon=":material/error:")
        return knob, seeds, None


def prompts_of(text: str, request: Request) -> list[str]:
    """The lines that say something, each once. Raises Refusal where one is too long for the text, or there are too
    many."""
    prompts = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(prompts) > MOST_PROMPTS:
        raise Refusal("prompts-many", most=MOST_PROMPTS, got=len(prompts))
    for n, prompt in enumerate(prompts, 1):
        try:
            SETTINGS["prompt"].check_page(prompt)
            if len(prompt.split()) >= request.config.length:  # a word is a token or more
                raise Refusal("prompt-tokens", length=request.config.length, got=len(prompt.split()))
        except Refusal as refusal:
            raise Refusal("prompts-line", line=n, problem=refusal) from None
    return prompts


def linked(view: View) -> None:
    """The measurement that the address names, unless it stands on the page already."""
    name = state.get("d_measured")
    if name is None or name in state.measured:
        return
    st.markdown("## " + _("A measurement from this address"))
    try:
        ledger = cache.detached().ledger
        found = ledger.result(name)
        if found is None:
            raise Refusal("measurement-gone", name=name[:12])
        task = ledger.task(name)
    except Refusal as refusal:
        st.error(in_words(refusal), icon=":material/error:")
        return
    st.caption(measured.described(task))
    if isinstance(task, RunSweep):
        measured.show(task, found, view.palette)
    else:
        coherence.show_found(found, view.palette)
