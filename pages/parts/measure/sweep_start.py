"""What a sweep will take, told before it starts: how many texts, which are kept already, how long the others take."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import streamlit as st

from edlm_core.config import Request
from edlm_core.measure.plan import Plan, kinds_of, plan
from edlm_core.measure.settled import How
from edlm_core.refusals import Refusal
from edlm_core.work.cells import kept_seeds
from edlm_core.work.sweep_task import MeasureCells, sweep_of
from edlm_core.work.task import task_id
from edlm_core.work.tasks import MeasureSpeed

from ..app import cache
from ..app.asked import Asked, ask, error_of
from ..app.i18n import gettext as _
from ..app.i18n import in_words, ngettext, number, time_of
from ..app.visit import Visit
from .sweep_form import Wanted

state = st.session_state


def show(wanted: Wanted, visit: Visit) -> None:
    """Raises Refusal."""
    asked = _speed(wanted)
    status = asked.state()
    told, start = st.columns([5, 1.4], vertical_alignment="center")
    if status.active:
        visit.wait_for(asked.wait)
        loading = not cache.local(wanted.model).ready.is_set()
        told.info(
            _("The model is loading…") if loading else _("Measuring how fast this machine is: a few seconds…"),
            icon=":material/hourglass_empty:",
        )
        start.button(_("Start"), key="sweep_start", icon=":material/play_arrow:", width="stretch", disabled=True)
        return
    if status.stage != "done":
        told.error(error_of(status), icon=":material/error:")
        start.button(_("Try again"), key="sweep_again", width="stretch", on_click=lambda: state.pop("m_speed"))
        return
    speed = asked.result()
    task, cells = _task(wanted.requests, speed.how, wanted.title)
    plan_ = plan(cells, kept_seeds(cache.store(), list(cells)), speed.how.judges, speed.rates)
    told.markdown(in_sentences(plan_, speed.how))
    start.button(
        _("Start"),
        key="sweep_start",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=plan_.left == 0,
        on_click=lambda: press(lambda: begin(task)),
    )


def begin(task: MeasureCells) -> None:
    """Start, or go on. A sweep belongs to the store and not to a visit, so it has no watcher: whoever sees it may stop
    it."""
    cache.detached().submit(task)


def press(action: Callable[[], object]) -> None:
    """As a button's callback: what the store, or the queue, refuses is told once, above the form."""
    try:
        action()
    except Refusal as refusal:
        state.m_sweep_problem = in_words(refusal)


def in_sentences(told: Plan, how: How) -> str:
    said = [
        _("**Texts: {texts}.** Settings: {settings}, the same seeds in each.").format(
            texts=number(told.texts), settings=number(told.cells)
        )
    ]
    if told.kept:
        said.append(
            ngettext(
                "{n} of them is kept already and will not be done again.",
                "{n} of them are kept already and will not be done again.",
                told.kept,
            ).format(n=number(told.kept))
        )
    if told.left == 0:
        return " ".join([*said, _("Nothing is left to do: ask for more texts, or look at those that there are.")])
    if told.seconds is None:
        said.append(_("How long it takes is not known."))
    else:
        said.append(_("It takes about **{time}** here.").format(time=time_of(told.seconds)))
    said.append(
        ngettext("({device}, {dtype}, {n} thread)", "({device}, {dtype}, {n} threads)", how.threads).format(
            device=how.device, dtype=how.dtype, n=how.threads
        )
    )
    return " ".join(said)


def _speed(wanted: Wanted) -> Asked:
    """Asked as soon as it is wanted; what was measured for one visitor is told the next. Raises Refusal."""
    task = MeasureSpeed(wanted.model, kinds_of(wanted.requests), wanted.judges)
    asked: Asked | None = state.get("m_speed")
    if asked is None or asked.id != task_id(task) or asked.state().stage == "stopped":
        if asked is not None:
            asked.stop()
        asked = ask(wanted.model, task)
        state.m_speed = asked
    return asked


@lru_cache(maxsize=8)
def _task(requests: tuple[Request, ...], how: How, title: str) -> tuple[MeasureCells, dict[str, Request]]:
    """With its cells: five thousand names take a moment, and the page is drawn every second. Raises Refusal."""
    task = sweep_of(requests, how, title=title)
    return task, task.cells
