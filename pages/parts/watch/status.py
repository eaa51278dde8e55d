"""How the run on the stage stands: while it is made, how far it is, and Stop; and under what conditions it was made."""

from __future__ import annotations

import streamlit as st

from edlm_core.work.local import Local

from ..app.asked import error_of
from ..app.i18n import gettext as _
from ..app.i18n import in_words
from ..app.links import differing
from ..app.shown import Shown
from ..app.visit import Visit
from ..app.words import plain
from ..widgets.waiting import offered, writing_text


def status_line(visit: Visit, local: Local) -> None:
    """`local`: where a run would be made, and why it could not. Nothing where nothing goes on."""
    offered(visit)
    if visit.active:
        line, button = st.container().columns([6, 1.2], vertical_alignment="center")
        button.button(
            _("Stop"), key="stop", icon=":material/stop:", width="stretch", on_click=lambda: visit.task.stop()
        )
        line.progress(visit.status.share, text=progress(visit, local))
    elif local.error:
        text = _("The model can't be loaded, so nothing new can be written here. {reason}")
        st.error(text.format(reason=in_words(local.error)), icon=":material/error:")
    elif visit.status is not None and visit.status.stage == "failed":
        st.error(error_of(visit.status), icon=":material/error:")
    elif (differences := _differences(visit)) != "":
        st.caption(differences)
    else:
        st.empty()


def progress(visit: Visit, local: Local) -> str:
    """How far a run is that is being made; nothing where there is none."""
    return writing_text(visit.status, loading=not local.ready.is_set()) if visit.active else ""


def conditions(shown: Shown) -> str:
    """Under what conditions a run was made, on one line, so that no number floats."""
    run = shown.run
    if not run.complete and not shown.live:
        text = _(
            "Stopped early; what was done stays. {device}, {dtype}, model {model}, weights {weights}, seed {seed}."
        )
    elif shown.replay:
        text = _("Recorded earlier on {device} in {dtype}, model {model}, weights {weights}, seed {seed}.")
    else:
        text = _("Computed just now on {device} in {dtype}, model {model}, weights {weights}, seed {seed}.")
    processor = run.software.get("processor")
    device = run.device.upper()
    return text.format(
        device=_("{device} ({processor})").format(device=device, processor=plain(processor)) if processor else device,
        dtype=run.dtype,
        model=plain(run.model.name),
        weights=plain(run.model.fingerprint),
        seed=run.config.seed,
    )


def _differences(visit: Visit) -> str:
    """What of the conditions that the link was made under is otherwise here; nothing where the text is the same."""
    if visit.shown is None or visit.shown.replay:
        return ""
    words = {
        "weights": _("The link was made with other weights ({asked}): the text may differ."),
        "dtype": _("The link was made in {asked}: the text may differ."),
        "threads": _("Threads: {asked} where the link was made, {here} here; the text may differ."),
    }
    found = differing(visit.link_conditions, visit.shown.run)
    return " ".join(words[name].format(asked=plain(asked), here=here) for name, (asked, here) in found.items())
