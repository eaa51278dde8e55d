"""What is kept for a visitor from page to page, and what is put before them: an address, a ready-made run, a file, a
press of Run. Every page is drawn inside `with page(...) as visit`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import streamlit as st

from edlm_core.messages import N_
from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import MAX_BYTES, BadRun, load_run
from edlm_core.work.executor import TaskState
from edlm_core.work.tasks import Record

from . import cache, form
from .asked import Asked, ask
from .i18n import gettext as _
from .i18n import in_words
from .links import CONDITIONS, DEFAULT, LINK_KEYS, Settings, conditions_of_run, settings_of_query, settings_of_run
from .shell import inside_the_shell
from .shown import Shown
from .words import plain

state = st.session_state
Wait = Callable[[float], object]  # for some seconds, or until there is something new to draw


@dataclass(eq=False)
class Visit:
    """One a session, in `st.session_state.visit`."""

    shown: Shown | None = None  # the run before them
    example: str | None = None  # its name, where it is a ready-made one
    task: Asked | None = None  # what computes it
    settings: Settings = DEFAULT  # that it is computed from
    start: dict[str, int | None] | None = None  # where the stage begins
    problems: list[str] = field(default_factory=list)  # lines to show
    link_conditions: dict[str, str] = field(default_factory=dict)  # those that a link was made under
    # of the script run at hand
    status: TaskState | None = None  # of the task; what ends while the page is drawn is drawn at the next
    waits: list[Wait] = field(default_factory=list)

    @property
    def active(self) -> bool:
        return self.status is not None and self.status.active

    def wait_for(self, *waits: Wait) -> None:
        """Draw the page again when the first of all that it waits for has brought something."""
        self.waits += waits


@contextmanager
def page(*, every: float, arrived: Callable[[Visit, Mapping[str, str]], None] | None = None) -> Iterator[Visit]:
    """A script run of a page: from the address, which only a visitor's first one reads, to the next look at what goes
    on, at most `every` seconds later. `arrived` is told the address of a visitor who came by this page."""
    if "visit" not in state:
        inside_the_shell()
        query = st.query_params.to_dict()
        arrive(query)
        if arrived is not None:
            arrived(state.visit, query)
    visit: Visit = state.visit
    form.recall()
    visit.waits, visit.status = [], visit.task and visit.task.state()
    if visit.task is not None:
        _follow(visit, visit.task)
    if visit.active:
        visit.wait_for(visit.task.wait)
    yield visit
    if visit.waits:
        visit.waits[0](every)
        st.rerun()


def arrive(query: Mapping[str, str]) -> None:
    """A visitor's first script run: what the address asks for, else the first bundled run."""
    visit = state.visit = Visit()
    settings, problems = settings_of_query(query)
    if settings.model not in cache.model_names():
        problems.append(_not_among("model", cache.model_names(), settings.model))
        settings = replace(settings, model=Settings.model)
    form.fill(settings)
    runs = cache.bundled_runs()
    name = query.get("run", next(iter(runs), None))
    if name is not None and name not in runs:
        problems.append(_not_among("run", runs, name))
        name = next(iter(runs), None)
    visit.problems = [in_words(problem) for problem in problems]
    at = query.get("at", "")
    visit.start = {"step": int(at), "lane": 0, "position": None} if at.isdecimal() and len(at) < 5 else None
    if name is not None:
        show_example(name, fill="run" in query or not LINK_KEYS & query.keys())
    visit.link_conditions = {name: query[name][:12] for name in CONDITIONS if name in query}
    if "seed" in query and not visit.problems:
        start = visit.start
        press_run(settings)
        visit.start = start


def _not_among(name: str, known: Iterable[str], got: str) -> Refusal:
    return Refusal("choice", name=name, known=", ".join(known), got=repr(got[:40]))


def show_example(name: str | None, *, fill: bool = True) -> None:
    """Play a ready-made run. Its settings fill the form, where one of them can be changed; a link may have others."""
    visit: Visit = state.visit
    if name is None:
        return
    visit.example = name
    if visit.task is not None:
        visit.task.stop()
        visit.task = None
    run = cache.bundled_runs()[name]
    visit.shown = Shown(f"bundled-{name}", run, replay=True, link=f"?run={name}")
    settings = settings_of_run(run) if fill else None
    if settings is not None:
        form.fill(settings)


def address(query: dict[str, str]) -> None:
    """What the address bar says from now on; the language stays."""
    lang = st.query_params.get("lang")
    st.query_params.from_dict(query | ({"lang": lang} if lang else {}))


def press_run(settings: Settings) -> None:
    """As a button's callback."""
    visit: Visit = state.visit
    visit.start = None
    if visit.task is not None:
        visit.task.stop()
    title = settings.prompt or N_("A story from nothing")  # it may be shown in another language
    try:
        visit.task = ask(settings.model, Record(settings.model, tuple(settings.requests()), title))
    except Refusal as refusal:
        visit.problems = [in_words(refusal)]
        return
    visit.problems, visit.example = [], None
    visit.settings = settings
    address(settings.query())


def open_file() -> None:
    """Run as the uploader's callback: what was chosen is shown, or why it can't be."""
    visit, file = state.visit, state.upload
    if file is None:
        return
    try:
        if file.size > MAX_BYTES:
            raise BadRun("run-too-large", most=MAX_BYTES >> 20, got=file.size >> 20)
        run = load_run(file.getvalue())
    except BadRun as error:
        visit.problems = [plain(_("{file}: {problem}").format(file=file.name, problem=in_words(error)))]
        return
    settings = settings_of_run(run)
    visit.problems, visit.example, visit.start, visit.task = [], None, None, None
    visit.shown = Shown(f"file-{file.file_id}", run, replay=True, link=settings and "?" + urlencode(settings.query()))
    if settings is not None:
        form.fill(settings)


def _follow(visit: Visit, task: Asked) -> None:
    """Put what a task has brought so far before the visitor."""
    live, run, shown = task.active, task.result(), visit.shown
    if run is None or (shown is not None and shown.run is run and shown.live == live):
        return
    link = "?" + urlencode(visit.settings.query() | conditions_of_run(run))
    visit.shown = Shown(task.name, run, replay=False, live=live, link=link)
