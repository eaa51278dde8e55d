"""How what was asked for stands, in words: while it waits, while it is done, and where a link waits for a press."""

from __future__ import annotations

import streamlit as st

from edlm_core.work.executor import TaskState

from ..app.i18n import gettext as _
from ..app.i18n import ngettext, percent, time_of
from ..app.visit import Visit, press_run


def writing_text(status: TaskState, *, loading: bool = False) -> str:
    """Of a run."""
    if loading:
        return _("The model is loading…")
    if status.stage == "waiting":
        return _waiting(status)
    values = {"percent": percent(status.share), "time": time_of(status.seconds or 0.0)}
    if status.seconds is None or status.seconds < 3:
        return _("Writing: {percent}").format(**values)
    return _("Writing: {percent}, about {time} to go").format(**values)


def progress_text(status: TaskState) -> str:
    """Of a question."""
    if status.stage == "waiting":
        return _waiting(status)
    if status.seconds is None or status.seconds < 3:
        return percent(status.share)
    return _("{percent}, about {time} to go").format(percent=percent(status.share), time=time_of(status.seconds))


def _waiting(status: TaskState) -> str:
    count = status.before
    if not count:
        return _("Waiting for its turn…")
    if status.seconds is None:
        return ngettext("Waiting: {count} before you", "Waiting: {count} before you", count).format(count=count)
    return ngettext(
        "Waiting: {count} before you, yours in about {time}",
        "Waiting: {count} before you, yours in about {time}",
        count,
    ).format(count=count, time=time_of(status.seconds))


def offered(visit: Visit) -> None:
    """What a link asks for and has not begun. One place of the page in any case: what was there before would stay as
    long as the page polls."""
    offer = visit.offer
    if offer is None:
        st.empty()
        return
    if offer.wait is not None:
        text = _("The model is loading…")
    elif offer.seconds is None:
        text = _("How long this link's run takes here is not known yet. It waits for your press.")
    else:
        text = _("This link's run takes about {time} here. It waits for your press.").format(
            time=time_of(offer.seconds)
        )
    told, button = st.container().columns([6, 1.4], vertical_alignment="center")
    told.info(text, icon=":material/hourglass_empty:")
    button.button(
        _("Begin it"),
        key="begin_offer",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=offer.wait is not None,
        on_click=lambda: press_run(offer.settings),
    )
