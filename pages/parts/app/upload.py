"""Opening a run file, and letting go of the bytes that it came in."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from edlm_core.runs.run_file import MAX_BYTES, BadRun, load_run

from . import form
from .i18n import gettext as _
from .i18n import in_words
from .links import settings_of_run
from .shown import Shown
from .visit import show
from .words import plain

state = st.session_state


def open_file() -> None:
    """Run as the uploader's callback: what was chosen is shown, or why it can't be."""
    file = state.upload
    if not isinstance(file, UploadedFile):
        return
    try:
        if file.size > MAX_BYTES:
            raise BadRun("run-too-large", most=MAX_BYTES >> 20, got=file.size >> 20)
        run = load_run(file.getvalue())
    except BadRun as error:
        state.visit.problems = [plain(_("{file}: {problem}").format(file=file.name, problem=in_words(error)))]
        return
    finally:
        _let_go(file)
    settings = settings_of_run(run)
    link = settings and "?" + urlencode(settings.query())
    show(Shown(f"file-{file.file_id}", run, replay=True, link=link))
    if settings is not None:
        form.fill(settings)


def _let_go(file: UploadedFile) -> None:
    """Streamlit keeps an upload as long as the session lasts; the run that was in it is all that is needed."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
