"""What to say of a board in the meeting, and the page to bring along: to print, as Markdown, as a slide."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from edlm_core.measure.board import HEADER, Board, Line, as_json, table
from edlm_core.measure.brief.content import Brief, brief
from edlm_core.measure.brief.markdown import markdown
from edlm_core.measure.brief.sheet import sheet
from edlm_core.work.board_samples import Samples

from ..app.i18n import gettext as _
from ..app.i18n import voice
from ..app.words import plain
from ..widgets.tables import csv_file

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def show(board: Board, found: Samples, names: Sequence[str], asked: Sequence[Line]) -> None:
    made = brief(board, asked, found.samples, names, found.sha, voice())
    st.markdown("### " + _("What to say in the meeting"))
    st.markdown("\n".join(f"{n}. {plain(sentence.text)}" for n, sentence in enumerate(made.say, start=1)))
    for line in made.care:
        st.caption(plain(line))
    with st.container(horizontal=True, key="meeting"):
        _button(_("Page to print (HTML)"), "brief.html", "text/html", lambda: sheet(made).encode(), "print", first=True)
        _button(_("Slide (PowerPoint)"), "brief.pptx", PPTX, lambda: _slide(made), "co_present")
        _button(_("Text (Markdown)"), "brief.md", "text/markdown", lambda: markdown(made).encode(), "notes")
        _button(_("Board (JSON)"), "board.json", "application/json", lambda: as_json(board), "save")
        _button(_("Board (CSV)"), "board.csv", "text/csv", lambda: csv_file(HEADER, table(asked)), "table")
        _button(_("Its rows (CSV)"), "rows.csv", "text/csv", lambda: found.csv, "database")
    st.caption(_("SHA-256 of its rows: {sha}. The page to print says it too.").format(sha=found.sha))


def _slide(made: Brief) -> bytes:
    from edlm_core.measure.brief.slide import slide

    return slide(made)


def _button(label: str, name: str, kind: str, data: Callable[[], bytes], icon: str, *, first: bool = False) -> None:
    st.download_button(
        label,
        data,
        name,
        kind,
        key=f"brief_{name}",
        icon=f":material/{icon}:",
        type="primary" if first else "secondary",
        on_click="ignore",
    )
