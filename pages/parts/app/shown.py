"""The run that a visitor has before them, and the place in it that one page hands to another."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from edlm_core.runs.run_file import Run

state = st.session_state


class Shown(NamedTuple):
    """A run on the stage. The browser keeps step, speed and depth while `id` stays the same."""

    id: str
    run: Run
    replay: bool  # recorded earlier, or computed here and now
    live: bool = False  # still being computed
    link: str | None = None  # the query that makes it again


def hand_over(shown: Shown, lane: int, step: int, position: int | None) -> None:
    """Come from elsewhere: `step` counts from 0, nothing written yet, as the stage does."""
    state.seen = shown.id
    recorded = shown.run.lanes[lane].step
    before = [n for n, number in enumerate(recorded) if number < step]
    state.d_lane, state.d_step, state.d_draft, state.d_position = lane, before[-1] if before else 0, None, position
