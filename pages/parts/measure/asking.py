"""A question with a button, about no run: asked of a model's thread, kept for the visit."""

from __future__ import annotations

from typing import Any

import streamlit as st

from edlm_core.refusals import Refusal
from edlm_core.work.task import Task

from ..app.asked import Asked, ask, error_of
from ..app.i18n import gettext as _
from ..app.i18n import in_words
from ..app.visit import Visit
from ..widgets.waiting import progress_text

state = st.session_state


def button(label: str, name: str, model: str, task: Task, visit: Visit) -> Any:
    """What is known so far of the question that was asked last under this name; None if none was. Progress and Stop
    stand beside the button, not in its place."""
    if (problem := state.pop("m_problem", None)) is not None:
        st.error(problem, icon=":material/error:")
    asked: Asked | None = state.get(f"m_asked_{name}")
    status = asked and asked.state()
    active = status is not None and status.active
    press, progress, stop = st.columns([2.2, 4.8, 1.2], vertical_alignment="center")
    press.button(
        label,
        key=f"m_ask_{name}",
        icon=":material/neurology:",
        width="stretch",
        disabled=active,
        on_click=lambda: _ask(name, model, task),
    )
    if asked is None or status is None:
        return None
    if active:
        visit.wait_for(asked.wait)
        progress.progress(status.share, text=progress_text(status))
        stop.button(_("Stop"), key=f"m_stop_{name}", icon=":material/stop:", width="stretch", on_click=asked.stop)
    elif status.stage == "failed":
        progress.error(error_of(status), icon=":material/error:")
    elif status.stage != "done":
        progress.caption(_("Stopped early; what was done stays."))
    return asked.result()


def _ask(name: str, model: str, task: Task) -> None:
    try:
        state[f"m_asked_{name}"] = ask(model, task)
    except Refusal as refusal:
        state.update(m_problem=in_words(refusal))
