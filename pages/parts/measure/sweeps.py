"""Measure more: choose a sweep, see what it takes, start it, and follow those that there are."""

from __future__ import annotations

import streamlit as st

from edlm_core.refusals import Refusal

from ..app.i18n import gettext as _
from ..app.i18n import in_words
from ..app.visit import Visit
from . import sweep_form, sweep_list, sweep_start
from .view import View


def show(visit: Visit, view: View | None) -> None:
    st.markdown(
        _(
            "A sweep writes many texts of each setting from the same seeds, and judges them. It is a process of its "
            "own: close the page, or the app, and it goes on; whatever ends it, what is written stays."
        )
    )
    sweep_list.problem()
    try:
        sweep_start.show(sweep_form.choose(), visit)
    except Refusal as refusal:  # what is written into the form, or a store that is away
        st.error(in_words(refusal), icon=":material/error:")
    try:
        sweep_list.show(visit)
    except Refusal as refusal:
        st.error(in_words(refusal), icon=":material/error:")
