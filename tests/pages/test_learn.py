"""The Learn page as a script: all scenes once, their keys, their addresses."""

import numpy as np
import pytest

from edlm_core.work.local import Local
from edlm_core.worlds.clashes import Clashes
from edlm_core.worlds.world import pairs_world
from pages.parts.app import cache
from pages.parts.app.theme import LIGHT
from pages.parts.learn.asking import Question, of_a_hundred, verdict
from pages.parts.learn.charts.bars import shares_chart, shares_table
from pages.parts.learn.lesson import SCENES
from pages.parts.learn.scenes import alone, inspector, likely, more_drafts, museum, real_step, steps
from pages.parts.learn.story import clashes, of_one_pair, of_three_pairs
from pages.parts.learn.why import DEPTHS


@pytest.fixture
def learn(app, monkeypatch):
    monkeypatch.setattr(Local, "_serve", lambda self: self.ready.set())  # no model is asked for anything
    app.run()
    app.switch_page("pages/learn.py")
    return app


def words(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption])


# ── the page ─────────────────────────────────────────────────────────────────────
def test_every_scene_asks_first_then_plays_and_checks(learn):
    for name, scene in SCENES.items():
        learn.session_state.l_scene = name
        learn.session_state.l_depth = DEPTHS[int(name) % 3] if name.isdigit() else "story"
        learn.run()
        assert not learn.exception
        assert len(learn.get("vega_lite_chart")) == 0  # nothing is given away before the guess
        first = scene.questions[0]
        learn.button(key=f"say_{first}").click().run()
        assert not learn.exception
        assert "You said" in words(learn)
        assert len(learn.get("vega_lite_chart")) >= 1
        assert learn.query_params["scene"] == name
        for question in scene.questions[1:] if name != "museum" else ():
            learn.button(key=f"say_{question}").click().run()
            assert not learn.exception
            assert words(learn).count("You said") == 2
    learn.button(key="onward").click().run()
    assert learn.query_params["scene"] == "1"
    learn.button(key="afresh").click().run()
    assert "You said" not in words(learn)


def test_an_address_names_scene_and_depth_and_what_is_none_is_said(app, monkeypatch):
    monkeypatch.setattr(Local, "_serve", lambda self: self.ready.set())
    app.switch_page("pages/learn.py")
    app.query_params.update({"scene": "9", "depth": "maths"})
    app.run()
    assert not app.exception
    (told,) = [error.value for error in app.error]
    assert told.startswith("“Scene” can be 1, 2, 3, 4, 5, museum, and '9' was asked for.")
    assert (app.query_params["scene"], app.query_params["depth"]) == ("1", "maths")


# ── keys ─────────────────────────────────────────────────────────────────────────
def test_scene_1_half_of_the_sentences_are_wrong_and_a_quarter_of_two_pairs_right():
    one, two = pairs_world(1, agree=1.0), pairs_world(2, agree=1.0)
    assert alone.wrong(one, alone.blind(one)) == pytest.approx(0.5, abs=1e-12)
    assert alone.wrong(one, one.joint) == 0
    assert 1 - alone.wrong(two, alone.blind(two)) == pytest.approx(0.25, abs=1e-12)


def test_scene_2_follows_the_formula_that_it_shows():
    T = np.arange(1, steps.MOST + 1)
    np.testing.assert_allclose(steps.fitting()["chance"], (1 - 1 / (2 * T)) ** 3, atol=1e-9)
    np.testing.assert_allclose(steps.fitting()["apart"], [1 / 8, 1, 1, 1, 1, 1], atol=1e-9)
    np.testing.assert_allclose(steps.fitting()["neighbours"][:3], [1 / 8, 1 / 4, 1 / 8], atol=1e-9)
    assert steps.steps_needed(0.9) == 15
    np.testing.assert_allclose(steps.lost()["chance"], 3 * np.log(2) / T, atol=1e-9)
    np.testing.assert_allclose(steps.lost()["apart"], [3 * np.log(2), 0, 0, 0, 0, 0], atol=1e-9)


