"""What moves with the step: the slider, the sections and what the chosen one shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from edlm_core.messages import N_

from ..app import address
from ..app.i18n import gettext as _
from ..app.visit import Visit, switch_page
from ..widgets import questions
from ..widgets.figure import SIDE, palette
from .sections import correction, drafts, many, pairs, rival, trust, what_if
from .view import View, address_of, link_of, select, view_of

state = st.session_state


class Section(NamedTuple):
    label: str  # marked here, put into the visitor's language where it is drawn
    show: Callable[[View], None]


SECTIONS = {
    "drafts": Section(N_("Drafts"), drafts.show),
    "trust": Section(N_("Trust"), trust.show),
    "correction": Section(N_("Words moved"), correction.show),
    "comparison": Section(N_("Why not this one?"), rival.show),
    "pairs": Section(N_("Pairs"), pairs.show),
    "what_if": Section(N_("What if"), what_if.show),
    "many": Section(N_("Many seeds"), many.show),
}


def explore(visit: Visit) -> None:
    """The step, the sections, and what the chosen one shows."""
    _explore(visit, _around(visit))


def _around(visit: Visit) -> tuple[object, ...]:
    """What the page outside of `explore` is drawn from."""
    return visit.task, visit.shown, *state.get("questions", {}).values(), *visit.problems


@st.fragment
def _explore(visit: Visit, around: tuple[object, ...]) -> None:
    """What moves with the step. Streamlit draws it again by itself, which is twice as quick as the whole page."""
    now = _around(visit)
    if len(now) != len(around) or any(a is not b for a, b in zip(now, around, strict=True)):
        st.rerun()
    questions.begin()
    view = view_of(visit.shown, palette())
    trust.navigator(view)
    slide, back = st.columns(SIDE, vertical_alignment="bottom")
    state.w_step = view.n
    slide.select_slider(
        _("Step"),
        range(len(view.pools)),
        key="w_step",
        on_change=lambda: select(step=state.w_step),
        format_func=lambda n: _("{n} of {T}").format(n=view.pools[n].step + 1, T=view.run.config.num_steps),
    )
    if back.button(_("Watch it"), key="to_watch", icon=":material/play_circle:", width="stretch"):
        visit.start = {"step": view.pool.step + 1, "lane": view.lane_index, "position": view.position}
        switch_page("pages/watch.py")
    state.w_section = state.setdefault("d_section", "drafts")
    st.segmented_control(
        _("Look at"),
        list(SECTIONS),
        key="w_section",
        format_func=lambda name: _(SECTIONS[name].label),
        required=True,
        on_change=lambda: state.update(d_section=state.w_section),
        label_visibility="collapsed",
    )
    SECTIONS[state.d_section].show(view)
    questions.elsewhere()
    address.write(address_of(view, visit.query or link_of(visit.shown)))
