"""Questions that take the model: asked with a button, answered elsewhere in the order of asking, kept for the visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import streamlit as st

from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import Run
from edlm_core.work.task import Task, task_id

from ..app import asked
from ..app.asked import Asked
from ..app.i18n import gettext as _
from ..app.i18n import in_words
from .waiting import progress_text

Key = tuple[Any, ...]  # what is asked, of which run, lane, step, …
KEPT = 40  # questions
state = st.session_state


class Home(NamedTuple):
    """Where a question is drawn: the name of that part of the page, and what the session holds when it is in sight."""

    name: str
    values: Mapping[str, Any]


class Offer(NamedTuple):
    """A question that takes so long that it may have been asked at an earlier visit."""

    key: Key
    task: Task
    label: str
    home: Home


def ask(
    run: Run, key: Key, task: Task, label: str, home: Home, *, seconds: float = 0.0, outlives: bool = False
) -> None:
    """As a button's callback."""
    questions = state.setdefault("questions", {})
    try:
        question = asked.ask(run.model.name, task, run, label=label, seconds=seconds, outlives=outlives)
    except Refusal as refusal:
        state.visit.problems = [in_words(refusal)]
        return
    questions.pop(key, None)
    questions[key] = question
    state.setdefault("homes", {})[key] = home
    ended = [key for key, question in questions.items() if not question.active]
    for key in ended[: max(0, len(questions) - KEPT)]:
        del questions[key]


def answer(key: Key) -> Any:
    """What is known so far; None if it was never asked."""
    question = state.get("questions", {}).get(key)
    return question and question.result()


def unanswered() -> list[Asked]:
    """The questions that are still being answered, in the order of asking. Looking keeps them alive."""
    return [question for question in state.get("questions", {}).values() if question.active]


def is_open(key: Key) -> bool:
    question = state.get("questions", {}).get(key)
    return question is not None and question.active


def button(
    label: str,
    key: Key,
    task: Callable[[], Task],
    *,
    run: Run,
    help: str | None = None,
    seconds: float = 0.0,
    outlives: bool = False,
) -> None:
    """The button that asks about a run; while the answer comes, its progress and Stop beside it: not in its place,
    where the second click of two would meet it. What takes many `seconds`, if they are given, goes on without the
    visitor, who finds it again on coming back; and so does what `outlives` the visit however short it is: it is kept,
    and has an address."""
    state.setdefault("drawn", set()).add(key)
    home: Home = state.home
    if seconds or outlives:
        _find(key, task(), label)
    question: Asked | None = state.get("questions", {}).get(key)
    status = question and question.state()
    name = "ask_" + "_".join(str(part) for part in key if not isinstance(part, tuple))
    press, progress, stop = st.columns([2.2, 4.8, 1.2], vertical_alignment="center")
    active = status is not None and status.active
    press.button(
        label,
        key=name,
        icon=":material/neurology:",
        width="stretch",
        help=help,
        disabled=active,
        on_click=lambda: ask(run, key, task(), label, home, seconds=seconds, outlives=outlives),
    )
    if active:
        progress.progress(status.share, text=progress_text(status))
        stop.button(_("Stop"), key=name + "_stop", icon=":material/stop:", width="stretch", on_click=question.stop)
        return
    if status is not None and status.stage == "failed":
        progress.error(asked.error_of(status), icon=":material/error:")
    elif status is not None and status.stage in ("stopped", "interrupted"):
        progress.caption(_("Stopped early; what was done stays."))


def _find(key: Key, task: Task, label: str) -> None:
    """Once for each task in a visit: what is found is a question like those asked in it."""
    looked, questions = state.setdefault("looked", set()), state.setdefault("questions", {})
    if key in questions or (id := task_id(task)) in looked:
        return
    looked.add(id)
    if (found := asked.find(task, label)) is not None:
        questions[key], state.setdefault("homes", {})[key] = found, state.home
        st.rerun()


def adopt(subject: Key, offers: Callable[[], Iterable[Offer]]) -> None:
    """What goes on in processes of their own, of what can be asked about a subject: once for each in a visit. It may
    be asked in a part of the page that is not in sight, with settings that the visitor no longer has."""
    looked = state.setdefault("adopted", set())
    if subject in looked:
        return
    looked.add(subject)
    active = asked.going_on()
    questions, homes = state.setdefault("questions", {}), state.setdefault("homes", {})
    for offer in offers() if active else ():
        wanted = offer.key not in questions and task_id(offer.task) in active
        if wanted and (found := asked.find(offer.task, offer.label)) is not None:
            questions[offer.key], homes[offer.key] = found, offer.home


def begin(home: Home) -> None:
    """Before the part of a page is drawn in which buttons stand."""
    state.drawn, state.home = set(), home


def elsewhere() -> None:
    """The open questions whose buttons are not in sight, in the order of asking, each with Stop and the way to it."""
    for n, (key, question) in enumerate(state.get("questions", {}).items()):
        status = question.state()
        if key in state.drawn or not status.active:
            continue
        home: Home = state.homes[key]
        progress, way, stop = st.columns([4, 2, 1.2], vertical_alignment="center")
        stop.button(_("Stop"), key=f"stop_{n}", icon=":material/stop:", width="stretch", on_click=question.stop)
        progress.progress(
            status.share,
            text=_("{question}: {progress}").format(question=question.label, progress=progress_text(status)),
        )
        way.button(
            home.name,
            key=f"way_{n}",
            icon=":material/arrow_forward:",
            width="stretch",
            on_click=lambda values=home.values: state.update(values),
        )
