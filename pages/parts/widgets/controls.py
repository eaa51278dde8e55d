"""The controls of a run: widgets -> Settings. Each control owns its key.

The sliders live in a fragment: moving one redraws them and the cost estimate, not the stage, and no
work starts before Run is pressed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from edlm_core.catalogue import ENERGIES, LANES, SAMPLERS, SUMS, energy_terms
from edlm_core.config import MAX_PROMPT, SEEDS
from edlm_core.models.template import understood
from edlm_core.refusals import Refusal
from edlm_core.runs.costs import Rates, estimate_seconds
from edlm_core.settings import Choice, Numeric, Setting, Switch

from ..app import form
from ..app.cache import model_names
from ..app.i18n import gettext as _
from ..app.i18n import in_words, ngettext, time_of
from ..app.links import CORRECTING, SETTINGS, Settings
from ..app.words import plain

# Where each stands under More settings, from the left.
COLUMNS = (
    ("num_steps", "num_candidates", "adaptive", "length", "reveal"),
    ("window", "temperature", "energy_temperature"),
)


def sampler_names() -> dict[str, str]:
    return {name: _(sampler.label) for name, sampler in SAMPLERS.items()}


def sampler_in_full(name: str) -> str:
    """Its label, and the short name that links, files, the command line and the documentation have."""
    return _("{label} ({name})").format(label=_(SAMPLERS[name].label), name=name)


def energy_in_full(energy: str) -> str:
    """The same of an energy; of a sum, what its terms are called for short."""
    terms = energy_terms(energy)
    label = _(terms[0].label) if len(terms) == 1 else " + ".join(_(term.short) for term in terms)
    return _("{label} ({name})").format(label=label, name=energy)


def form_line(run: Callable[[Settings], None], rates: Callable[[], Rates]) -> None:
    """The prompt and Run on one line, what else is set folded to another. `run` is called with all settings, before
    the page is drawn, when Run is pressed, or when another text is asked for: the same with the next seed."""

    def press() -> None:
        with suppress(Refusal):  # what is wrong stands beside the settings already
            run(form.read())

    def press_another() -> None:
        seed = form.key("seed")
        st.session_state[seed] = (st.session_state[seed] + 1) % SEEDS
        press()

    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="form"):
        st.text_input(
            **_worded("prompt"),
            max_chars=MAX_PROMPT,
            placeholder=_("Empty: a story from nothing. Each _ is a blank: Tom saw a ___ in the tree."),
            label_visibility="collapsed",
        )
        st.button(_("Run"), key="c_run", type="primary", icon=":material/play_arrow:", on_click=press)
        st.button(
            _("Another one"),
            key="c_another",
            icon=":material/casino:",
            help=_("The same with the next seed: another text. Run with the same seed writes the same one again."),
            on_click=press_another,
        )
    if said := understood(st.session_state[form.key("prompt")] or "", _, ngettext):
        st.caption(plain(" ".join(said)))
    more_settings(_summary(), rates)  # of when the page was drawn: an expander whose label changes is closed


@st.fragment
def more_settings(summary: str, rates: Callable[[], Rates]) -> None:
    """Everything but the prompt, folded to a `summary`, and what a run with these settings will take here."""
    with st.expander(summary, icon=":material/tune:"):
        asked = st.session_state[form.key("energy")]  # a link may ask for a sum that is not offered
        st.selectbox(**_worded("energy"), options=dict.fromkeys([*ENERGIES, *SUMS, asked]), format_func=energy_in_full)
        one, two, three = st.columns(3, gap="large")
        for place, column in zip((one, two), COLUMNS, strict=True):
            for name in column:
                control(place, name)
        three.pills(**_worded("lanes"), options=LANES, selection_mode="multi", format_func=sampler_in_full, wrap=True)
        three.selectbox(**_worded("sampler"), options=CORRECTING, format_func=sampler_in_full)
        control(three, "seed")
        three.selectbox(**_worded("model"), options=model_names())
        try:
            settings = form.read()
        except Refusal as refusal:
            st.error(in_words(refusal), icon=":material/error:")
            return
        st.caption(_estimate(settings, rates()))
    form.remember()


def _summary() -> str:
    """What is set, in the letters that the settings are called by."""
    value = {name: st.session_state[form.key(name)] for name in SETTINGS}
    return _("{T} steps, {K} drafts, {L} tokens").format(
        T=value["num_steps"], K=value["num_candidates"], L=value["length"]
    )


def control(place: DeltaGenerator, name: str) -> None:
    """The widget of a setting, by what kind of setting it is: its words and what it spans are the setting's own."""
    match SETTINGS[name]:
        case Choice(choices=choices):
            place.radio(
                **_worded(name), options=tuple(choices), format_func=lambda value: _(choices[value]), horizontal=True
            )
        case Switch():
            place.toggle(**_worded(name))
        case Numeric(page=None, least=least, most=most):
            place.number_input(**_worded(name), min_value=least, max_value=most, step=1)
        case Numeric(page=(least, most), step=step):
            place.slider(**_worded(name), min_value=least, max_value=most, step=step)


def _worded(name: str) -> dict[str, Any]:
    """What every widget of a setting is told: its words in the visitor's language, and its key."""
    setting: Setting = SETTINGS[name]
    return {"label": _(setting.label), "help": _(setting.help) if setting.help else None, "key": form.key(name)}


def _estimate(settings: Settings, rates: Rates) -> str:
    seconds = estimate_seconds(settings.requests(), rates)
    if seconds is None:
        return _("What a run costs is known once the model has warmed up.")
    if seconds < 0.5:
        return _("Estimated time on this machine: under half a second.")
    return _("Estimated time on this machine: {time}.").format(time=time_of(seconds))
