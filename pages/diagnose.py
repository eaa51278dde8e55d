"""Diagnose: why this token, what did the energy change, and can it be trusted?"""

import streamlit as st

from pages.parts.app import cache
from pages.parts.app.asked import error_of
from pages.parts.app.i18n import gettext as _
from pages.parts.app.i18n import title_of
from pages.parts.app.shell import inside_the_shell
from pages.parts.app.visit import address, arrive, conditions, follow, open_file, show_example
from pages.parts.diagnose.sections import correction, drafts, many, pairs, rival, trust, what_if
from pages.parts.diagnose.view import address_of, arrive_at, go, see
from pages.parts.widgets import questions
from pages.parts.widgets.figure import SIDE, palette

POLL_SECONDS = 1.0
SECTIONS = {
    "drafts": (_("Drafts"), drafts.show),
    "trust": (_("Trust"), trust.show),
    "correction": (_("Words moved"), correction.show),
    "comparison": (_("Why not this one?"), rival.show),
    "pairs": (_("Pairs"), pairs.show),
    "what_if": (_("What if"), what_if.show),
    "many": (_("Many seeds"), many.show),
}
state = st.session_state


def around() -> tuple[object, ...]:
    """What the page outside of `explore` is drawn from."""
    return state.task, state.shown, *state.get("questions", {}).values(), *state.problems


@st.fragment
def explore() -> None:
    """What moves with the step. Streamlit draws it again by itself, which is twice as quick as the whole page."""
    now = around()
    if len(now) != len(state.around) or any(a is not b for a, b in zip(now, state.around, strict=True)):
        st.rerun()
    questions.begin()
    view = see(state.shown, palette())
    trust.navigator(view)
    slide, back = st.columns(SIDE, vertical_alignment="bottom")
    state.w_step = view.n
    slide.select_slider(
        _("Step"),
        range(len(view.pools)),
        key="w_step",
        on_change=lambda: go(step=state.w_step),
        format_func=lambda n: _("{n} of {T}").format(n=view.pools[n].step + 1, T=view.run.config.num_steps),
    )
    if back.button(_("Watch it"), key="to_watch", icon=":material/play_circle:", width="stretch"):
        state.start = {"step": view.pool.step + 1, "lane": view.lane_index, "position": view.position}
        st.switch_page("pages/watch.py")
    state.w_section = state.setdefault("d_section", "drafts")
    st.segmented_control(
        _("Look at"),
        list(SECTIONS),
        key="w_section",
        format_func=lambda name: SECTIONS[name][0],
        required=True,
        on_change=lambda: state.update(d_section=state.w_section),
        label_visibility="collapsed",
    )
    SECTIONS[state.d_section][1](view)
    questions.elsewhere()
    address(address_of(view, state.shown))


if "shown" not in state:
    inside_the_shell()
    query = st.query_params.to_dict()
    arrive()
    if state.shown is not None:
        arrive_at(state.shown, query)
    if query.get("look") in SECTIONS:
        state.d_section = query["look"]
task = state.task
status = task and task.state()
active = status is not None and status.active
waiting = [
    *questions.unanswered(),
    *([task] if active else []),
]  # before it is drawn: what ends meanwhile is drawn again
if task is not None:
    follow(task)

st.title(_("Why this word?"))
st.markdown(
    _(
        "At each step the energy chose one of several complete drafts. Here is what they were, what it saw in them, "
        "and whether its choice can be trusted."
    )
)

runs = cache.bundled_runs()
pick, save = st.columns(SIDE, vertical_alignment="bottom")
state.w_example = state.get("example")
pick.pills(
    _("Ready-made runs"),
    list(runs),
    key="w_example",
    format_func=lambda name: title_of(runs[name].title),
    on_change=lambda: show_example(state.w_example),
)
with save.popover(_("Open a file"), icon=":material/folder_open:", width="stretch"):
    st.file_uploader(_("Open a run file"), type="json", key="upload", on_change=open_file)
for problem in state.problems:
    st.error(problem, icon=":material/error:")
if active:
    bar, stop = st.columns(SIDE, vertical_alignment="center")
    bar.progress(status.share, text=_("Writing: {percent} %").format(percent=round(100 * status.share)))
    stop.button(_("Stop"), key="stop", icon=":material/stop:", width="stretch", on_click=task.stop)
elif status is not None and status.stage == "failed":
    st.error(error_of(status), icon=":material/error:")

if state.shown is not None:
    st.caption(conditions())
view = state.shown and see(state.shown, palette())
if view is None:
    st.info(_("No step of this run had drafts to choose from: make one with an energy and K above 1."))
else:
    _steps, advice, badges = trust.summary(view)
    trust.badge_row(view, badges)
    trust.advice_line(view, advice)
    state.around = around()
    explore()

if waiting:
    waiting[0].wait(POLL_SECONDS)
    st.rerun()
