"""What if the energy had been weighed otherwise, or another draft taken, or a word changed?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from edlm_core.catalogue import SAMPLERS
from edlm_core.diagnosis.reweighing import reweigh
from edlm_core.runs.run_file import Run
from edlm_core.work.tasks import TakeBranch

from ...app.i18n import gettext as _
from ...app.i18n import number
from ...app.links import SETTINGS
from ...app.shown import Shown
from ...app.visit import show as show_run
from ...app.words import quoted
from ...widgets import questions
from ...widgets.figure import figure
from ...widgets.stage import stage
from ..charts.weights import weights_chart, weights_table
from ..view import View
from .rival import draft_picker

state = st.session_state


def show(view: View) -> None:
    if len(view.pool.weight) < 2:
        st.info(_("Only one draft at this step: the energy does not act here."), icon=":material/info:")
        return
    if not SAMPLERS[view.lane.sampler].weighs_whole_drafts:
        st.caption(_("This lane's sampler does not choose by whole drafts' weights alone; here they are weighed so."))
    _weigh_again(view)
    _branch(view)


def _weigh_again(view: View) -> None:
    pool, K = view.pool, len(view.pool.weight)
    one, two = st.columns(2, gap="large")
    if state.get("what_if_of") != view.here:
        state.what_if_of = view.here
        least, most = SETTINGS["energy_temperature"].page
        state.d_temperature, state.d_drafts = min(most, max(least, pool.temperature)), K
    state.w_temperature, state.w_drafts = state.d_temperature, state.d_drafts

    def change() -> None:
        state.d_temperature, state.d_drafts = state.w_temperature, state.w_drafts

    described = SETTINGS["energy_temperature"]
    temperature = one.slider(
        _(described.label), *described.page, key="w_temperature", step=described.step, on_change=change
    )
    drafts = two.slider(_("Only the first drafts"), 1, K, key="w_drafts", on_change=change)
    found = reweigh(pool, view.run.config.seed, temperature, drafts)
    table = weights_table(pool.weight, found.weight)
    outcome = (
        _("The same draft would have been taken.")
        if found.chosen == pool.chosen
        else _("Draft {k} would have been taken instead.").format(k=found.chosen + 1)
    )
    figure(
        "weights",
        _("This step only: which draft would have won?"),
        weights_chart(table, view.palette),
        table,
        _(
            "ESS {before} in the run, {after} so. The run's own random number decides; what later steps would have "
            "made of it is not known."
        ).format(before=number(1 / np.square(pool.weight).sum(), 2), after=number(found.ess, 2)),
        now=outcome,
    )


def _branch(view: View) -> None:
    st.markdown("## " + _("Take another way from here"))
    if view.request is None or view.pool.parts is None:
        st.caption(_("Only a run of this release, whose model is here, can be branched: run it again first."))
        return
    draft_picker(view, _("Take this draft instead"), "w_branch_draft")
    k = view.draft
    taken = ("branch", "draft", k, view.here)
    questions.button(
        _("Branch with draft {k}").format(k=k + 1),
        taken,
        lambda: TakeBranch(view.place(), draft=k),
        run=view.run,
        help=_("The same schedule and noise from the next step on; only what this step wrote differs."),
    )
    text = st.text_input(
        _("Or write another word at position {i}, which now has {word}").format(
            i=view.position + 1, word=quoted(view.word(view.pool.x_s[view.position]))
        ),
        key="w_word",
        max_chars=40,
        placeholder=_(" a word, with a space before it if it begins one"),
    )
    edited = ("branch", "word", view.position, text, view.here)
    if text:
        questions.button(
            _("Branch with this word"),
            edited,
            run=view.run,
            task=lambda: TakeBranch(view.place(), word=(view.position, text)),
        )
    for key in (edited, taken):
        branch = questions.answer(key)
        if branch is not None:
            _side_by_side(view, branch, key)
            return


def _side_by_side(view: View, branch: Run, key: tuple) -> None:
    st.caption(_("The parent first, the branch second; they are the same up to the split."))
    live = questions.is_open(key)
    start = {"step": view.pool.step + 1, "lane": 1, "position": view.position}
    shown = Shown(
        "branch-" + "-".join(map(str, key[1:-1])) + "-".join(map(str, view.here)), branch, replay=False, live=live
    )
    stage(shown, start)
    if not live:
        st.button(
            _("Diagnose the branch"),
            key="open_branch",
            icon=":material/call_split:",
            on_click=lambda: _open(shown),
        )


def _open(branch: Shown) -> None:
    show_run(branch)
    state.d_section = "drafts"
