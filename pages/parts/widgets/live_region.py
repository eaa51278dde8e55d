"""What goes on by itself, for those who hear the page: a text that changes on its own is said, at most every few
seconds, and the last one always. Nothing of it is seen."""

from __future__ import annotations

import streamlit as st

from .bundle import join

_CSS = ".hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }"
_component = st.components.v2.component("edlm_live_region", css=_CSS, js=join("live_region/component.js"))


def live_region(text: str) -> None:
    """At the same place in every script run of the page, with "" where there is nothing to say."""
    _component(key="live_region", data={"text": text})
