"""What moves with the step: the sections on three levels, the step, and what the chosen section shows."""

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
from . import averages
from .sections import correction, drafts, many, measured, meter, pairs, rival, together, trust, what_if
from .view import View, address_of, link_of, select, view_of

state = st.session_state


class Section(NamedTuple):
    label: str  # marked here, put into the visitor's language where it is drawn
    level: str
    show: Callable[[View], None]


SECTIONS = {
    "drafts": Section(N_("Drafts"), "step", drafts.show),
    "comparison": Section(N_("Why not this one?"), "step", rival.show),
    "pairs": Section(N_("Pairs"), "step", pairs.show),
    "what_if": Section(N_("What if"), "step", what_if.show),
    "together": Section(N_("Together or apart"), "run", together.show),
    "trust": Section(N_("Trust"), "run", trust.show),
    "correction": Section(N_("Words moved"), "run", correction.show),
    "many": Section(N_("Many seeds"), "runs", many.show),
    "meter": Section(N_("Few steps"), "runs", meter.show),
}


def explore(visit: Visit) -> None:
    """The sections, the step, and what the chosen section shows."""
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
    measured.begin()
    view = view_of(visit.shown, palette())
    names = {name: _(section.label) for name, section in SECTIONS.items()}
    questions.adopt(("many", view.id, view.lane_index), lambda: averages.offers(view, names))
    _choose_section()
    section = SECTIONS[state.d_section]
    questions.begin(questions.Home(names[state.d_section], {"d_section": state.d_section}))
    if section.level != "runs":
        _choose_step(view, visit)
    above = st.container()
    section.show(view)
    with above:
        questions.elsewhere()
    address.write(address_of(view, visit.query or link_of(visit.shown)))


def _choose_section() -> None:
    """Two rows of choices side by side: how much is looked at, and what of it."""
    now = state.setdefault("d_section", "drafts")
    state.w_level, state.w_section = SECTIONS[now].level, now
    levels = {"step": _("This step"), "run": _("This run"), "runs": _("Many runs")}
    beside = [name for name, section in SECTIONS.items() if section.level == state.w_level]

    def change_level() -> None:
        first = next(name for name, section in SECTIONS.items() if section.level == state.w_level)
        state.d_section = state.get(f"d_section_of_{state.w_level}", first)

    def change_section() -> None:
        state.d_section = state[f"d_section_of_{SECTIONS[state.w_section].level}"] = state.w_section

    one, two = st.columns([3, 5], vertical_alignment="bottom")
    one.segmented_control(
        _("How much is looked at"),
        list(levels),
        key="w_level",
        format_func=levels.__getitem__,
        required=True,
        on_change=change_level,
        label_visibility="collapsed",
    )
    two.segmented_control(
        _("Look at"),
        beside,
        key="w_section",
        format_func=lambda name: _(SECTIONS[name].label),
        required=True,
        on_change=change_section,
        label_visibility="collapsed",
    )


def _choose_step(view: View, visit: Visit) -> None:
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
