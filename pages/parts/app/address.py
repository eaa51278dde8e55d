"""What the address bar says. It and the page agree at every stop: Back and Forward change it without the page."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from .links import CONDITIONS, KEYS

OPENED = "opened"  # a run that no link makes again: known to the visit that brought it
RUN = frozenset({"run", OPENED, *KEYS})  # which run
PLACE = ("at", "lane", "draft", "position", "look", "measured")  # where in a run, and what was measured of it
LESSON = ("scene", "depth")  # where in the lesson
COMPARED = ("texts", "judge", "cost", "first", "second")  # what Measure holds against what
STOPS = RUN | {"scene"}  # what Back and Forward go to, one by one
KNOWN = RUN | {*PLACE, *LESSON, *CONDITIONS, *COMPARED}

Query = dict[str, str]


def read() -> Query:
    return {name: value for name, value in st.query_params.to_dict().items() if name != "lang"}


def keep_language() -> None:
    """What an address asks for stays until another does; Back leads to other runs, and to no other language."""
    asked = st.query_params.get("lang")
    if asked and not (came_by_history() and "language" in st.session_state):
        st.session_state.language = asked


def write(query: Mapping[str, str]) -> None:
    """From now on; the language stays."""
    wanted = with_language(query)
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)


def with_language(query: Mapping[str, str]) -> Query:
    language = st.session_state.get("language")
    return dict(query) | ({"lang": language} if language else {})


def run_of(query: Mapping[str, str]) -> Query:
    """The part that says which run, whatever the place in it."""
    return {name: value for name, value in query.items() if name in RUN}


def came_by_history() -> bool:
    """This script run was asked for by the browser's Back or Forward."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
