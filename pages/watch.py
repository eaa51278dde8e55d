"""Watch: what happens, step by step, with and without the energy?"""

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from edlm_core.traces import MAX_BYTES, BadRun, load_run, save_run
from pages.parts import cache, controls, exports
from pages.parts.i18n import gettext as _
from pages.parts.jobs import Job, QueueFull
from pages.parts.links import Settings, settings_of_query, settings_of_run
from pages.parts.stage import Shown, player, stage

POLL_SECONDS = 0.7  # between two pictures of a run that is being written; its first and its last come at once
state = st.session_state


# ── what happens when ────────────────────────────────────────────────────────────
def arrive() -> None:
    """A visitor's first script run: what the address asks for, else the first bundled run."""
    query = st.query_params.to_dict()
    settings, state.problems = settings_of_query(query)
    if settings.model not in cache.model_names():
        known = ", ".join(cache.model_names())
        state.problems.append(f"model: expected one of {known}, got {settings.model[:40]!r}")
        settings = replace(settings, model=Settings.model)
    state.job, state.example = None, None
    controls.fill(settings)
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


def choose_example() -> None:
    show_example(state.example)
    if state.example is not None:
        address({"run": state.example})


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
            raise BadRun(f"expected a run file of at most {MAX_BYTES >> 20} MiB, got {file.size >> 20} MiB")
        run = load_run(file.getvalue())
    except BadRun as error:
        state.problems = [f"{file.name}: {error}"]
        return
    settings = settings_of_run(run)
    state.problems, state.example, state.start = [], None, None
    state.shown = Shown(f"file-{file.file_id}", run, replay=True, link=settings and "?" + urlencode(settings.query()))
    if settings is not None:
        controls.fill(settings)


def follow(job: Job) -> None:
    """Put what a job has done so far on the stage."""
    job.touch()
    run = job.run()
    if run is not None:
        link = "?" + urlencode(state.settings.query() | {"weights": run["model"]["fingerprint"]})
        state.shown = Shown(job.id, run, replay=False, live=job.active, link=link)


def progress_text() -> str:
    before = worker.place(job)
    if not worker.ready.is_set():
        return _("The model is loading…")
    if before:
        return _("Waiting: {count} before you").format(count=before)
    return _("Writing: {percent} %").format(percent=round(100 * job.share))


def conditions_text() -> str:
    """Under what conditions the run on the stage was made, so that no number floats."""
    run = state.shown.run if state.shown is not None else None
    if run is None:
        return ""
    made = _("Recorded earlier") if state.shown.replay else _("Computed just now")
    if job is not None and job.state == "stopped" and not state.shown.replay:
        made = _("Stopped early; what was done stays")
    text = _("{made} on {device} in {dtype}, model {model}, weights {weights}, seed {seed}.").format(
        made=made, device=run["device"].upper(), dtype=run["dtype"], model=run["model"]["name"],
        weights=run["model"]["fingerprint"], seed=run["config"].get("seed", "–"),
    )  # fmt: skip
    asked = state.get("weights")
    if asked and asked != run["model"]["fingerprint"] and not state.shown.replay:
        text += " " + _("The link was made with other weights ({weights}): the text may differ.").format(weights=asked)
    return text


# ── the page ─────────────────────────────────────────────────────────────────────
if "shown" not in state:
    arrive()
worker = cache.worker(state.c_model)
job = state.job
active = job is not None and job.active  # before its state is drawn: what ends meanwhile is drawn at the next rerun
if job is not None:
    follow(job)

st.title(_("Watch a diffusion language model write"))
st.markdown(
    _(
        "It fills in many words at once, each blind to the others, so they contradict each other. "
        "The energy-corrected lane draws several complete drafts, has each judged **as a whole**, and keeps one."
    )
)
runs = cache.bundled_runs()
st.pills(
    _("Ready-made runs"), list(runs), key="example", format_func=lambda name: _(runs[name]["title"]),
    on_change=choose_example,
)  # fmt: skip
controls.prompt_and_run(press_run)
controls.more_settings(lambda: worker.rates)

status, button = st.columns([6, 1.2], vertical_alignment="center")
button.button(
    _("Stop"), key="stop", icon=":material/stop:", width="stretch", disabled=not active,
    on_click=lambda: job.stop(),
)  # fmt: skip
with status:
    if active:
        st.progress(job.share, text=progress_text())
    elif worker.error:
        st.error(worker.error, icon=":material/error:")
    elif job is not None and job.state == "failed":
        st.error(job.error, icon=":material/error:")
    else:
        st.caption(conditions_text())

for problem in state.problems:
    st.error(problem, icon=":material/error:")
if state.shown is None:
    st.info(_("No run to show yet: press Run."), icon=":material/play_arrow:")
    st.stop()

stage(state.shown, state.start)

run = state.shown.run
with st.popover(_("Save or open"), icon=":material/save:"):
    save, name = st.container(), state.shown.id
    save.download_button(_("Run file, plays in this app"), lambda: save_run(run), f"{name}.json", "application/json",
                         key="save_run", on_click="ignore", width="stretch")  # fmt: skip
    save.download_button(_("Web page, plays without a network"), lambda: player(run), f"{name}.html", "text/html",
                         key="save_player", on_click="ignore", width="stretch")  # fmt: skip
    save.download_button(_("Animated picture (GIF)"), lambda: exports.animated_gif(run, controls.sampler_names()),
                         f"{name}.gif", "image/gif", key="save_gif", on_click="ignore", width="stretch")  # fmt: skip
    save.download_button(_("Table of all drafts (CSV)"), lambda: exports.candidates_csv(run), f"{name}.csv", "text/csv",
                         key="save_csv", on_click="ignore", width="stretch")  # fmt: skip
    st.file_uploader(_("Open a run file"), type="json", key="upload", on_change=open_file)

if active:
    job.wait(POLL_SECONDS)
    st.rerun()
elif not worker.ready.is_set():
    worker.ready.wait(POLL_SECONDS)
    st.rerun()
