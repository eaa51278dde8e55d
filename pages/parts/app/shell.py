"""What stands around every page: its styles, what the browser is told, and that no page stands without it."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from . import form
from .address import STOPS
from .cache import ASSETS
from .i18n import language
from .theme import page_css

_component = st.components.v2.component("edlm_shell", js=(ASSETS / "js" / "shell.js").read_text(encoding="utf-8"))


def around_the_page() -> None:
    st.html(f"<style>{page_css()}{(ASSETS / 'page.css').read_text(encoding='utf-8')}</style>")
    facts = {"stops": sorted(STOPS), "buttons": {form.key("prompt"): "c_run"}, "lang": language()}
    _component(key="shell", data=facts)


def inside_the_shell() -> None:
    """Streamlit takes a folder named `pages` for its own kind of pages until `st.navigation` has run once in the
    process: the server's first visitor, coming by this page's own address, would get the script alone."""
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
