"""About: what this is, for a visitor who came by a link and has no README."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from edlm_core.catalogue import SAMPLERS
from edlm_core.glossary import GLOSSARY

from ..app.cache import ASSETS
from ..app.i18n import gettext as _

PAPER = "https://arxiv.org/abs/2410.21357"
CARD = ASSETS / "models" / "tales" / "card.md"
LICENCE = ASSETS.parent / "LICENSE"


def about_button(averages: Sequence[str] = ()) -> None:
    """`averages`: what is known of quality and cost, a line each."""
    if st.button(_("About"), key="about", type="tertiary", icon=":material/info:"):
        st.dialog(_("About EDLM Explorer"), width="medium")(_about)(averages)


def _about(averages: Sequence[str]) -> None:
    st.markdown(
        _(
            "A diffusion language model fills in many words of a text at once, each blind to the others, so they "
            "contradict each other. An energy-based one (EDLM) draws several complete drafts at each step, has each "
            "judged as a whole, and takes one by its weight. Here both write side by side, on the same noise, with a "
            "small model that comes with the app: what happens, why, and what it costs."
        )
    )
    st.markdown(
        _("The paper: [Xu et al., Energy-Based Diffusion Language Models, ICLR 2025]({link}).").format(link=PAPER)
    )
    if averages:
        st.header(_("On average"), anchor=False)
        for line in averages:
            st.markdown(line)
        st.page_link("pages/measure.py", label=_("All that was measured"), icon=":material/query_stats:")
    st.header(_("Words"), anchor=False)
    for term in GLOSSARY.values():
        label, meaning = _(term.label), _(term.meaning)
        st.markdown(f"**{label}** – {meaning}")
    st.header(_("Samplers"), anchor=False)
    row = _("**{label}** (`{name}`): {step}. With an exact denoiser and energy: {law}.")
    for name, spec in SAMPLERS.items():
        st.markdown(row.format(label=_(spec.label), name=name, step=_(spec.step), law=_(spec.law)))
    with st.expander(_("The model `tales`: its card")):
        st.markdown(_text(CARD))
    with st.expander(_("Licence: MIT")):
        st.text(_text(LICENCE))


def _text(path: Path) -> str:
    """Of a file of ours; an installation without it has an app all the same."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""
