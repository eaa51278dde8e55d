"""The targets of a pilot: what each asks, what was measured, and whether that is enough."""

from __future__ import annotations

import streamlit as st
from msgspec.structs import replace

from edlm_core.measure.board import Board, Line, lines
from edlm_core.measure.brief import figures
from edlm_core.measure.filled import cloze_command
from edlm_core.measure.kpis import KPIS, Kpi
from edlm_core.measure.opponents import first_pair
from edlm_core.measure.targets import State
from edlm_core.refusals import Refusal
from edlm_core.work.board_samples import Samples, samples_of

from ..app.i18n import gettext as _
from ..app.i18n import in_words, ngettext, number, voice
from ..app.words import plain
from . import boards, meeting
from .view import View

state = st.session_state
ROW = [3, 3, 3.2]  # what is asked; what was measured; the target, and what that means
TARGET_WIDTH = 150  # px
BADGES = {
    State.MET: (":material/check_circle:", "blue"),
    State.MISSED: (":material/cancel:", "orange"),
    State.OPEN: (":material/help:", "gray"),
    State.ABSENT: (":material/block:", "gray"),
}


def show(view: View) -> None:
    st.markdown("## " + _("Is it good enough for a pilot?"))
    st.caption(_("Every target is yours to change. It is met, or not, where its whole 95% interval says so."))
    board = _chosen(view)
    try:
        found = samples_of(view.source.trials, board)
    except Refusal as refusal:
        st.error(in_words(refusal), icon=":material/error:")
        return
    asked = lines(board, *found.samples)
    beside = view.names[board.beside] if board.beside else ""
    with st.container(border=True, key="board"):
        for line in asked:
            _row(line, found, beside)
    meeting.show(board, found, [view.names[cell] for cell in (board.cell, board.beside) if cell], asked)


def _chosen(view: View) -> Board:
    """As it was left; of other texts the settings that are looked at first, at the same targets."""
    board = state.get("m_board", Board(""))
    if board.cell not in view.cells:
        if state.pop("m_opened", False):
            st.warning(in_words(Refusal("board-cell", cell=board.cell)), icon=":material/warning:")
        own, other = first_pair([(one.row, one.texts) for one in view.cells.values()])
        board = replace(board, cell=own["cell"], beside=other and other["cell"])
    beside = board.beside if board.beside in view.cells and board.beside != board.cell else None
    state.m_board = replace(board, beside=beside, source=view.source.name, judge=view.judge)
    _controls(view)
    return state.m_board


def _controls(view: View) -> None:
    board: Board = state.m_board
    own, other, price, kept = st.columns([3, 3, 1.4, 1.2], vertical_alignment="bottom")
    state.w_board_cell, state.w_board_beside, state.w_board_price = board.cell, board.beside, board.price
    names = view.names | {None: _("nothing")}
    cells = list(view.cells)
    own.selectbox(_("Setting"), cells, key="w_board_cell", format_func=names.__getitem__, on_change=_take_settings)
    others = [None, *(cell for cell in cells if cell != board.cell)]
    other.selectbox(
        _("Beside it"), others, key="w_board_beside", format_func=names.__getitem__, on_change=_take_settings
    )
    price.number_input(
        _("Price of an hour"), 0.0, 1e6, step=0.1, format="%.2f", key="w_board_price", on_change=_take_settings
    )
    boards.show(kept, view)


def _take_settings() -> None:
    state.m_board = replace(
        state.m_board, cell=state.w_board_cell, beside=state.w_board_beside, price=state.w_board_price
    )


def _row(line: Line, found: Samples, beside: str) -> None:
    what, measured, asked = st.columns(ROW, vertical_alignment="center")
    what.markdown(f"**{_(line.kpi.label)}**  \n:small[{voice().say(line.kpi.about)}]")
    measured.markdown(_measured(line, found, beside))
    with asked.container(horizontal=True, vertical_alignment="bottom"):  # side by side on a narrow screen too
        with st.container(gap=None, width=TARGET_WIDTH):
            _target(line.kpi)
        with st.container(gap=None, width="stretch"):
            icon, colour = BADGES[line.verdict.state]
            st.badge(voice().say(figures.STATES[line.verdict.state]), icon=icon, color=colour)
            if line.verdict.more is not None:
                st.markdown(f":small[{_more(line)}]")


def _measured(line: Line, found: Samples, beside: str) -> str:
    """The figure and, below it in small letters, how many texts it is of, and the other setting's."""
    if line.found is None:
        command = cloze_command(found.samples[0].rows[0]).replace("`", "")
        return f":small[{_(line.kpi.help).format(command=command)}]"
    said = [figures.with_interval(voice(), line.kpi, line.found)]
    texts = ngettext("{n} text", "{n} texts", line.found.texts).format(n=number(line.found.texts))
    said.append(f":small[{texts}]")
    if line.beside is not None:
        other = figures.with_interval(voice(), line.kpi, line.beside, unit=False)
        named = _("{name}: {value}").format(name=plain(beside), value=other)
        said.append(f":small[{named}]")
    return "  \n".join(said)


def _more(line: Line) -> str:
    more = line.verdict.more or 0
    if line.verdict.at_least:
        text = ngettext("It takes at least {n} text more.", "It takes at least {n} texts more.", more)
    else:
        text = ngettext("About {n} text more would settle it.", "About {n} texts more would settle it.", more)
    return text.format(n=number(more))


# ── a target ─────────────────────────────────────────────────────────────────────
def _target(kpi: Kpi) -> None:
    key, scale = f"w_target_{kpi.name}", 100 if kpi.share else 1
    state[key] = round(scale * state.m_board.target(kpi), 6)
    if kpi.lower:
        asked, label = _("at most"), _("{what}: target, at most").format(what=_(kpi.label))
    else:
        asked, label = _("at least"), _("{what}: target, at least").format(what=_(kpi.label))
    st.markdown(f":small[{asked}, %]" if kpi.share else f":small[{asked}]")
    st.number_input(
        label,
        0.0,
        float(scale * kpi.most),
        step=10.0**-kpi.digits,
        format=f"%.{kpi.digits}f",
        key=key,
        on_change=_take_target,
        args=(kpi.name,),
        label_visibility="collapsed",
    )


def _take_target(name: str) -> None:
    value = state[f"w_target_{name}"] / (100 if KPIS[name].share else 1)
    state.m_board = replace(state.m_board, targets=state.m_board.targets | {name: value})
