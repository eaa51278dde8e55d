"""What stands around every page: its styles, what the browser is told, and that no page stands without it."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from . import form
from .address import STOPS, keep_language
from .cache import ASSETS
from .i18n import gettext as _
from .i18n import language, languages
from .theme import page_css

_component = st.components.v2.component(
    "edlm_shell",
    css=(ASSETS / "shell.css").read_text(encoding="utf-8"),
    js=(ASSETS / "js" / "shell.js").read_text(encoding="utf-8"),
)


def around_the_page() -> None:
    keep_language()
    st.html(f"<style>{page_css()}{(ASSETS / 'page.css').read_text(encoding='utf-8')}</style>")
    facts = {
        "stops": sorted(STOPS),
        "buttons": {form.key("prompt"): "c_run"},
        "lang": language(),
        "languages": languages(),
        "label": _("Language"),
    }
    _component(key="shell", data=facts, on_language_change=_speak)


def _speak() -> None:
    """As the choice in the header says; the run, the place in it and the settings stay."""
    st.query_params["lang"] = st.session_state.shell.language


def inside_the_shell() -> None:
    """Streamlit takes a folder named `pages` for its own kind of pages until `st.navigation` has run once in the
    process: the server's first visitor, coming by this page's own address, would get the script alone."""
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
