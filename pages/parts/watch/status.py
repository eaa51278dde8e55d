"""How the run on the stage stands: Stop and how far it is, or under what conditions it was made."""

from __future__ import annotations

import streamlit as st

from edlm_core.work.local import Local

from ..app.asked import error_of
from ..app.i18n import gettext as _
from ..app.i18n import in_words
from ..app.links import differing
from ..app.visit import Visit
from ..app.words import plain
from ..widgets.waiting import offered, writing_text


def status_line(visit: Visit, local: Local) -> None:
    """`local`: where a run would be made, and why it could not."""
    offered(visit)
    line, button = st.columns([6, 1.2], vertical_alignment="center")
    button.button(
        _("Stop"),
        key="stop",
        icon=":material/stop:",
        width="stretch",
        disabled=not visit.active,
        on_click=lambda: visit.task.stop(),
    )
    with line:
        if visit.active:
            st.progress(visit.status.share, text=writing_text(visit.status, loading=not local.ready.is_set()))
        elif local.error:
            st.error(in_words(local.error), icon=":material/error:")
        elif visit.status is not None and visit.status.stage == "failed":
            st.error(error_of(visit.status), icon=":material/error:")
        else:
            st.caption(_conditions(visit))


def _conditions(visit: Visit) -> str:
    """Under what conditions the run was made, so that no number floats."""
    if visit.shown is None:
        return ""
    run = visit.shown.run
    if not run.complete and not visit.shown.live:
        text = _(
            "Stopped early; what was done stays. {device}, {dtype}, model {model}, weights {weights}, seed {seed}."
        )
    elif visit.shown.replay:
        text = _("Recorded earlier on {device} in {dtype}, model {model}, weights {weights}, seed {seed}.")
    else:
        text = _("Computed just now on {device} in {dtype}, model {model}, weights {weights}, seed {seed}.")
    made = text.format(
        device=run.device.upper(),
        dtype=run.dtype,
        model=plain(run.model.name),
        weights=plain(run.model.fingerprint),
        seed=run.config.seed,
    )
    return f"{made} {_differences(visit)}".rstrip()


def _differences(visit: Visit) -> str:
    """What of the conditions that the link was made under is otherwise here; nothing where the text is the same."""
    if visit.shown is None or visit.shown.replay:
        return ""
    words = {
        "weights": _("The link was made with other weights ({asked}): the text may differ."),
        "dtype": _("The link was made in {asked}: the text may differ."),
        "threads": _("The link was made with {asked} threads, here with {here}: the text may differ."),
    }
    found = differing(visit.link_conditions, visit.shown.run)
    return " ".join(words[name].format(asked=plain(asked), here=here) for name, (asked, here) in found.items())
