"""Page scripts run without a browser; caches do not leak from one test into the next."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest


@pytest.fixture
def app(monkeypatch, tmp_path):
    """The app, not yet run, its store empty. SmolLM2 stays out: its 12 s of loading belong to no page test."""
    monkeypatch.setenv("EDLM_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("EDLM_STORE", raising=False)
    monkeypatch.setattr("edlm_core.models.pretrained.is_available", lambda: False)
    st.cache_data.clear()
    yield AppTest.from_file("../../app.py", default_timeout=120)
    st.cache_resource.clear()  # on_release ends the workers
