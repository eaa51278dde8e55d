"""Widgets whose values outlive a change of page, which Streamlit forgets."""

from __future__ import annotations

from typing import Any

import streamlit as st

state = st.session_state


def kept(name: str, default: Any) -> dict[str, Any]:
    """`key` and `on_change` of the widget whose value is `state.m_<name>`."""
    widget, key = f"w_m_{name}", f"m_{name}"
    state[widget] = state.setdefault(key, default)
    return {"key": widget, "on_change": lambda: state.update({key: state[widget]})}
