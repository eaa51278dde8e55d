"""Questions that take the model: asked with a button, answered by the worker, the answers kept for the visit."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ..app import cache
from ..app.i18n import gettext as _
from ..app.jobs import Begin, Job, QueueFull

Key = tuple[Any, ...]  # what is asked, of which run, lane, step, …
KEPT = 40  # answers
state = st.session_state


def ask(model: str, key: Key, begin: Begin) -> None:
    """As a button's callback. A question that is still being answered gives way."""
    if (asked := state.get("question")) is not None:
        asked[1].stop()
    try:
        state.question = (key, cache.worker(model).ask(begin))
    except QueueFull as error:
        state.problems = [str(error)]


def answer(key: Key) -> Any:
    """What is known so far; None if it was never asked."""
    _collect()
    return state.get("answers", {}).get(key)


def running() -> Job | None:
    """The question that is being answered."""
    _key, job = state.get("question") or (None, None)
    return job if job is not None and job.active else None


def button(label: str, key: Key, begin: Begin, *, model: str, help: str | None = None) -> None:
    """The button that asks; while the answer comes, its progress and Stop, in the same place."""
    asked, job = state.get("question") or (None, None)
    name = "ask_" + "_".join(str(part) for part in key if not isinstance(part, tuple))
    press, progress = st.columns([2.2, 6], vertical_alignment="center")
    if asked == key and job.active:
        press.button(_("Stop"), key=name + "_stop", icon=":material/stop:", width="stretch", on_click=job.stop)
        before = cache.worker(model).place(job)
        waiting = _("Waiting: {count} before you").format(count=before)
        progress.progress(
            job.share, text=waiting if before else _("{percent} %").format(percent=round(100 * job.share))
        )
        return
    press.button(label, key=name, icon=":material/neurology:", width="stretch", help=help,
                 on_click=lambda: ask(model, key, begin))  # fmt: skip
    if asked == key and job.state == "failed":
        progress.error(job.error, icon=":material/error:")
    elif asked == key and job.state == "stopped":
        progress.caption(_("Stopped early; what was done stays."))


def _collect() -> None:
    """Keep what the running question has brought so far."""
    key, job = state.get("question") or (None, None)
    if job is None:
        return
    job.touch()
    if job.state == "failed" or (found := job.run()) is None:
        return
    answers = state.setdefault("answers", {})
    answers.pop(key, None)
    answers[key] = found
    while len(answers) > KEPT:
        del answers[next(iter(answers))]
