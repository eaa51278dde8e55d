"""What comes before a visitor, and how long they wait for it: no link holds everybody up, no upload stays in memory."""

from types import SimpleNamespace

import pytest
import streamlit as st

from edlm_core.durations import spoken
from edlm_core.runs.costs import estimate_seconds
from edlm_core.runs.run_file import save_run
from edlm_core.runs.schema import MAX_LINE
from edlm_core.work.local import Local
from edlm_core.work.tasks import Record
from pages.parts.app import cache, upload, visit
from pages.parts.app.asked import Asked
from pages.parts.app.links import Settings, settings_of_query
from pages.parts.app.offer import LINK_SECONDS

RATES = {"denoiser": 1e-4, "ar": 1e-4, "baseline": 1e-3}  # seconds a token
LONG = {"seed": "1", "length": "128", "steps": "128", "k": "64", "lanes": "mdlm,edlm,ar"}


@pytest.fixture
def held(app, monkeypatch):
    """A thread that does nothing, so that every run waits; and a page that is drawn once instead of polling."""
    monkeypatch.setattr(Local, "_serve", lambda self: self.ready.set())
    local = Local(lambda: None)
    local.rates = RATES
    monkeypatch.setattr(cache, "local", lambda model: local)
    monkeypatch.setattr(Asked, "wait", lambda self, seconds: st.stop())
    return local


def bars(app):
    return [bar.proto.text for bar in app.get("progress")]


def told(app):
    return [element.value for kind in (app.info, app.error) for element in kind]


def test_a_long_link_waits_for_a_press_and_what_is_strange_in_it_is_named(app, held):
    app.query_params.update(LONG | {"hide": "title", "utm": "x"})
    app.run()
    assert not app.exception
    assert app.session_state.visit.task is None
    seconds = estimate_seconds(settings_of_query(LONG)[0].requests(), RATES)
    assert seconds > LINK_SECONDS == 60
    assert f"This link's run takes about {spoken(seconds)} here. It waits for your press." in told(app)
    assert any("leaves out: hide, utm" in text for text in told(app))
    assert app.number_input(key="c_seed").value == 1
    app.button(key="begin_offer").click().run()
    assert app.session_state.visit.task.state().stage == "waiting"
    assert bars(app) == ["Waiting for its turn…"]


def test_who_waits_is_told_his_place_and_time_and_sees_ready_made_runs_meanwhile(app, held):
    asked = [Record("tales", tuple(Settings().set(seed=n).requests())) for n in (7, 8)]
    others = [held.submit(task, by=str(n)) for n, task in enumerate(asked)]
    app.query_params.update({"seed": "1"})
    app.run()
    assert not app.exception
    assert [held.state(id).before for id in others] == [0, 1]
    (bar,) = bars(app)
    assert bar.startswith("Waiting: 2 before you, yours in about ")
    name = list(cache.bundled_runs())[2]
    app.pills(key="example").set_value(name).run()
    visitor = app.session_state.visit
    assert (visitor.example, visitor.query) == (name, {"run": name})
    assert visitor.task.state().stage == "waiting"
    assert bars(app) == [bar]


def test_an_upload_is_let_go_and_its_run_has_an_address(app, held, monkeypatch):
    gone = []
    manager = SimpleNamespace(remove_file=lambda _session, file: gone.append(file))
    monkeypatch.setattr(
        upload, "get_script_run_ctx", lambda: SimpleNamespace(session_id="me", uploaded_file_mgr=manager)
    )
    app.run()
    run = app.session_state.visit.shown.run
    app.file_uploader(key="upload").set_value(("mine.json", save_run(run), "application/json")).run()
    assert not app.exception
    visitor = app.session_state.visit
    assert [f"file-{file}" for file in gone] == [visitor.shown.id] == [visitor.query["opened"]]
    assert visitor.shown.id in app.query_params["opened"]
    app.file_uploader(key="upload").set_value(("odd.json", b"{}", "application/json")).run()
    assert len(gone) == 2


def test_an_address_of_what_another_visit_opened_says_so(app, held):
    app.query_params.update({"opened": "file-12"})
    app.run()
    assert any("in another visit" in text for text in told(app))


def test_a_long_prompt_is_a_title_as_far_as_a_run_has_room_for_one():
    title = visit._record(Settings().set(prompt="a b " * 400)).title
    assert (len(title), title[:4], title[-1]) == (MAX_LINE, "a b ", "…")
