"""The sweeps that there are: how far each is, what it has brought, and its buttons. All is read from the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from edlm_core.catalogue import JUDGES
from edlm_core.measure.presets import PRESETS
from edlm_core.measure.trial_row import setting_of
from edlm_core.work.cells import figures
from edlm_core.work.detached import Detached
from edlm_core.work.encoding import restored_refusal
from edlm_core.work.executor import TaskState
from edlm_core.work.sweep_task import CellState, MeasureCells

from ..app import cache
from ..app.asked import error_of
from ..app.i18n import gettext as _
from ..app.i18n import in_words, number, percent
from ..app.visit import Visit
from ..widgets.waiting import progress_text
from .sources import HERE
from .sweep_start import begin, press
from .view import names_of_settings

state = st.session_state
SHOWN = 6  # the newest
NAME = 12  # digits of a sweep's id, as the command line shows them


def show(visit: Visit) -> None:
    """Raises Refusal."""
    detached = cache.detached()
    ids = detached.ledger.newest(MeasureCells.kind, SHOWN)
    if not ids:
        st.caption(_("No sweep has been started yet. It goes on when this page, or the app, is closed."))
        return
    states = {id: detached.state(id) for id in ids}
    for id in sorted(ids, key=lambda id: not states[id].active):
        _one(detached, id, cache.sweep(detached, id), states[id])
    for id, status in states.items():
        if status.active:
            visit.wait_for(lambda seconds, id=id: detached.wait(id, seconds))


def _one(detached: Detached, id: str, task: MeasureCells, status: TaskState) -> None:
    with st.container(border=True):
        name, *buttons = st.columns([4.6, 1.3, 1.3], vertical_alignment="center")
        name.markdown(title(id, task))
        _buttons(detached, id, task, status, buttons)
        done = status.doing.values if status.doing is not None else {}
        texts = (
            _("{done} of {of} texts").format(done=number(done["done"]), of=number(done["of"])) if "of" in done else ""
        )
        st.progress(status.share, text=f"{stage(status)} {texts}".strip())
        if status.error is not None:
            st.error(error_of(status), icon=":material/error:")
        states: list[CellState] = detached.result(id) or []
        if states:
            with st.expander(_("By setting"), expanded=status.active):
                _cells(detached, id, task, states, active=status.active)


def title(id: str, task: MeasureCells) -> str:
    label = _(PRESETS[task.title].label) if task.title in PRESETS else _("A grid")
    n = number(len(task.requests))
    return _("**{sweep}**, settings: {n} · `{id}`").format(sweep=label, n=n, id=id[:NAME])


def stage(status: TaskState) -> str:
    """How it stands, in words."""
    if status.stage == "waiting":
        return progress_text(status)
    if status.stage == "running" and status.doing is None:
        return _("Loading the networks.")
    return {
        "running": _("Measuring: {percent}.").format(percent=percent(status.share)),
        "done": _("Done."),
        "stopped": _("Stopped; what was written stays."),
        "interrupted": _("Its process ended without a word; what was written stays."),
        "failed": _("Not all of it could be done; what was written stays."),
    }[status.stage]


def _buttons(
    detached: Detached, id: str, task: MeasureCells, status: TaskState, places: Sequence[DeltaGenerator]
) -> None:
    first, second = places
    if status.stage == "waiting":
        first.button(
            _("Do it next"),
            key=f"sweep_next_{id}",
            icon=":material/move_up:",
            width="stretch",
            on_click=lambda: press(lambda: detached.ledger.hurry(id)),
        )
    elif status.share > 0:
        first.button(
            _("See it"),
            key=f"sweep_see_{id}",
            icon=":material/query_stats:",
            width="stretch",
            help=_("The charts above show what has been measured here."),
            on_click=lambda: state.update(m_source=HERE, m_chosen=True),
        )
    if status.active:
        second.button(
            _("Stop"),
            key=f"sweep_stop_{id}",
            icon=":material/stop:",
            width="stretch",
            on_click=lambda: press(lambda: detached.stop(id)),
        )
    elif status.stage != "done":
        second.button(
            _("Resume"),
            key=f"sweep_resume_{id}",
            icon=":material/play_arrow:",
            width="stretch",
            on_click=lambda: press(lambda: begin(task)),
        )


def _cells(detached: Detached, id: str, task: MeasureCells, states: Sequence[CellState], *, active: bool) -> None:
    requests = cache.sweep_cells(detached, id)
    names = names_of_settings({cell: setting_of(request) for cell, request in requests.items()})
    judge = next((judge for judge in JUDGES if judge in task.how.judges), None)
    st.dataframe(
        cells_table(detached, names, states, judge),
        hide_index=True,
        width="stretch",
        height=min(400, 38 + 35 * len(states)),
        column_config={_("done"): st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
    )
    waiting = [one.cell for one in states if one.done < one.of]
    if active and len(waiting) > 1:
        ahead, key = [cell for cell in detached.ledger.ahead(id) if cell in waiting], f"sweep_first_{id}"
        state[key] = ahead
        st.multiselect(
            _("Do these first"),
            waiting,
            key=key,
            format_func=names.__getitem__,
            placeholder=_("in the order of the table, a batch of each in turn"),
            on_change=lambda: press(lambda: detached.ledger.reorder(id, state[key])),
        )


def cells_table(
    detached: Detached, names: dict[str, str], states: Sequence[CellState], judge: str | None
) -> pd.DataFrame:
    """A row a setting: how far it is, and what its texts are like so far."""
    known = {one.cell: one for one in figures(detached.store, cell=[one.cell for one in states])}
    return pd.DataFrame([_row(one, names[one.cell], known.get(one.cell), judge) for one in states])


def _row(one: CellState, name: str, found: Any, judge: str | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        _("setting"): name,
        _("done"): one.done / one.of,
        _("texts"): _("{done} of {of}").format(done=number(one.done), of=number(one.of)),
    }
    if judge is not None:
        mean, half = (found and found.measured.get(f"judge_nll_{judge}")) or (None, None)
        row[_("NLL by {judge}").format(judge=_(JUDGES[judge].label))] = mean
        row["± 95%"] = half
    row[_("seconds a text")] = found and found.measured["seconds"][0]
    if one.error is not None:
        row[_("why not")] = in_words(restored_refusal(one.error))
    return row


def problem() -> None:
    """Why the last press came to nothing; told once."""
    if (told := state.pop("m_sweep_problem", None)) is not None:
        st.error(told, icon=":material/error:")
