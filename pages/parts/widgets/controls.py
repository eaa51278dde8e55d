"""The controls of a run: widgets -> Settings. Each control owns its key.

The sliders live in a fragment: moving one redraws them and the cost estimate, not the stage, and no
work starts before Run is pressed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from edlm_core.config import ENERGIES, REVEALS, SAMPLERS
from edlm_core.runs.costs import Rates, estimate_seconds

from ..app import form
from ..app.cache import model_names
from ..app.i18n import gettext as _
from ..app.links import CORRECTING, LANES, LIMITS, MAX_PROMPT, Settings
from .stage import ENGLISH


def sampler_names() -> dict[str, str]:
    return {name: _(ENGLISH[name]) for name in SAMPLERS}


def _energy_names() -> dict[str, str]:
    return {
        "none": _("None: no correction"),
        "ar": _("Small autoregressive model, trained on the same stories"),
        "coar": _("The same, blind to fixed words on the right"),
        "nce": _("Learned to tell real text from drafts (noise contrastive)"),
        "smollm2": _("SmolLM2-135M: pretrained, adapted to these stories (slower)"),
    }


def _reveal_names() -> dict[str, str]:
    return {"random": _("Anywhere"), "dilated": _("Far apart")}


def prompt_and_run(run: Callable[[Settings], None]) -> None:
    """The first row. `run` is called with all settings, before the page is drawn, when Run is pressed."""

    def press() -> None:
        with suppress(ValueError):  # what is wrong stands beside the settings already
            run(form.read())

    energies = _energy_names()
    prompt, energy, button = st.columns([5, 4, 1.4], vertical_alignment="bottom")
    prompt.text_input(
        _("Begin the story, or leave blanks"), key="c_prompt", max_chars=MAX_PROMPT,
        placeholder=_("Empty: a story from nothing. Each _ is a blank: Tom saw a ___ in the tree."),
        help=_("Your text stays as it is. Each underscore is one token to fill in; the model writes on behind it."),
    )  # fmt: skip
    energy.selectbox(_("Energy: who judges the drafts"), ENERGIES, key="c_energy", format_func=energies.__getitem__)
    button.button(
        _("Run"), key="c_run", type="primary", icon=":material/play_arrow:", width="stretch", on_click=press
    )  # fmt: skip


@st.fragment
def more_settings(rates: Callable[[], Rates]) -> None:
    """Everything else, and what a run with these settings will take here."""
    names = sampler_names()
    with st.expander(_("More settings"), icon=":material/tune:"):
        one, two, three = st.columns(3, gap="large")
        one.slider(
            _("Steps T"),
            *LIMITS["steps"],
            key="c_steps",
            help=_("Fewer steps: more words at once, more contradictions."),
        )
        one.slider(
            _("Drafts per step K"), *LIMITS["k"], key="c_k",
            help=_("How many complete candidates the energy chooses from. 1: nothing to choose."),
        )  # fmt: skip
        one.slider(_("Length in tokens"), *LIMITS["length"], key="c_length")
        one.radio(
            _("Places written at one step"), REVEALS, key="c_reveal", horizontal=True,
            format_func=_reveal_names().__getitem__,
            help=_("Words far apart depend less on each other, so they contradict each other less."),
        )  # fmt: skip
        two.slider(
            _("The energy acts at times t"), *LIMITS["low"], key="c_window", step=0.05,
            help=_("t = 1 is the start, all masked; t = 0 the finished text. Outside, the first draft is taken."),
        )  # fmt: skip
        two.slider(
            _("Temperature of the words"), *LIMITS["temperature"], key="c_temperature", step=0.05,
            help=_("Below 1 the denoiser plays safe; above 1 it is adventurous."),
        )  # fmt: skip
        two.slider(
            _("Temperature of the energy"), *LIMITS["energy_temperature"], key="c_energy_temperature", step=0.25,
            help=_("1 is the method. Higher trusts the energy less, lower more."),
        )  # fmt: skip
        three.pills(
            _("Lanes"), LANES, key="c_lanes", selection_mode="multi", format_func=names.__getitem__,
            help=_("All lanes share one reveal schedule and one noise."),
        )  # fmt: skip
        three.selectbox(
            _("How the energy corrects"), CORRECTING, key="c_sampler", format_func=names.__getitem__,
            help=_("README has a table of what each does, what its law is and how well it did."),
        )  # fmt: skip
        three.number_input(_("Seed"), 0, 2**32 - 1, key="c_seed", step=1, help=_("The same seed gives the same text."))
        three.selectbox(_("Model"), model_names(), key="c_model")
    try:
        settings = form.read()
    except ValueError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.caption(_estimate(settings, rates()))
    form.remember()


def _estimate(settings: Settings, rates: Rates) -> str:
    seconds = estimate_seconds(settings.requests(), rates)
    if seconds is None:
        return _("What a run costs is known once the model has warmed up.")
    text = _("under half a second") if seconds < 0.5 else _("{seconds} s").format(seconds=f"{seconds:.2g}")
    return _("Estimated time on this machine: {time}.").format(time=text)
