"""Page scripts run without a browser; caches do not leak from one test into the next."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from edlm_core.measure import recorded
from edlm_core.model_refs import model_refs
from edlm_core.models import checkpoints
from edlm_core.work import local
from edlm_core.work.recorded import Recorded
from edlm_core.work.warm_up import warm_up
from pages.parts.measure import sources, view

from ..trials import write_recorded


@pytest.fixture(scope="session")
def rates(tales):
    """What `warm_up` measures, measured once."""

    class Models:
        model = staticmethod(lambda name: tales)
        judges = staticmethod(list)

    return warm_up(Models(), tales)


@pytest.fixture(scope="module")
def shared(tales, rates):
    """A thread that has loaded and warmed up, for all tests of a file that ask it something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "choose_threads", lambda model: None)
        patch.setattr(local, "warm_up", lambda models, model: rates)
        patch.setattr(local, "load_smollm2", lambda model, learned: None)
        shared = local.Local(lambda: tales)
        assert shared.ready.wait(120)
    assert shared.error is None
    yield shared
    shared.close()


@pytest.fixture
def app(monkeypatch, tmp_path, tales, rates):
    """The app, not yet run, its store empty. What has tests of its own is done once for all of these: loading the
    model, choosing threads and measuring rates. SmolLM2 stays out: its 12 s of loading belong to no page test."""
    monkeypatch.setenv("EDLM_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("EDLM_STORE", raising=False)
    monkeypatch.setattr("edlm_core.models.pretrained.is_available", lambda: False)
    bundled, load = str(model_refs()["tales"].folder), checkpoints.load_model
    monkeypatch.setattr(checkpoints, "load_model", lambda folder: tales if folder == bundled else load(folder))
    monkeypatch.setattr(local, "choose_threads", lambda model: None)
    monkeypatch.setattr(local, "warm_up", lambda models, model: rates if model is tales else warm_up(models, model))
    st.cache_data.clear()
    yield AppTest.from_file("../../app.py", default_timeout=120)
    st.cache_resource.clear()  # on_release ends the workers


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Of the sweeps that come with the app: none. No model is asked for anything."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    monkeypatch.setattr(recorded, "FOLDER", folder)
    monkeypatch.setattr(local.Local, "_serve", lambda self: self.ready.set())
    return folder


@pytest.fixture
def looked_at(folder):
    """The planted sweep as the page looks at it."""
    trials = Recorded(write_recorded(folder / "planted.db"))
    cells = {one.cell: one for one in sources.figures(trials)}
    names = view.names_of(list(cells.values()))
    return view.View(sources.Source("planted", trials, list(cells.values())), cells, "smollm2", "seconds", names)
