"""What else can be measured, a section at a time: none is drawn, or asks for anything, before it is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from edlm_core.messages import N_

from ..app.i18n import gettext as _
from ..app.visit import Visit
from . import claim, known_answers, score, sweeps, times
from .view import View

state = st.session_state


class Section(NamedTuple):
    label: str
    show: Callable[[Visit, View | None], None]


SECTIONS = {
    "sweeps": Section(N_("Measure more"), sweeps.show),
    "claim": Section(N_("The published claim"), claim.show),
    "times": Section(N_("Where the time goes"), times.show),
    "answers": Section(N_("Known answers"), known_answers.show),
    "score": Section(N_("Score my text"), score.show),
}


def show(visit: Visit, view: View | None) -> None:
    """`view`: what is looked at above, if anything was measured."""
    st.markdown("## " + _("And further"))
    state.w_more = state.setdefault("m_more", None)
    st.segmented_control(
        _("Section"),
        list(SECTIONS),
        key="w_more",
        format_func=lambda name: _(SECTIONS[name].label),
        on_change=lambda: state.update(m_more=state.w_more),
        label_visibility="collapsed",
    )
    if state.m_more is not None:
        SECTIONS[state.m_more].show(visit, view)
