"""The settings that a visitor is making, as session state: each widget of `widgets/controls.py` owns one key."""

from __future__ import annotations

from typing import Any

import streamlit as st

from edlm_core.catalogue import LANES

from .links import SETTINGS, Settings


def key(name: str) -> str:
    """The session's key of a setting's control."""
    return "c_" + "_".join(SETTINGS[name].keys)


def fill(settings: Settings) -> None:
    """Set the controls, before they are drawn, to what a link asks for."""
    for name in SETTINGS:
        value = settings.value(name)
        st.session_state[key(name)] = list(value) if name == "lanes" else value


def recall() -> None:
    """Back from another page: Streamlit forgets a widget's value when the page is left."""
    if key("model") not in st.session_state:
        st.session_state.update(st.session_state.controls)


def remember() -> None:
    names = [key(name) for name in SETTINGS]
    st.session_state.controls = {name: st.session_state[name] for name in names}


def read() -> Settings:
    """Raises Refusal where the controls contradict each other."""
    values: dict[str, Any] = {name: st.session_state[key(name)] for name in SETTINGS}
    values["lanes"] = tuple(lane for lane in LANES if lane in values["lanes"])
    return Settings().set(**values)
