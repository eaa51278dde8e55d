"""Boards that are kept under a name: save, open, delete."""

from __future__ import annotations

import streamlit as st
from msgspec.structs import replace
from streamlit.delta_generator import DeltaGenerator

from edlm_core.measure.board import MAX_NAME, board_named, delete_board, kept_boards, save_board
from edlm_core.refusals import Refusal

from ..app.i18n import gettext as _
from ..app.i18n import in_words
from ..app.words import plain
from .view import View

state = st.session_state


def show(place: DeltaGenerator, view: View) -> None:
    with place.popover(_("Boards"), width="stretch", key="boards"):
        for problem in state.pop("m_board_problems", []):
            st.error(problem, icon=":material/error:")
        state.setdefault("w_board_name", state.m_board.name)
        st.text_input(_("Name of this board"), key="w_board_name", max_chars=MAX_NAME)
        st.button(_("Save"), key="board_save", icon=":material/save:", width="stretch", on_click=_save)
        kept, problems = kept_boards()
        for problem in problems:
            st.warning(in_words(problem), icon=":material/warning:")
        if not kept:
            st.caption(_("None is kept yet. A kept board has its settings, its targets and the price."))
        for board in kept:
            name, take, away = st.columns([4, 2, 2], vertical_alignment="center")
            name.markdown(plain(board.name))
            take.button(_("Open"), key=f"board_open_{board.name}", on_click=_open, args=(board.name,), width="stretch")
            away.button(
                _("Delete"), key=f"board_delete_{board.name}", on_click=_delete, args=(board.name,), width="stretch"
            )


def _save() -> None:
    board = replace(state.m_board, name=state.w_board_name.strip())
    try:
        save_board(board)
    except Refusal as refusal:
        state.m_board_problems = [in_words(refusal)]
    else:
        state.m_board = board


def _open(name: str) -> None:
    try:
        board = board_named(name)
    except Refusal as refusal:
        state.m_board_problems = [in_words(refusal)]
        return
    state.m_board, state.m_source, state.m_judge, state.w_board_name = board, board.source, board.judge, board.name
    state.m_wanted, state.m_opened = board.cell, True


def _delete(name: str) -> None:
    try:
        delete_board(name)
    except Refusal as refusal:
        state.m_board_problems = [in_words(refusal)]
