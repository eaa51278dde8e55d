"""All that a server keeps or does once: a thread for each model, the store, the bundled runs, imports set aside."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import streamlit as st

from edlm_core.config import Request
from edlm_core.model_refs import ModelRef, model_refs
from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import Run, load_run
from edlm_core.work.detached import Detached
from edlm_core.work.local import Local
from edlm_core.work.store import Store
from edlm_core.work.task import Task, TaskId
from edlm_core.work.tasks import MeasureCells, RunSweep
from edlm_core.work.trials import file_trials

ASSETS = Path(__file__).parents[3] / "assets"


def model_names() -> list[str]:
    return list(model_refs())


def local(model: str) -> Local:
    """The thread that owns this model, on the best device there is. Starts loading, does not wait. Another one as soon
    as the folder has new weights."""
    return _local(model_refs()[model])


@st.cache_resource(max_entries=2, show_spinner=False, on_release=lambda local: local.close())
def _local(ref: ModelRef) -> Local:
    def load():
        from edlm_core.models.checkpoints import load_model

        loaded = load_model(str(ref.folder))
        gc.freeze()  # as in settle: torch has come in meanwhile
        return loaded

    return Local(load, _keep)


def _keep(task: Task, result: Any) -> None:
    """The texts of a sweep, for later; a store that refuses takes no answer from a visitor."""
    if isinstance(task, RunSweep):
        try:
            file_trials(store(), task, result)
        except Refusal as refusal:
            print(refusal, file=sys.stderr)


@st.cache_resource(show_spinner=False, on_release=lambda store: store.close())
def store() -> Store:
    """Raises Refusal."""
    return Store()


def detached() -> Detached:
    """Who does long tasks, each in a process of its own. Raises Refusal."""
    return _detached(store())


@st.cache_resource(show_spinner=False)
def _detached(_store: Store) -> Detached:
    return Detached(_store)


@st.cache_resource(max_entries=32, show_spinner=False)
def sweep(_detached: Detached, id: TaskId) -> MeasureCells:
    """By its id, which is a hash of all that is in it."""
    task = _detached.ledger.task(id)
    assert isinstance(task, MeasureCells)  # noqa: S101, its kind says so
    return task


@st.cache_resource(max_entries=32, show_spinner=False)
def sweep_cells(_detached: Detached, id: TaskId) -> dict[str, Request]:
    """The requests of a sweep by the names of their cells."""
    return sweep(_detached, id).cells


@st.cache_resource(show_spinner=False)  # shared, not copied: nobody changes a run
def bundled_runs() -> dict[str, Run]:
    """Runs that play before any model has loaded, by name, in the order of their files' names."""
    return {path.stem: load_run(path.read_bytes()) for path in sorted((ASSETS / "runs").glob("*.json"))}


@st.cache_resource(show_spinner=False)
def settle(page: str) -> None:
    """Once for each page, when all that it imports is there. Streamlit collects garbage after every script run, before
    the next may begin; going through the imported modules takes it longer than drawing the page. They stay anyway."""
    gc.freeze()
