"""The shell: page config and the list of pages. Each page is one question the visitor has."""

import streamlit as st

from pages.parts.i18n import gettext as _

st.set_page_config(page_title="EDLM Explorer", page_icon=":material/stacked_line_chart:", layout="wide")
page = st.navigation(
    [st.Page("pages/watch.py", title=_("Watch"), icon=":material/play_circle:", default=True)], position="top"
)
page.run()
