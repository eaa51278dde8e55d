"""The table of all samplers: its distances, its share of the way, its lines, and where it is written."""

import json

import numpy as np
import pytest

from edlm_core.__main__ import main
from edlm_core.catalogue import SAMPLERS
from edlm_core.commands.compare import BEGIN, END
from edlm_core.measure.contest import PLAN, chance_error, closed, exact_distance, markov_error


def test_the_plan_has_every_sampler():
    assert {name for name, _, _ in PLAN} == set(SAMPLERS)


def test_exact_distances_are_0_where_the_law_is_the_target_and_less_with_an_energy():
    distance = {name: exact_distance(name) for name in SAMPLERS}
    assert distance["smc"] is None
    assert distance["ar"] == distance["speculative"] == 0
    assert distance["edlm"] < distance["mdlm"] < distance["confidence"]


def test_at_real_length_an_exact_sampler_errs_as_much_as_chance():
    by_chance = chance_error(256)
    assert markov_error("speculative", "–", 16, 4) < 1.6 * by_chance
    assert markov_error("mdlm", "random", 4, 1) > 4 * by_chance
    assert markov_error("ar", "–", 16, 1) is None


def test_the_share_of_the_way_is_a_ratio_of_means_with_an_interval_around_it():
    rng = np.random.default_rng(0)
    mdlm, noise = rng.normal(5, 1, 400), rng.normal(0, 0.2, 400)
    share, low, high = closed(mdlm, mdlm - 0.5 + noise, mdlm - 2)
    assert share == pytest.approx(0.25, abs=0.02)
    assert low < share < high < low + 0.05
    assert closed(mdlm, mdlm, mdlm - 2)[0] == 0
    assert closed(mdlm, mdlm - 2, mdlm - 2)[0] == pytest.approx(1)


@pytest.fixture
def small_plan(monkeypatch):
    plan = (("mdlm", "random", 1), ("edlm", "random", 2), ("corrector", "dilated", 2), ("ar", "–", 1))
    monkeypatch.setattr("edlm_core.measure.contest.PLAN", plan)


def test_compare_measures_each_line_of_its_plan(tiny_folder, small_plan, capsys):
    main(["compare", "--model", str(tiny_folder), "--num", "4", "--length", "8", "--steps", "4", "--judge", "ar",
          "--json"])  # fmt: skip
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["sampler"] for row in rows] == ["mdlm", "edlm", "corrector", "ar"]
    mdlm, edlm, corrector, ar = rows
    assert mdlm["scored"] == 0 < edlm["scored"] <= 2 * edlm["denoiser_calls"]
    assert corrector["scored"] == 2 * corrector["denoiser_calls"] == 8
    assert (mdlm["closed"][0], ar["closed"][0]) == (0, 1)
    assert ar["transition_error"] is None


def test_it_writes_its_table_between_two_marks_and_leaves_the_rest_alone(tiny_folder, small_plan, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# before\n{BEGIN}\nold\n{END}\nafter\n")
    main(["compare", "--model", str(tiny_folder), "--num", "4", "--length", "8", "--steps", "4", "--judge", "ar",
          "--write", str(page)])  # fmt: skip
    text = page.read_text()
    assert text.startswith(f"# before\n{BEGIN}\n| sampler | reveal | K |")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert sum(line.startswith(("| mdlm", "| edlm", "| corrector", "| ar")) for line in text.splitlines()) == 4


def test_a_page_without_the_marks_is_refused_before_any_work(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("nothing\n")
    with pytest.raises(SystemExit) as stopped:
        main(["compare", "--write", str(page)])
    assert stopped.value.code == 2
    assert f"expected {BEGIN} and {END} once each" in capsys.readouterr().err
    assert page.read_text() == "nothing\n"
