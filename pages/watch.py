"""Watch: what happens, step by step, with and without the energy?"""

import streamlit as st

from pages.parts.app import cache, form
from pages.parts.app.i18n import gettext as _
from pages.parts.app.i18n import title_of
from pages.parts.app.shown import hand_over
from pages.parts.app.visit import page, press_run, show_example, switch_page
from pages.parts.watch.averages import claim, default_duel, provenance, standing
from pages.parts.watch.save import save_or_open
from pages.parts.watch.status import conditions, progress, status_line
from pages.parts.widgets import controls
from pages.parts.widgets.about import about_button
from pages.parts.widgets.live_region import live_region
from pages.parts.widgets.stage import stage

POLL_SECONDS = 0.7  # between two pictures of a run that is being written; its first and its last come at once
state = st.session_state


def heading() -> None:
    """What this is, and what it brings on average."""
    found = default_duel()
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.title(_("Watch a diffusion language model write"), anchor=False)
        about_button([] if found is None else [claim(found), provenance(found)])
    st.markdown(
        _(
            "It writes many words at once, each blind to the others. The energy-corrected lane draws several drafts, "
            "has each judged **as a whole**, and takes one."
        )
    )
    if found is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="claim"):
            st.caption(claim(found), help=provenance(found), width="content")
            st.page_link("pages/measure.py", label=_("All that was measured"), icon=":material/query_stats:")


with page(every=POLL_SECONDS) as visit, st.container(gap="xsmall"):
    local = cache.local(state[form.key("model")])
    if not local.ready.is_set():
        visit.wait_for(local.ready.wait)

    heading()
    runs = cache.bundled_runs()
    state.example = visit.example
    st.pills(
        _("Ready-made runs"),
        list(runs),
        key="example",
        format_func=lambda name: title_of(runs[name]),
        on_change=lambda: show_example(state.example),
        label_visibility="collapsed",
        wrap=False,
    )
    controls.form_line(press_run, lambda: local.rates)
    with st.container():  # what comes and goes has a place of its own, and does not move the stage
        status_line(visit, local)
    with st.container() if visit.problems else st.empty():
        for problem in visit.problems:
            st.error(problem, icon=":material/error:")

    if visit.shown is None:
        st.info(_("No run to show yet: press Run."), icon=":material/play_arrow:")
    else:
        place = stage(visit.shown, visit.start, notes=standing(visit.shown.run), diagnose=True)
        if place is not None:
            hand_over(visit.shown, **place)
            switch_page("pages/diagnose.py")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(conditions(visit.shown))
            save_or_open(visit.shown)
    live_region(progress(visit, local))
