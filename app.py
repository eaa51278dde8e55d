"""The shell: page config and the list of pages. Each page is one question the visitor has."""

import streamlit as st

from pages.parts.app.cache import ASSETS, settle
from pages.parts.app.i18n import gettext as _
from pages.parts.app.theme import page_css

# The icon is a file of ours: a :material/…: icon would be fetched from the network.
st.set_page_config(page_title="EDLM Explorer", page_icon=ASSETS / "icon.png", layout="wide")
st.html(f"<style>{page_css()}{(ASSETS / 'page.css').read_text(encoding='utf-8')}</style>")
page = st.navigation(
    [
        st.Page("pages/watch.py", title=_("Watch"), icon=":material/play_circle:", default=True),
        st.Page("pages/diagnose.py", title=_("Diagnose"), icon=":material/troubleshoot:"),
    ],
    position="top",
)
page.run()
settle(page.url_path)
