"""The shell: page config and the list of pages. Each page is one question the visitor has."""

import streamlit as st

from pages.parts.app.cache import ASSETS, settle
from pages.parts.app.i18n import gettext as _
from pages.parts.app.shell import around_the_page

# The icon is a file of ours: a :material/…: icon would be fetched from the network.
st.set_page_config(page_title="EDLM Explorer", page_icon=ASSETS / "icon.png", layout="wide")
around_the_page()
watch = st.Page("pages/watch.py", title=_("Watch"), icon=":material/play_circle:", default=True, url_path="first")
diagnose = st.Page("pages/diagnose.py", title=_("Diagnose"), icon=":material/troubleshoot:")
measure = st.Page("pages/measure.py", title=_("Measure"), icon=":material/query_stats:")
learn = st.Page("pages/learn.py", title=_("Learn"), icon=":material/school:")


def by_its_name() -> None:
    """/watch: to Streamlit the first page has the address of the app and no other."""
    st.switch_page(watch, query_params=st.query_params.to_dict())


page = st.navigation(
    [watch, diagnose, measure, learn, st.Page(by_its_name, url_path="watch", visibility="hidden")], position="top"
)
page.run()
settle(page.url_path)
