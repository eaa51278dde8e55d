"""A visitor has as many questions open as they asked, in order, each with Stop."""

import pytest
import streamlit as st

from edlm_core.work.local import Local
from pages.parts.app import cache
from pages.parts.app.asked import Asked


@pytest.fixture
def held(app, monkeypatch):
    """A thread that does nothing, so that every question waits; and a page that is drawn once instead of polling."""
    monkeypatch.setattr(Local, "_serve", lambda self: self.ready.set())
    local = Local(lambda: None)
    monkeypatch.setattr(cache, "local", lambda model: local)
    monkeypatch.setattr(Asked, "wait", lambda self, seconds: st.stop())
    return local


@pytest.fixture
def asked(app, held):
    """Diagnose with two questions open, both in the section of pairs."""
    app.run()
    app.switch_page("pages/diagnose.py")
    app.session_state.d_section = "pairs"
    app.run()
    for name in ("ask_couplings_", "ask_pool_pairs_"):
        app.button(key=next(b.key for b in app.button if str(b.key).startswith(name))).click().run()
        assert not app.exception
    return app


def stops(app):
    return [button.key for button in app.button if button.label == "Stop"]


def test_questions_wait_in_the_order_of_asking_each_with_stop(asked, held):
    first, second = asked.session_state.questions.values()
    assert (held.state(first.id).before, held.state(second.id).before) == (0, 1)
    assert len(stops(asked)) == 2
    asked.button(key=stops(asked)[0]).click().run()
    assert first.state().stage == "stopped"
    assert held.state(first.id).stage == "stopped"
    assert held.state(second.id).before == 0
    assert len(stops(asked)) == 1
    assert any("Stopped early" in caption.value for caption in asked.caption)


def test_questions_go_on_where_their_buttons_are_not_in_sight(asked, held):
    asked.session_state.d_section = "drafts"
    asked.run()
    assert not asked.exception
    assert stops(asked) == ["stop_0", "stop_1"]
    asked.button(key="stop_1").click().run()
    first, second = asked.session_state.questions.values()
    assert (first.active, second.active) == (True, False)


def test_what_another_visitor_still_wants_is_stopped_for_this_one_alone(asked, held):
    first = next(iter(asked.session_state.questions.values()))
    held._known[first.id].watch("another")
    asked.button(key=stops(asked)[0]).click().run()
    assert first.state().stage == "stopped"
    assert held.state(first.id).active
    assert len(stops(asked)) == 1


def test_a_full_queue_is_said_on_the_page(app, held, monkeypatch):
    monkeypatch.setattr("edlm_core.work.local.CAPACITY", 0)
    app.run()
    app.button(key="c_run").click().run()
    assert not app.exception
    assert any("Try again in a few minutes" in error.value for error in app.error)


def test_the_page_holds_ids_and_no_threads(asked):
    for question in asked.session_state.questions.values():
        assert {type(value) for value in vars(question).values()} <= {str, type(None), tuple}
