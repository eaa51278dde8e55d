"""Taking a run home, and bringing one along."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from edlm_core.runs.run_file import save_run

from ..app.i18n import gettext as _
from ..app.i18n import title_of
from ..app.shown import Shown
from ..app.upload import open_file
from ..widgets.controls import sampler_names
from ..widgets.exports import candidates_csv
from ..widgets.picture import animated_gif
from ..widgets.stage import player
from ..widgets.strings import translated


def save_or_open(shown: Shown) -> None:
    """A file of each kind, made when it is asked for."""
    run = shown.run

    def gif() -> bytes:
        words = translated("stage")
        marks = [str(words[f"legend_{look}"]) for look in ("masked", "now", "energy", "fixed")]
        return animated_gif(run, sampler_names(), title=title_of(run), marks=marks, stopped=_("stopped early"))

    def save(key: str, label: str, make: Callable[[], bytes], ending: str, kind: str) -> None:
        st.download_button(label, make, f"{shown.id}.{ending}", kind, key=key, on_click="ignore", width="stretch")

    with st.popover(_("Save or open"), icon=":material/save:"):
        save("save_run", _("Run file, plays in this app"), lambda: save_run(run), "json", "application/json")
        save("save_player", _("Web page, plays without a network"), lambda: player(run), "html", "text/html")
        save("save_gif", _("Animated picture (GIF)"), gif, "gif", "image/gif")
        save("save_csv", _("Table of all drafts (CSV)"), lambda: candidates_csv(run), "csv", "text/csv")
        st.file_uploader(_("Open a run file"), type="json", key="upload", on_change=open_file)
