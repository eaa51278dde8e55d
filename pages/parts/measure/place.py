"""Where on Measure a visitor is, as the address has it: which texts, judge and cost, and the two that are compared."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ..app import address
from ..app.i18n import gettext as _
from ..app.visit import Visit
from .sources import HERE
from .view import COSTS, View

state = st.session_state
KEYS = dict(zip(address.COMPARED, ("m_source", "m_judge", "m_cost", "m_own", "m_other"), strict=True))
ON_THIS_SERVER = "here"  # what the address calls the store


def arrived(visit: Visit, query: Mapping[str, str]) -> None:
    """An address that names a comparison leads to it; one that names none, back to where a first visit begins."""
    for key, name in KEYS.items():
        state.pop(name, None)
        if key in query:
            state[name] = query[key][:64]
    if state.get("m_source") == ON_THIS_SERVER:
        state.m_source = HERE
    if state.get("m_cost") not in COSTS:
        state.pop("m_cost", None)
    named = [query[key][:64] for key in ("first", "second") if key in query]
    state.update(m_chosen=any(key in query for key in KEYS), m_wanted=query.get("first", "")[:64], m_named=named)


def told(view: View) -> None:
    """Once, where the address names settings that are not among these texts."""
    if any(cell not in view.cells for cell in state.pop("m_named", ())):
        st.warning(
            _("This address compares settings that are not among these texts: choose two of those that are."),
            icon=":material/link_off:",
        )


def write(visit: Visit) -> None:
    """Only what was chosen: a first visit keeps the address that it came by."""
    chosen = {key: state[name] for key, name in KEYS.items() if name in state} if state.get("m_chosen") else {}
    if chosen.get("texts") == HERE:
        chosen["texts"] = ON_THIS_SERVER
    address.write(visit.query | chosen)
