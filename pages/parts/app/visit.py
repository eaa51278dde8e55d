"""What is kept for a visitor from page to page, and what is put before them: an address, a ready-made run, a file, a
press of Run. Every page is drawn inside `with page(...) as visit`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from edlm_core.messages import N_
from edlm_core.refusals import Refusal
from edlm_core.runs.schema import MAX_LINE
from edlm_core.work.executor import TaskState
from edlm_core.work.tasks import Record

from . import address, cache, form
from .asked import Asked, ask
from .i18n import gettext as _
from .i18n import in_words
from .links import CONDITIONS, DEFAULT, KEYS, Settings, conditions_of_run, settings_of_query, settings_of_run
from .offer import Offer
from .shell import inside_the_shell
from .shown import Shown
from .words import shorten

state = st.session_state
Wait = Callable[[float], object]  # for some seconds, or until there is something new to draw
BROUGHT = 3  # runs that no link makes again and Back may lead to


@dataclass(eq=False)
class Visit:
    """One a session, in `st.session_state.visit`."""

    shown: Shown | None = None  # the run before them
    example: str | None = None  # its name, where it is a ready-made one
    task: Asked | None = None  # what computes it
    settings: Settings = DEFAULT  # that it is computed from
    offer: Offer | None = None  # what a link asks for and has not begun
    query: dict[str, str] = field(default_factory=dict)  # what the address says of it
    brought: dict[str, Shown] = field(default_factory=dict)  # files and branches, by their ids
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

    def leave_task(self) -> None:
        """What is computed is not waited for any more."""
        if self.task is not None:
            self.task.stop()
        self.task = self.offer = None


@contextmanager
def page(*, every: float, arrived: Callable[[Visit, Mapping[str, str]], None] | None = None) -> Iterator[Visit]:
    """A script run of a page: from the address, where a visitor comes by it or goes back to it, to the next look at
    what goes on, at most `every` seconds later. `arrived` is told an address by which a visitor came to a place."""
    query, new = address.read(), "visit" not in state
    if new:
        inside_the_shell()
        state.visit = Visit()
    visit: Visit = state.visit
    if new or (address.came_by_history() and address.run_of(query) != address.run_of(visit.query)):
        arrive(visit, query)
    form.recall()
    if arrived is None:
        address.write(visit.query)
    elif new or address.came_by_history():
        arrived(visit, query)
    _consider(visit)
    visit.waits, visit.status = [], visit.task and visit.task.state()
    if visit.task is not None:
        _follow(visit, visit.task)
    if visit.active:
        visit.wait_for(visit.task.wait)
    if visit.offer is not None and (wait := visit.offer.wait) is not None:
        visit.wait_for(wait)
    yield visit
    if visit.waits:
        visit.waits[0](every)
        st.rerun()


def switch_page(script: str) -> None:
    """To another page of the app; the address goes along."""
    st.switch_page(script, query_params=address.with_language(state.visit.query))


# ── by an address ────────────────────────────────────────────────────────────────
def arrive(visit: Visit, query: Mapping[str, str]) -> None:
    """What an address asks for, else the first bundled run."""
    visit.problems, visit.link_conditions = [], {}
    if (opened := visit.brought.get(query.get(address.OPENED, ""))) is not None:
        show(opened)
        return
    settings, problems = settings_of_query(query)
    if settings.model not in cache.model_names():
        problems.append(_not_among("model", cache.model_names(), settings.model))
        settings = replace(settings, model=Settings.model)
    runs = cache.bundled_runs()
    name = query.get("run", next(iter(runs), None))
    if name is not None and name not in runs:
        problems.append(_not_among("run", runs, name))
        name = next(iter(runs), None)
    form.fill(settings)
    at = query.get("at", "")
    start = {"step": int(at), "lane": 0, "position": None} if at.isdecimal() and len(at) < 5 else None
    if name is not None:
        show_example(name, fill="run" in query or not KEYS & query.keys())
    visit.start = start
    visit.link_conditions = {name: query[name][:12] for name in CONDITIONS if name in query}
    visit.query = address.run_of(query) | visit.link_conditions
    if "seed" in query and not problems:
        visit.offer = Offer(settings, start)
    elif address.OPENED in query:
        problems.append(Refusal("run-elsewhere"))
    if strange := sorted(set(query) - address.KNOWN):
        problems.append(Refusal("link-parts", names=", ".join(strange)[:200]))
    visit.problems = [in_words(problem) for problem in problems]


def _not_among(name: str, known: Iterable[str], got: str) -> Refusal:
    return Refusal("choice", name=name, known=", ".join(known), got=repr(got[:40]))


def _consider(visit: Visit) -> None:
    """Begin what a link asks for, unless it takes so long that a press is waited for."""
    offer = visit.offer
    if offer is None or not offer.may_begin(_record(offer.settings), cache.local(offer.settings.model)):
        return
    problems = visit.problems
    press_run(offer.settings)
    visit.start, visit.problems = offer.start, [*problems, *visit.problems]


# ── what comes before the visitor ────────────────────────────────────────────────────────
def show_example(name: str | None, *, fill: bool = True) -> None:
    """A ready-made run; what waits for its turn takes the stage when that has come. Its settings fill the form, where
    one of them can be changed; a link may have others."""
    visit: Visit = state.visit
    if name is None:
        return
    if visit.task is None or visit.task.state().stage != "waiting":
        visit.leave_task()
    visit.offer, visit.example, visit.problems, visit.start = None, name, [], None
    run = cache.bundled_runs()[name]
    visit.shown = Shown(f"bundled-{name}", run, replay=True, link=f"?run={name}")
    visit.query = {"run": name}
    settings = settings_of_run(run) if fill else None
    if settings is not None:
        form.fill(settings)


def press_run(settings: Settings) -> None:
    """As a button's callback."""
    visit: Visit = state.visit
    try:
        task = ask(settings.model, _record(settings))
    except Refusal as refusal:
        visit.problems = [in_words(refusal), _("Nothing has begun: what is shown is the run from before.")]
        visit.offer = None
        return
    if visit.task is not None and visit.task.id != task.id:
        visit.leave_task()
    visit.task, visit.settings = task, settings
    visit.offer, visit.start, visit.problems, visit.example = None, None, [], None
    visit.query = settings.query()
    address.write(visit.query)


def _record(settings: Settings) -> Record:
    title = settings.prompt or N_("A story from nothing")  # it may be shown in another language
    return Record(settings.model, tuple(settings.requests()), shorten(title, MAX_LINE))


def show(brought: Shown) -> None:
    """A file or a branch. The last ones are kept, since Back may lead to them and no link makes them again."""
    visit: Visit = state.visit
    visit.leave_task()
    visit.shown, visit.example, visit.problems, visit.start = brought, None, [], None
    visit.brought.pop(brought.id, None)
    visit.brought[brought.id] = brought
    for old in [*visit.brought][:-BROUGHT]:
        del visit.brought[old]
    visit.query = dict(parse_qsl((brought.link or "").removeprefix("?"))) | {address.OPENED: brought.id}


def _follow(visit: Visit, task: Asked) -> None:
    """Put what a task has brought so far before the visitor."""
    live, run, shown = task.active, task.result(), visit.shown
    if run is None or (shown is not None and shown.run is run and shown.live == live):
        return
    link = "?" + urlencode(visit.settings.query() | conditions_of_run(run))
    visit.shown, visit.example = Shown(task.name, run, replay=False, live=live, link=link), None
    visit.query = visit.settings.query()
