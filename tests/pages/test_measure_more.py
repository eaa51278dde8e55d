"""What else Measure does: sweeps from the page, the claim, times, known answers, a text's score, and its address."""

import ast
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial

import pytest
import streamlit as st
import torch

from edlm_core.config import Request, SampleConfig
from edlm_core.measure import recorded
from edlm_core.measure.claim import Point
from edlm_core.measure.cloze_record import recorded_cloze
from edlm_core.measure.command_line import sweep_python
from edlm_core.measure.plan import Plan
from edlm_core.measure.scored import Figure, Scored
from edlm_core.measure.settled import How
from edlm_core.measure.spent import recorded_times
from edlm_core.refusals import Refusal
from edlm_core.work.child import work
from edlm_core.work.detached import Detached
from edlm_core.work.executor import TaskState
from edlm_core.work.store import Store
from edlm_core.work.sweep_task import MAX_CELLS, sweep_of
from edlm_core.work.task import Doing
from pages.parts.app import cache
from pages.parts.app.theme import LIGHT
from pages.parts.measure import charts, claim, known_answers, score, sources, sweep_list, sweep_start, times
from pages.parts.measure.frontier_chart import frontier_chart
from pages.parts.measure.sweep_form import numbers, requests_of

from ..trials import planted, write_recorded
from .test_measure import measure, words

HOW = How("tales", "abc", "cpu", "float32", 2, ("ar",), 16)


# ── sweeps ───────────────────────────────────────────────────────────────────────
def test_values_are_numbers_and_spans():
    assert numbers("num_steps", "4, 8 16-18,8") == [4, 8, 16, 17, 18]


@pytest.mark.parametrize(
    ("text", "said"), [("", "expected numbers with commas"), ("4, x", "'x'"), ("0", "got 0"), ("1-900", "got 900")]
)
def test_what_is_no_number_is_refused(text, said):
    with pytest.raises(Refusal, match=said):
        numbers("num_steps", text)


def test_a_grid_of_too_many_settings_is_refused_before_it_is_made():
    with pytest.raises(Refusal, match="expected at most 5000 settings, got 8192"):
        requests_of(["mdlm"], range(1, 129), range(1, 65), 64, 16)
    with pytest.raises(Refusal, match="expected one at least"):
        requests_of([], [8], [8], 64, 16)
    assert len(requests_of(["mdlm", "edlm"], [8, 16], [4], 64, 16)) == 4


def test_what_a_sweep_takes_is_told_in_sentences():
    said = sweep_start.in_sentences(Plan(4, 64, 0, 130.0), HOW)
    assert said.startswith("**Texts: 64.** Settings: 4, the same seeds in each. It takes about **2 min** here.")
    assert said.endswith("(cpu, float32, 2 threads)")
    said = sweep_start.in_sentences(Plan(4, 64, 32, None), HOW)
    assert "32 of them are kept already and will not be done again. How long it takes is not known." in said
    assert "Nothing is left to do" in sweep_start.in_sentences(Plan(1, 2, 2, 0.0), HOW)


def test_how_a_sweep_stands_is_told_in_words():
    task = sweep_of([Request("mdlm", "none", SampleConfig(num_chains=4))], HOW, title="frontier")
    assert sweep_list.title("a" * 64, task) == "**Frontier**, settings: 1 · `aaaaaaaaaaaa`"
    running = TaskState("running", 0.25, Doing("measuring-cells", {"done": 1, "of": 4}))
    assert sweep_list.stage(running) == "Measuring: 25%."
    assert sweep_list.stage(replace(running, doing=None)) == "Loading the networks."
    assert "what was written stays" in sweep_list.stage(TaskState("interrupted"))
    assert sweep_list.stage(TaskState("waiting", before=1)) == "Waiting: 1 before you"


