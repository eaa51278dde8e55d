"""A page never stands without app.py around it."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def inside_the_shell() -> None:
    """Streamlit takes a folder named `pages` for its own kind of pages until `st.navigation` has run once in the
    process: the server's first visitor, coming by this page's own address, would get the script alone."""
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