@pytest.mark.parametrize(("K", "taken", "last"), [(1, 0, 0), (8, 0, 7), (8, 7, 7), (64, 3, 7), (64, 40, 40)])
def test_scene_3_shows_the_first_drafts_and_the_one_taken(K, taken, last):
    drafts = inspector.shown(K, taken)
    assert (len(drafts), drafts[-1], taken in drafts) == (min(K, 8), last, True)


def test_scene_4_drafts_lose_their_worth_by_the_pair():
    factor = 2 * 0.99**2 + 2 * 0.01**2
    assert more_drafts.needed() == pytest.approx(8 * factor**10, rel=1e-9)
    assert more_drafts.mended(8, 4) == pytest.approx(Clashes(1).taken(8)[0] ** 4)


def test_scene_5_the_formula_lies_below_the_entropy_and_rare_drafts_break_the_upper_end():
    found = likely.numbers()
    assert (found["formula"] < found["entropy"]).all()
    assert (found["entropy"] <= found["exact"]).all()
    assert (found["exact"] <= found["bound"] + 1e-12).all()
    n = likely.drafts_needed(0.1)
    ends = [likely.log_z_ends(0.1, likely.AGREE, k)[1] for k in range(n - 1, likely.MOST_DRAWS + 1)]
    assert ends[0] < 0 <= min(ends[1:])


def test_every_exhibit_has_as_many_names_as_outcomes(monkeypatch):
    monkeypatch.setattr(museum, "_", str)
    monkeypatch.setattr(museum, "ngettext", lambda one, many, n: many)
    monkeypatch.setattr(museum, "number", str)
    for exhibit in museum.EXHIBITS.values():
        if exhibit.effect is not None:
            effect = exhibit.effect()
            assert len(exhibit.things()) == len(effect.right) == len(effect.wrong)
            assert effect.right.sum() == pytest.approx(1, abs=1e-9)
            assert effect.wrong.sum() == pytest.approx(1, abs=1e-9)


def test_a_guess_is_right_as_near_as_it_is_told_to_be():
    question = of_a_hundred("x", "How many?", 0.42, near=1)
    assert [said for said in question.options if question.is_right(said)] == [35, 40, 45]
    assert verdict(question, 40) == "✓ You said 40 of 100: right. It is **42 of 100**."
    assert verdict(question, 90) == "You said 90 of 100. It is **42 of 100**."
    assert verdict(question, None) == "It is **42 of 100**."
    exact = Question("y", "", [1, 2, 3], 2.2, str, str)
    assert [exact.is_right(n) for n in (1, 2, 3)] == [False, True, False]


# ── what is drawn ────────────────────────────────────────────────────────────────
def test_a_sentence_marks_what_contradicts_itself_and_what_is_open():
    story = of_three_pairs()
    x = (0, 1, 0, 0, 2, 1)
    assert clashes(x) == [0]
    kinds = [piece["kind"] for piece in story.pieces(x, frozenset({3})) if piece["kind"] != "plain"]
    assert kinds == ["clash", "clash", "word", "new", "mask", "word"]
    assert "".join(piece["text"] for piece in of_one_pair().pieces((1, 0))) == "The cat barks."


def test_the_real_steps_first_row_is_the_first_draft_and_one_is_taken():
    run = next(iter(cache.bundled_runs().values()))
    pool = real_step.first_step(run)
    rows = real_step.rows(pool)
    assert rows[0]["before"] == "draft 1"
    assert sum("taken" in row for row in rows) == 1
    shown = "".join(piece["text"] for piece in rows[0]["pieces"])
    assert shown == "".join(real_step.in_table(pool.words_of(pool.candidate[0])))
    assert rows[0]["weight"] == pool.weight[0]


def test_the_bars_have_the_shares_of_their_laws():
    table = shares_table(["a", "b"], {"true": [0.25, 0.75], "taken": [1.0, 0.0]})
    spec = shares_chart(table, {"true": "in the language", "taken": "draft taken"}, LIGHT)
    assert spec["datasets"]["shares"][1] == {"thing": "b", "kind": "true", "share": 0.75}
