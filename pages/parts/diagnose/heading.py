"""Which run is taken apart: chosen, opened or being written, and under what conditions it was made."""

from __future__ import annotations

import streamlit as st

from ..app import cache
from ..app.asked import error_of
from ..app.i18n import gettext as _
from ..app.i18n import title_of
from ..app.shown import Shown
from ..app.upload import open_file
from ..app.visit import Visit, show_example
from ..app.words import plain
from ..widgets.figure import SIDE
from ..widgets.waiting import offered, writing_text

state = st.session_state


def choose_run(visit: Visit) -> None:
    runs = cache.bundled_runs()
    pick, save = st.columns(SIDE, vertical_alignment="bottom")
    state.w_example = visit.example
    pick.pills(
        _("Ready-made runs"),
        list(runs),
        key="w_example",
        format_func=lambda name: title_of(runs[name]),
        on_change=lambda: show_example(state.w_example),
    )
    with save.popover(_("Open a file"), icon=":material/folder_open:", width="stretch"):
        st.file_uploader(_("Open a run file"), type="json", key="upload", on_change=open_file)


def progress(visit: Visit) -> None:
    """Of the run that is being written, if one is; what a link asks for and has not begun. Always three places."""
    with st.container() if visit.problems else st.empty():
        for problem in visit.problems:
            st.error(problem, icon=":material/error:")
    offered(visit)
    status = visit.status
    if visit.active:
        bar, stop = st.container().columns(SIDE, vertical_alignment="center")
        loading = not cache.local(visit.settings.model).ready.is_set()
        bar.progress(status.share, text=writing_text(status, loading=loading))
        stop.button(_("Stop"), key="stop", icon=":material/stop:", width="stretch", on_click=visit.task.stop)
    elif status is not None and status.stage == "failed":
        st.error(error_of(status), icon=":material/error:")
    else:
        st.empty()


def conditions(shown: Shown) -> str:
    """Which run it is, and under what conditions it was made, so that no number floats."""
    run, title = shown.run, plain(title_of(shown.run))
    if shown.replay:
        text = _(
            "Recorded earlier on {device} in {dtype}, model {model}, weights {weights}, energy {energy}, seed {seed}."
        )
    else:
        text = _(
            "Computed just now on {device} in {dtype}, model {model}, weights {weights}, energy {energy}, seed {seed}."
        )
    made = text.format(
        device=run.device.upper(),
        dtype=run.dtype,
        model=plain(run.model.name),
        weights=plain(run.model.fingerprint),
        energy=plain(run.energy),
        seed=run.config.seed,
    )
    return _("“{title}” · {made}").format(title=title, made=made) if title.strip() else made