# ── the claim ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("points", "said"),
    [
        (
            [("mdlm", 3.0, 3.4, 8.0), ("edlm", 2.9, 3.5, 4.0)],
            "**It holds here.** edlm is as good .* 2.00 times as fast",
        ),
        (
            [("mdlm", 3.0, 3.4, 2.0), ("edlm", 2.9, 3.5, 4.0)],
            "**It does not hold here.** .* mdlm sooner: the ratio is 0.50",
        ),
        ([("mdlm", 3.1, 3.4, 2.0), ("edlm", 2.9, 3.5, 4.0)], "**There is no ratio to give.**"),
        ([("mdlm", 3.1, 3.4, 2.0), ("edlm", 3.2, 3.5, 4.0)], "**It does not hold here.** .* Nearest is edlm with 3.20"),
        ([("mdlm", 3.1, 3.4, 2.0), ("edlm", 2.2, 3.3, 4.0)], "but its texts are duller, entropy 3.30 against 3.40"),
        ([("mdlm", 3.0, 3.4, 2.0)], "Nothing with an energy was measured here"),
    ],
)
def test_the_claim_is_said_to_hold_where_it_does_and_not_where_it_does_not(points, said):
    baseline = Point("ar", 3.0, 3.4, 1.0, "ar")
    told = claim.verdict(baseline, [Point(*point, name=point[0]) for point in points])
    first, _dots, last = said.partition(" .* ")
    assert first in told
    assert last in told


def test_the_claims_table_has_a_row_a_sampler(looked_at):
    cells = {cell: claim.point_of(looked_at, cell) for cell in looked_at.cells}
    table = claim.claim_table(looked_at, "ar-64-1", cells).set_index("setting")
    assert table["as good as the baseline"].to_dict() == {
        "Independent, T = 16": "never",
        "Energy-corrected, then mended, T = 16, K = 8": "never",
        "Energy-corrected, T = 16, K = 8": "never",
        "Autoregressive": "the baseline",
    }
    assert table.loc["Independent, T = 16", "above the baseline"] == "+0.50 (+0.50 to +0.50)"


# ── figures that were recorded ───────────────────────────────────────────────────
def test_the_parts_of_a_run_are_all_of_it():
    alone, growing = times.split(recorded_times().parts)
    table = times.parts_table(alone)
    assert table.groupby("sampler").share.sum().round(2).eq(1).all()
    assert {one.sampler for one in growing} == {"edlm"}
    assert "the denoiser takes" in times.reading(alone)


def test_every_sampler_has_its_sentence_and_every_rule_its_share():
    found = recorded_cloze()
    assert len(known_answers.sentences(found)) == 4
    table = known_answers.shares_table(found, "rules", known_answers.rule_labels())
    assert len(table) == 4 * 5
    assert ((table.low <= table.share) & (table.share <= table.high)).all()
    assert len(known_answers.templates_table()) == found.templates


# ── a text's score ───────────────────────────────────────────────────────────────
def scored(gain):
    figures = [Figure("ar", "exact", 2.0, 0.0, 0), Figure("edlm", "upper bound", 3.0, 0.25, 8)]
    return Scored(["The", " cat", "."], [1.0, 4.0, 1.0], figures, gain, "abc", 16, 8, "ar")


def test_each_figure_says_what_it_is_and_what_it_may_be_compared_with():
    exact, bound = scored(None).figures
    assert score.figure_text(exact) == "2.000"
    assert score.figure_text(bound) == "3.000 ± 0.250"
    assert score.words_of(exact, scored(None))[1] == "Exact, nats per token."
    name, kind, _compare = score.words_of(bound, scored(None))
    assert name == "Bound, EDLM, T = 16, K = 8"
    assert kind.startswith("An upper bound")
    assert "“cat” (4.0)" in score.unexpected(scored(None))


def test_what_the_energy_makes_of_the_bound_is_told_with_its_interval():
    assert "0.200 nats per token (0.100 to 0.300) lower" in score.gain(scored((-0.2, 0.1)))
    assert "**The energy makes the bound worse**: it is +0.200" in score.gain(scored((0.2, 0.1)))
    assert "**Not told apart**" in score.gain(scored((0.2, 0.3)))
    assert score.gain(scored(None)) == ""


