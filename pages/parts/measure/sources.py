"""Where the rows come from: sweeps that came with the app, and what has been measured here."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from edlm_core.measure import recorded
from edlm_core.refusals import Refusal
from edlm_core.work.cells import CellFigures, Trials, figures
from edlm_core.work.recorded import Recorded

from ..app import cache
from ..app.i18n import gettext as _
from ..app.i18n import in_words

state = st.session_state
HERE = ""  # the store's name among the sources; a recorded file's is its stem
FIRST_SWEEP = "python -m edlm_core sweep --preset first-look"


@dataclass(frozen=True)
class Source:
    name: str
    trials: Trials
    cells: list[CellFigures]


def sources() -> tuple[list[Source], list[str]]:
    """Those that have texts, recorded ones first, and a line for each that can't be read."""
    found, problems = [], []
    files = {path.stem: path for path in sorted(recorded.FOLDER.glob("*.db"))}
    for name in (*files, HERE):
        try:
            trials = Recorded(files[name]) if name != HERE else cache.store()
            cells = figures(trials)
        except Refusal as refusal:
            problems.append(in_words(refusal))
            continue
        if cells:
            found.append(Source(name, trials, cells))
    return found, problems


def choose(found: list[Source], place: DeltaGenerator) -> Source:
    names = {
        one.name: _("Measured on this server")
        if one.name == HERE
        else _("Recorded with the app: {name}").format(name=one.name)
        for one in found
    }
    if state.setdefault("m_source", found[0].name) not in names:
        state.m_source = found[0].name
    state.w_source = state.m_source
    chosen = place.selectbox(
        _("Texts"),
        list(names),
        key="w_source",
        format_func=names.__getitem__,
        on_change=lambda: state.update(m_source=state.w_source, m_chosen=True),
    )
    return next(one for one in found if one.name == chosen)


def nothing() -> None:
    """What to do where nobody has measured anything."""
    st.info(
        _(
            "Nothing has been measured yet. This measures four samplers in about three minutes; so does the first look "
            "below, under “Measure more”."
        ),
        icon=":material/query_stats:",
    )
    st.code(FIRST_SWEEP, language="bash")
