"""The table of all samplers: its distances, its share of the way, its lines, and where it is written."""

import json

import pytest
import torch

from edlm_core.__main__ import main
from edlm_core.catalogue import SAMPLERS
from edlm_core.commands.compare import BEGIN, END
from edlm_core.config import SampleConfig
from edlm_core.measure.contest import PLAN, chance_error, exact_distance, markov_error


def test_the_plan_has_every_sampler():
    assert {name for name, _, _ in PLAN} == set(SAMPLERS)


def test_exact_distances_are_0_where_the_law_is_the_target_and_less_with_an_energy():
    distance = {name: exact_distance(name) for name in SAMPLERS}
    assert distance["smc"] is None
    assert distance["ar"] == distance["speculative"] == 0
    assert distance["edlm"] < distance["mdlm"] < distance["confidence"]


def test_at_real_length_an_exact_sampler_errs_as_much_as_chance():
    by_chance = chance_error(256)
    assert markov_error("speculative", SampleConfig(num_steps=16, num_candidates=4)) < 1.6 * by_chance
    assert markov_error("mdlm", SampleConfig(num_steps=4, num_candidates=1)) > 4 * by_chance
    assert markov_error("ar", SampleConfig()) is None


def test_in_the_markov_world_one_thread_works_whatever_the_number_of_texts_in_a_batch(monkeypatch):
    threads, shares = [], []

    def tell(share, what):
        threads.append(torch.get_num_threads())
        shares.append(share)

    how = SampleConfig(num_steps=4, num_candidates=2, reveal="dilated")
    torch.set_num_threads(2)
    try:
        together = markov_error("edlm", how, num_texts=24, tell=tell)
        monkeypatch.setattr("edlm_core.measure.contest.MARKOV_ROWS", 14)  # 7 texts of 2 drafts
        apart = markov_error("edlm", how, num_texts=24, tell=tell)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert together == apart
    assert set(threads) == {1}
    assert (shares[:4], len(shares), shares[-1]) == ([0.25, 0.5, 0.75, 1], 4 + 4 * 4, 1)


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


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "expected a file, found none"), (b"\xff\xfe", "expected text in UTF-8")],
)
def test_a_page_that_cannot_be_read_is_refused_before_any_work(tmp_path, monkeypatch, capsys, content, reason):
    monkeypatch.setattr("edlm_core.commands.compare.load_model", lambda name: pytest.fail("work has begun"))
    page = tmp_path / "page.md"
    if content is not None:
        page.write_bytes(content)
    with pytest.raises(SystemExit) as stopped:
        main(["compare", "--write", str(page)])
    assert stopped.value.code == 2
    assert reason in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_into_is_found_out_before_any_work(tmp_path, monkeypatch, capsys):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edlm_core.commands.compare.load_model", lambda name: pytest.fail("work has begun"))
    monkeypatch.setattr("edlm_core.files.tempfile.mkstemp", full)
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}{END}")
    with pytest.raises(SystemExit):
        main(["compare", "--write", str(page)])
    assert "No space left on device" in capsys.readouterr().err


def test_what_was_written_into_the_page_meanwhile_stays(tiny_folder, small_plan, tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}{END}\n")
    arguments = ["compare", "--model", str(tiny_folder), "--num", "2", "--length", "8", "--steps", "2",
                 "--judge", "ar", "--write", str(page)]  # fmt: skip

    def meanwhile(text):
        def chance():
            page.write_text(text)
            return 0.0

        monkeypatch.setattr("edlm_core.commands.compare.chance_error", chance)

    meanwhile(f"new\n{BEGIN}{END}\n")
    main(arguments)
    assert page.read_text().startswith(f"new\n{BEGIN}\n| sampler")
    meanwhile("no marks any more\n")
    with pytest.raises(SystemExit):
        main(arguments)
    out, err = capsys.readouterr()
    assert out.startswith("| sampler | reveal | K |")
    assert "once each" in err
    assert page.read_text() == "no marks any more\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--num", "1"], "num: expected a whole number from 2 to 1024, got 1"),
        (["--length", "0"], "length: expected a whole number"),
        (
            ["--seed", "4294967290", "--num", "64"],
            "seed: expected seed + num of at most 4294967296, got 4294967290 + 64",
        ),
    ],
)
def test_arguments_are_refused_before_any_work(monkeypatch, capsys, arguments, reason):
    monkeypatch.setattr("edlm_core.commands.compare.load_model", lambda name: pytest.fail("work has begun"))
    with pytest.raises(SystemExit) as stopped:
        main(["compare", *arguments])
    assert stopped.value.code == 2
    assert reason in capsys.readouterr().err
