"""How a run comes before a visitor: an address, a ready-made run, a file, a press of Run. Shared by the pages.

What is kept for the visitor, in the session: `shown` the run, `task` what computes it, `settings` its settings,
`problems` lines to show, `start` where the stage begins, `link_conditions` those that a link was made under.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from edlm_core.messages import N_
from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import MAX_BYTES, BadRun, load_run
from edlm_core.work.tasks import Record

from . import cache, form
from .asked import Asked, ask
from .i18n import gettext as _
from .i18n import in_words, title_of
from .links import CONDITIONS, Settings, conditions_of_run, differing, settings_of_query, settings_of_run
from .shown import Shown
from .words import plain

state = st.session_state


def arrive() -> None:
    """A visitor's first script run: what the address asks for, else the first bundled run."""
    query = st.query_params.to_dict()
    settings, problems = settings_of_query(query)
    unknown = []
    if settings.model not in cache.model_names():
        unknown.append(_not_among("model", cache.model_names(), settings.model))
        settings = replace(settings, model=Settings.model)
    state.task, state.example = None, None
    form.fill(settings)
    runs = cache.bundled_runs()
    name = query.get("run", next(iter(runs), None))
    if name is not None and name not in runs:
        unknown.append(_not_among("run", runs, name))
        name = next(iter(runs), None)
    state.problems = [in_words(problem) for problem in [*problems, *unknown]]
    at = query.get("at", "")
    state.start = {"step": int(at), "lane": 0, "position": None} if at.isdecimal() and len(at) < 5 else None
    state.shown = None
    if name is not None:
        show_example(name)
    state.link_conditions = {name: query[name][:12] for name in CONDITIONS if name in query}
    if "seed" in query and not state.problems:
        start = state.start
        press_run(settings)
        state.start = start


def _not_among(name: str, known: Iterable[str], got: str) -> Refusal:
    return Refusal("choice", name=name, known=", ".join(known), got=repr(got[:40]))


def show_example(name: str | None) -> None:
    if name is None:
        return
    state.example = name
    if state.task is not None:
        state.task.stop()
        state.task = None
    state.shown = Shown(f"bundled-{name}", cache.bundled_runs()[name], replay=True, link=f"?run={name}")


def address(query: dict[str, str]) -> None:
    """What the address bar says from now on; the language stays."""
    lang = st.query_params.get("lang")
    st.query_params.from_dict(query | ({"lang": lang} if lang else {}))


def press_run(settings: Settings) -> None:
    state.start = None
    if state.task is not None:
        state.task.stop()
    title = settings.prompt or N_("A story from nothing")  # it may be shown in another language
    try:
        state.task = ask(settings.model, Record(settings.model, tuple(settings.requests()), title))
    except Refusal as refusal:
        state.problems = [in_words(refusal)]
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
        state.problems = [plain(_("{file}: {problem}").format(file=file.name, problem=in_words(error)))]
        return
    settings = settings_of_run(run)
    state.problems, state.example, state.start, state.task = [], None, None, None
    state.shown = Shown(f"file-{file.file_id}", run, replay=True, link=settings and "?" + urlencode(settings.query()))
    if settings is not None:
        form.fill(settings)


def conditions() -> str:
    """Which run it is, and under what conditions it was made, so that no number floats."""
    run = state.shown.run
    title = plain(title_of(run.title))
    if state.shown.replay:
        text = _(
            "Recorded earlier on {device} in {dtype}, model {model}, weights {weights}, energy {energy}, seed {seed}."
        )
    else:
        text = _(
            "Computed just now on {device} in {dtype}, model {model}, weights {weights}, energy {energy}, seed {seed}."
        )
    made = text.format(
        device=run.device.upper(),
        dtype=run.dtype,
        model=plain(run.model.name),
        weights=plain(run.model.fingerprint),
        energy=plain(run.energy),
        seed=run.config.seed,
    )
    return f"“{title}” · {made}" if title.strip() else made


def differences() -> str:
    """What of the conditions that the link was made under is otherwise here; nothing where the text is the same."""
    if state.shown is None or state.shown.replay:
        return ""
    words = {
        "weights": _("The link was made with other weights ({asked}): the text may differ."),
        "dtype": _("The link was made in {asked}: the text may differ."),
        "threads": _("The link was made with {asked} threads, here with {here}: the text may differ."),
    }
    found = differing(state.get("link_conditions", {}), state.shown.run)
    return " ".join(words[name].format(asked=plain(asked), here=here) for name, (asked, here) in found.items())


def follow(task: Asked) -> None:
    """Put what a task has brought so far on the stage."""
    live, run = task.active, task.result()
    shown = state.shown
    if run is None or (shown is not None and shown.run is run and shown.live == live):
        return
    link = "?" + urlencode(state.settings.query() | conditions_of_run(run))
    state.shown = Shown(task.name, run, replay=False, live=live, link=link)
