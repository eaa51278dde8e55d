"""What takes long is done in a process of its own: it outlives the page, and who comes back finds it."""

import math

import pytest
import streamlit as st

from edlm_core.measure.trial import run_trial
from edlm_core.work.detached import Detached
from edlm_core.work.local import Local
from edlm_core.work.task import Doing, Progress
from pages.parts.app import asked, cache
from pages.parts.app.asked import Asked
from pages.parts.diagnose.sections import meter

RATES = {"denoiser": 1.0, "ar": 1.0, "baseline": 1.0}  # seconds a token: everything takes long


@pytest.fixture
def started(app, monkeypatch):
    """The processes that were started, as (task, owner): none does anything, and no model is loaded."""
    processes = []
    monkeypatch.setattr(Detached, "_start", lambda self, id, owner: processes.append((id, owner)))
    monkeypatch.setattr(Local, "_serve", lambda self: self.ready.set())
    monkeypatch.setattr(Asked, "wait", lambda self, seconds: st.stop())
    local = Local(lambda: None)
    local.rates = RATES
    monkeypatch.setattr(cache, "local", lambda model: local)
    return processes


def many_seeds_of(app, section="many"):
    """Diagnose as a new visitor sees it."""
    app.run()
    app.switch_page("pages/diagnose.py")
    app.session_state.d_section = section
    return app.run()


def few_steps_of(app):
    many_seeds_of(app)
    app.session_state.d_section = "meter"
    return app.run()


def another_visitor(app, section="many"):
    return many_seeds_of(type(app).from_file("../../app.py", default_timeout=120), section)


def key_of(app, start="ask_many"):
    return next(str(b.key) for b in app.button if str(b.key).startswith(start))


def stops(app):
    return [button.key for button in app.button if button.label == "Stop" and button.key != "stop"]


def stop_of(app):
    return f"{key_of(app)}_stop"


def test_a_sweep_that_waits_says_when_it_will_be_done(app, started):
    """By the estimate that the page shows, which goes along with each task."""
    many_seeds_of(app)
    app.button(key=key_of(app)).click().run()
    app.session_state.d_seeds = 16
    app.run()
    app.button(key=key_of(app)).click().run()
    assert not app.exception
    assert len(started) == 2
    first, second = (bar.proto.text for bar in app.get("progress"))
    assert first.endswith(": Waiting for its turn…")
    assert second.startswith("Waiting: 1 before you, yours in about ")


@pytest.fixture
def going(app, started):
    """A sweep that has been asked for and began."""
    many_seeds_of(app)
    app.button(key=key_of(app)).click().run()
    assert not app.exception
    ((id, owner),) = started
    ledger = cache.detached().ledger
    assert ledger.claim(id, owner)
    ledger.report(id, owner, Progress(0.25, Doing("sweeping")), seconds=150.0)
    return app.run(), ledger, id, owner


def test_a_long_sweep_gets_a_process_and_shows_how_far_it_is(going):
    app, *_ = going
    assert stops(app) == [stop_of(app)]
    assert [bar.proto.text for bar in app.get("progress")] == ["25%, about 2 min to go"]


@pytest.mark.parametrize(("seconds", "processes"), [(None, 1), (asked.LONG_SECONDS, 0), (asked.LONG_SECONDS + 1, 1)])
def test_what_is_short_is_done_on_the_models_thread(app, started, monkeypatch, seconds, processes):
    monkeypatch.setattr(meter, "_meter_seconds", lambda request, rates: math.inf if seconds is None else seconds)
    few_steps_of(app)
    app.button(key=key_of(app, "ask_meter")).click().run()
    assert not app.exception
    assert len(started) == processes
    (question,) = app.session_state.questions.values()
    assert question.model == (None if processes else "tales")


def test_who_comes_back_finds_it_and_can_stop_it(going, started, monkeypatch):
    app, ledger, id, owner = going
    st.cache_resource.clear()  # the app is started anew
    later = another_visitor(app)
    assert not later.exception
    assert stops(later) == [stop_of(later)]
    assert len(started) == 1  # nothing is done twice
    monkeypatch.setattr("edlm_core.work.ledger.ABANDONED_SECONDS", -1)  # the first visitor has closed the page
    later.button(key=stop_of(later)).click().run()
    assert not later.exception
    assert not ledger.beat(id, owner)
    assert any("Stopped early" in caption.value for caption in later.caption)


def test_who_comes_back_finds_it_wherever_he_looks_and_is_led_to_it(going):
    app, *_ = going
    asked_for = app.button(key=key_of(app)).label
    st.cache_resource.clear()
    later = another_visitor(app, "drafts")
    assert not later.exception
    assert stops(later) == ["stop_0"]
    assert any(f"{asked_for}: 25%" in bar.proto.text for bar in later.get("progress"))
    later.button(key="way_0").click().run()
    assert later.session_state.d_section == "many"
    assert stops(later) == [stop_of(later)]


def test_what_two_look_at_is_stopped_for_the_one_who_stops_it(going):
    app, ledger, id, owner = going
    other = another_visitor(app)
    other.button(key=stop_of(other)).click().run()
    assert ledger.beat(id, owner)
    assert stops(other) == []
    assert stops(app.run()) == [stop_of(app)]


def test_what_was_done_while_nobody_looked_is_there(going, tiny, monkeypatch):
    app, ledger, id, owner = going
    task = ledger.task(id)
    ledger.end(id, owner, "done", [run_trial(tiny, request, ("ar",)) for request in small(task.requests)])
    st.cache_resource.clear()
    later = another_visitor(app)
    assert not later.exception
    assert any("with 95% intervals" in caption.value for caption in later.caption)


def small(requests):
    """The same settings on so little that it takes no time."""
    from dataclasses import replace

    return [replace(r, prompt=None, config=replace(r.config, length=8, num_steps=2, num_chains=3)) for r in requests]


def test_a_process_that_died_leaves_what_it_had_and_can_be_asked_again(going, started, monkeypatch):
    app, _ledger, id, _owner = going
    monkeypatch.setattr(cache.detached().ledger, "silent_seconds", -1)
    app.run()
    assert not app.exception
    assert any("Stopped early" in caption.value for caption in app.caption)
    app.button(key=key_of(app)).click().run()
    assert [id for id, _ in started] == [id, id]


def test_a_store_that_is_away_is_said_and_the_page_stands(app, started, monkeypatch, tmp_path):
    (tmp_path / "no-folder").write_text("")
    monkeypatch.setenv("EDLM_STORE", f"sqlite:///{tmp_path / 'no-folder' / 'store.db'}")
    many_seeds_of(app)
    assert not app.exception
    app.button(key=key_of(app)).click().run()
    assert not app.exception
    assert any("store" in error.value for error in app.error)


def test_the_meter_is_long_by_its_own_estimate(app, started):
    few_steps_of(app)
    app.button(key=key_of(app, "ask_meter")).click().run()
    assert not app.exception
    assert len(started) == 1
