"""How a run comes before a visitor: an address, a ready-made run, a file, a press of Run. Shared by the pages.

What is kept for the visitor, in the session: `shown` the run, `job` what computes it, `settings` its settings,
`problems` lines to show, `start` where the stage begins, `weights` what a link was made with.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from edlm_core.refusals import in_words
from edlm_core.runs.run_file import MAX_BYTES, BadRun, load_run

from . import cache, form
from .i18n import gettext as _
from .jobs import Job, QueueFull
from .links import Settings, settings_of_query, settings_of_run
from .shown import Shown
from .words import plain

state = st.session_state


def arrive() -> None:
    """A visitor's first script run: what the address asks for, else the first bundled run."""
    query = st.query_params.to_dict()
    settings, state.problems = settings_of_query(query)
    if settings.model not in cache.model_names():
        known = ", ".join(cache.model_names())
        state.problems.append(f"model: expected one of {known}, got {settings.model[:40]!r}")
        settings = replace(settings, model=Settings.model)
    state.job, state.example = None, None
    form.fill(settings)
    runs = cache.bundled_runs()
    name = query.get("run", next(iter(runs), None))
    if name is not None and name not in runs:
        state.problems.append(f"run: expected one of {', '.join(runs)}, got {name[:40]!r}")
        name = next(iter(runs), None)
    at = query.get("at", "")
    state.start = {"step": int(at), "lane": 0, "position": None} if at.isdecimal() and len(at) < 5 else None
    state.shown = None
    if name is not None:
        show_example(name)
    state.weights = query.get("weights", "")[:12]
    if "seed" in query and not state.problems:
        start = state.start
        press_run(settings)
        state.start = start


def show_example(name: str | None) -> None:
    if name is None:
        return
    state.example = name
    if state.job is not None:
        state.job.stop()
        state.job = None
    state.shown = Shown(f"bundled-{name}", cache.bundled_runs()[name], replay=True, link=f"?run={name}")


def address(query: dict[str, str]) -> None:
    """What the address bar says from now on; the language stays."""
    lang = st.query_params.get("lang")
    st.query_params.from_dict(query | ({"lang": lang} if lang else {}))


def press_run(settings: Settings) -> None:
    state.start = None
    if state.job is not None:
        state.job.stop()
    try:
        state.job = cache.worker(settings.model).submit(
            settings.requests(), settings.prompt or _("A story from nothing")
        )
    except QueueFull as error:
        state.problems = [str(error)]
        return
    state.problems, state.example = [], None
    state.settings = settings
    address(settings.query())


def open_file() -> None:
    """Run as the uploader's callback: what was chosen is shown, or why it can't be."""
    file = state.upload
    if file is None:
        return
    try:
        if file.size > MAX_BYTES:
            raise BadRun("run-too-large", most=MAX_BYTES >> 20, got=file.size >> 20)
        run = load_run(file.getvalue())
    except BadRun as error:
        state.problems = [plain(f"{file.name}: {in_words(error, _)}")]
        return
    settings = settings_of_run(run)
    state.problems, state.example, state.start, state.job = [], None, None, None
    state.shown = Shown(f"file-{file.file_id}", run, replay=True, link=settings and "?" + urlencode(settings.query()))
    if settings is not None:
        form.fill(settings)


def conditions() -> str:
    """Which run it is, and under what conditions it was made, so that no number floats."""
    run = state.shown.run
    made = _("Recorded earlier") if state.shown.replay else _("Computed just now")
    title = _("“{title}”. ").format(title=plain(_(run.title))) if run.title.strip() else ""
    text = _("{made} on {device} in {dtype}, model {model}, weights {weights}, energy {energy}, seed {seed}")
    return title + text.format(
        made=made, device=run.device.upper(), dtype=run.dtype,
        model=plain(run.model.name), weights=plain(run.model.fingerprint), energy=plain(run.energy),
        seed=run.config.seed,
    )  # fmt: skip


def follow(job: Job) -> None:
    """Put what a job has done so far on the stage."""
    job.touch()
    run = job.run()
    if run is not None:
        link = "?" + urlencode(state.settings.query() | {"weights": run.model.fingerprint})
        state.shown = Shown(job.id, run, replay=False, live=job.active, link=link)