# ── as a script ──────────────────────────────────────────────────────────────────
def test_a_setting_as_python_asks_for_its_texts():
    row = planted("corrector", [3.0, 3.0], 0.1, num_steps=8, num_candidates=4)[1]
    script = ast.parse(sweep_python(row, 5))
    given = {
        node.targets[0].id: node.value
        for node in script.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    config = {one.arg: ast.literal_eval(one.value) for one in given["config"].keywords}
    assert SampleConfig(**config) == SampleConfig(num_steps=8, num_candidates=4, reveal="dilated", seed=1, num_chains=5)
    assert [ast.literal_eval(one) for one in given["request"].args if not isinstance(one, ast.Name)] == [
        "corrector",
        "ar",
        None,
    ]


def test_a_walk_through_the_sections_and_back_by_the_address(app, folder):
    write_recorded(folder / "planted.db")
    app.switch_page("pages/measure.py")
    app.query_params["first"], app.query_params["second"], app.query_params["cost"] = "edlm-16-8", "gone", "speed"
    app.run()
    assert not app.exception
    assert not app.error
    assert "This address compares settings that are not among these texts" in app.warning[0].value
    assert app.session_state.m_own == "corrector-16-8"
    assert app.session_state.m_cost == "speed"
    app.selectbox(key="w_m_own").set_value("ar-64-1").run()
    assert not app.warning
    assert app.query_params["first"] == "ar-64-1"
    assert app.query_params["cost"] == "speed"
    app.session_state.m_more = "claim"
    app.run()
    assert "**It does not hold here.**" in words(app)
    for section, said in (("answers", "of the fillings fit"), ("times", "the denoiser takes")):
        app.session_state.m_more = section
        app.run()
        assert not app.exception
        assert said in words(app)


def test_a_store_of_a_newer_release_is_one_line_and_the_recorded_texts_stay(app, folder, tmp_path):
    write_recorded(folder / "planted.db")
    (tmp_path / "data").mkdir()
    Store(f"sqlite:///{tmp_path / 'data' / 'store.db'}", tmp_path / "data").close()
    with sqlite3.connect(tmp_path / "data" / "store.db") as file:
        file.execute("UPDATE schema SET version = 99")
    app = measure(app)
    (problem,) = app.error
    assert "99" in problem.value
    assert "\n" not in problem.value
    assert "reads better than Independent" in words(app)


# ── many texts ───────────────────────────────────────────────────────────────────
def test_no_picture_of_the_largest_sweep_is_more_than_two_megabytes(looked_at):
    """Five thousand settings, each with a long text; what the page draws with is what a chart sends."""
    some = looked_at.cells["corrector-16-8"]
    looked_at.cells = {f"cell-{n:05d}": some for n in range(MAX_CELLS)}
    looked_at.names = dict.fromkeys(looked_at.cells, looked_at.names["corrector-16-8"])
    table = charts.settings_table(looked_at)
    assert len(table) == MAX_CELLS
    for x in ("cost", "entropy"):
        spec = frontier_chart(table, x, "seconds a text", "NLL", LIGHT, 3.17)
        assert len(json.dumps(spec)) < 2_000_000


# ── a store that is away ─────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", "database does not answer"),
        ("mysql://somewhere", "where sqlite:///… or postgresql+psycopg://… is needed"),
    ],
)
def test_a_store_that_can_not_be_reached_is_one_line(folder, monkeypatch, address, said):
    monkeypatch.setenv("EDLM_STORE", address)
    assert_one_line(said)


def test_a_store_that_another_process_holds_is_one_line(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("EDLM_STORE", f"sqlite:///{tmp_path / 'store.db'}")
    monkeypatch.setattr(cache, "Store", partial(Store, busy_seconds=0.05))
    Store().close()
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_one_line("The app's database is busy")


def assert_one_line(said):
    st.cache_resource.clear()
    found, (problem,) = sources.sources()
    assert found == []
    assert said in problem
    assert "\n" not in problem


# ── a sweep, from the press to its texts ─────────────────────────────────────────
def test_a_sweep_is_started_from_the_page_and_its_texts_are_there(app, monkeypatch, tmp_path, tales):
    """The shortest there is: one sampler, one step, two texts; its process is this one."""
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    monkeypatch.setattr("edlm_core.models.embeddings.is_available", lambda: False)
    monkeypatch.setattr("edlm_core.measure.batch.load_model", lambda name, **how: tales)
    monkeypatch.setattr(Detached, "_start", lambda self, id, owner: work(self.store, id, owner))
    monkeypatch.setenv("EDLM_THREADS", str(torch.get_num_threads()))
    app = measure(app)
    wanted = {"m_sweep": "grid", "m_sweep_samplers": ["mdlm"], "m_sweep_steps": "1", "m_sweep_length": 8}
    for name, value in (wanted | {"m_sweep_num_grid": 2, "m_more": "sweeps"}).items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    assert "**Texts: 2.** Settings: 1, the same seeds in each. It takes about" in words(app)
    app.button(key="sweep_start").click().run()
    assert not app.exception
    assert "Nothing is left to do" in words(app)
    assert app.dataframe[0].value["texts"].tolist() == ["2 of 2"]
    assert app.selectbox(key="w_source").value == sources.HERE
    app.text_input(key="w_m_sweep_steps").set_value("1, x").run()
    assert "'x'" in app.error[0].value
