"""Diagnose: why this token, what did the energy change, and can it be trusted?"""

from collections.abc import Mapping

import streamlit as st

from pages.parts.app import cache
from pages.parts.app.i18n import gettext as _
from pages.parts.app.visit import Visit, page
from pages.parts.diagnose import heading
from pages.parts.diagnose.explore import SECTIONS, explore
from pages.parts.diagnose.sections import trust
from pages.parts.diagnose.view import arrive_at, view_of
from pages.parts.widgets import questions
from pages.parts.widgets.about import about_button
from pages.parts.widgets.figure import palette

POLL_SECONDS = 1.0


def arrived(visit: Visit, query: Mapping[str, str]) -> None:
    if visit.shown is not None:
        arrive_at(visit.shown, query)
    if query.get("look") in SECTIONS:
        st.session_state.d_section = query["look"]
    if "measured" in query:
        st.session_state.d_measured = query["measured"][:64]


with page(every=POLL_SECONDS, arrived=arrived) as visit:
    visit.wait_for(*(question.wait for question in questions.unanswered()))

    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.title(_("Why this word?"), anchor=False)
        about_button()
    st.markdown(
        _(
            "At each step the energy chose one of several complete drafts. Here is what they were, what it saw in "
            "them, and whether its choice can be trusted."
        )
    )
    heading.choose_run(visit)
    heading.progress(visit)

    view = None
    if visit.shown is not None:
        st.caption(heading.conditions(visit.shown))
        view = view_of(visit.shown, palette())
    if view is None:
        st.info(
            _("Nothing to take apart yet: the first step is being written.")
            if visit.active
            else _("No step of this run had drafts to choose from: make one with an energy and K above 1.")
        )
    else:
        _steps, advice, badges = trust.summary(view)
        with st.container():
            trust.badge_row(view, badges)
        trust.advice_line(view, advice)
        if view.request is not None:  # what is asked of it costs, which is known when it has warmed up
            local = cache.local(view.run.model.name)
            if not local.ready.is_set():
                visit.wait_for(local.ready.wait)
        explore(visit)
