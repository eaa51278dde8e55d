"""The settings that a visitor is making, as session state: each widget of `widgets/controls.py` owns one key."""

from __future__ import annotations

import streamlit as st

from .links import LANES, Settings


def fill(settings: Settings) -> None:
    """Set the controls, before they are drawn, to what a link asks for."""
    state = st.session_state
    state.c_model, state.c_lanes, state.c_energy, state.c_prompt = (
        settings.model, list(settings.lanes), settings.energy, settings.prompt,
    )  # fmt: skip
    state.c_length, state.c_steps, state.c_seed = settings.length, settings.steps, settings.seed
    state.c_k, state.c_window = settings.k, (settings.low, settings.high)
    state.c_temperature, state.c_energy_temperature = settings.temperature, settings.energy_temperature
    state.c_reveal, state.c_sampler = settings.reveal, settings.sampler


def recall() -> None:
    """Back from another page: Streamlit forgets a widget's value when the page is left."""
    if "c_model" not in st.session_state:
        st.session_state.update(st.session_state.controls)


def remember() -> None:
    names = [key for key in st.session_state if str(key).startswith("c_") and key != "c_run"]
    st.session_state.controls = {name: st.session_state[name] for name in names}


def read() -> Settings:
    """Raises ValueError where the controls contradict each other."""
    state = st.session_state
    return Settings(
        model=state.c_model, lanes=tuple(s for s in LANES if s in state.c_lanes), energy=state.c_energy,
        prompt=state.c_prompt, length=state.c_length, steps=state.c_steps, k=state.c_k, low=state.c_window[0],
        high=state.c_window[1], temperature=state.c_temperature,
        energy_temperature=state.c_energy_temperature, reveal=state.c_reveal, sampler=state.c_sampler,
        seed=state.c_seed,
    )  # fmt: skip
