"""Watch: what happens, step by step, with and without the energy?"""

from functools import partial

import streamlit as st

from edlm_core.runs.run_file import save_run
from pages.parts.app import cache, form
from pages.parts.app.asked import error_of
from pages.parts.app.i18n import gettext as _
from pages.parts.app.i18n import in_words, ngettext, title_of
from pages.parts.app.shown import hand_over
from pages.parts.app.visit import address, arrive, differences, follow, open_file, press_run, show_example
from pages.parts.widgets import controls, exports
from pages.parts.widgets.picture import animated_gif
from pages.parts.widgets.stage import player, stage

POLL_SECONDS = 0.7  # between two pictures of a run that is being written; its first and its last come at once
state = st.session_state


# ── what happens when ────────────────────────────────────────────────────────────
def choose_example() -> None:
    show_example(state.example)
    if state.example is not None:
        address({"run": state.example})


def progress_text() -> str:
    if not local.ready.is_set():
        return _("The model is loading…")
    if status.before:
        return ngettext("Waiting: {count} before you", "Waiting: {count} before you", status.before).format(
            count=status.before
        )
    return _("Writing: {percent} %").format(percent=round(100 * status.share))


def conditions_text() -> str:
    """Under what conditions the run on the stage was made, so that no number floats."""
    run = state.shown.run if state.shown is not None else None
    if run is None:
        return ""
    if not run.complete and not state.shown.live:
        text = _(
            "Stopped early; what was done stays. {device}, {dtype}, model {model}, weights {weights}, seed {seed}."
        )
    elif state.shown.replay:
        text = _("Recorded earlier on {device} in {dtype}, model {model}, weights {weights}, seed {seed}.")
    else:
        text = _("Computed just now on {device} in {dtype}, model {model}, weights {weights}, seed {seed}.")
    made = text.format(
        device=run.device.upper(),
        dtype=run.dtype,
        model=run.model.name,
        weights=run.model.fingerprint,
        seed=run.config.seed,
    )
    return f"{made} {differences()}".rstrip()


# ── the page ─────────────────────────────────────────────────────────────────────
if "shown" not in state:
    arrive()
form.recall()
local = cache.local(state.c_model)
task = state.task
status = task and task.state()  # before it is drawn: what ends meanwhile is drawn at the next rerun
active = status is not None and status.active
if task is not None:
    follow(task)

st.title(_("Watch a diffusion language model write"))
st.markdown(
    _(
        "It fills in many words at once, each blind to the others, so they contradict each other. "
        "The energy-corrected lane draws several complete drafts, has each judged **as a whole**, and keeps one."
    )
)
runs = cache.bundled_runs()
st.pills(
    _("Ready-made runs"),
    list(runs),
    key="example",
    format_func=lambda name: title_of(runs[name].title),
    on_change=choose_example,
)
controls.prompt_and_run(press_run)
controls.more_settings(lambda: local.rates)

line, button = st.columns([6, 1.2], vertical_alignment="center")
button.button(
    _("Stop"),
    key="stop",
    icon=":material/stop:",
    width="stretch",
    disabled=not active,
    on_click=lambda: task.stop(),
)
with line:
    if active:
        st.progress(status.share, text=progress_text())
    elif local.error:
        st.error(in_words(local.error), icon=":material/error:")
    elif status is not None and status.stage == "failed":
        st.error(error_of(status), icon=":material/error:")
    else:
        st.caption(conditions_text())

for problem in state.problems:
    st.error(problem, icon=":material/error:")
if state.shown is None:
    st.info(_("No run to show yet: press Run."), icon=":material/play_arrow:")
    st.stop()

place = stage(state.shown, state.start, diagnose=True)
if place is not None:
    hand_over(state.shown, **place)
    st.switch_page("pages/diagnose.py")

run = state.shown.run
with st.popover(_("Save or open"), icon=":material/save:"):
    save, name = st.container(), state.shown.id
    save.download_button(
        _("Run file, plays in this app"),
        lambda: save_run(run),
        f"{name}.json",
        "application/json",
        key="save_run",
        on_click="ignore",
        width="stretch",
    )
    save.download_button(
        _("Web page, plays without a network"),
        lambda: player(run),
        f"{name}.html",
        "text/html",
        key="save_player",
        on_click="ignore",
        width="stretch",
    )
    gif = partial(animated_gif, run, controls.sampler_names(), stopped=_("stopped early"))
    save.download_button(
        _("Animated picture (GIF)"), gif, f"{name}.gif", "image/gif", key="save_gif", on_click="ignore", width="stretch"
    )
    save.download_button(
        _("Table of all drafts (CSV)"),
        lambda: exports.candidates_csv(run),
        f"{name}.csv",
        "text/csv",
        key="save_csv",
        on_click="ignore",
        width="stretch",
    )
    st.file_uploader(_("Open a run file"), type="json", key="upload", on_change=open_file)

if active:
    task.wait(POLL_SECONDS)
    st.rerun()
elif not local.ready.is_set():
    local.ready.wait(POLL_SECONDS)
    st.rerun()
