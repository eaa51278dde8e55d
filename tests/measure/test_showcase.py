"""Ready-made runs are chosen by rule, and say how it came out."""

import pytest

from edlm_core.__main__ import main
from edlm_core.config import SampleConfig
from edlm_core.measure.showcase import SHOWS, Show, differences, record, usual
from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import load_run

SMALL = Show("small", "Small", ("mdlm", "edlm"), SampleConfig(length=8, num_steps=2, num_candidates=8))


def test_the_usual_case_is_the_one_nearest_the_median_of_its_side():
    found = [-1.0, 2.0, -3.0, -2.0, 0.5, 0.0]
    assert usual(found, better=True) == [3, 0, 2]  # the median is -2; of two equally near the lower seed
    assert usual(found, better=False) == [1, 4]
    assert usual([0.0], better=True) == []


def test_one_ready_made_run_is_where_the_corrected_text_reads_worse():
    assert [show.reads_better for show in SHOWS].count(False) == 1
    assert len({show.name for show in SHOWS}) == len(SHOWS)
    for show in SHOWS:
        assert [request.sampler for request in show.requests(3, 1)] == list(show.samplers)


def test_the_run_is_what_it_is_shown_for_and_says_how_it_was_chosen(tiny):
    found = differences(tiny, SMALL, 8, "ar")
    assert len(found) == 8
    run = record(tiny, SMALL, found, ["ar"])  # its energy is the judge: it does read better
    plain, own = (lane.measures["judge_nll_ar"] for lane in run.lanes)
    assert own < plain
    better = sum(value < 0 for value in found)
    assert f"of seeds 0 to 7 the corrected text reads better in {better} (small autoregressive model)" in run.about
    assert f"{plain - own:.2f} nats a token better" in run.about
    with pytest.raises(Refusal, match="try more seeds"):
        record(tiny, SMALL, [0.0, 0.0], ["ar"])


def test_the_command_writes_files_that_open_and_replaces_none_unasked(tiny_folder, tmp_path, capsys):
    command = [
        "showcase",
        str(tmp_path),
        "--model",
        str(tiny_folder),
        "--seeds",
        "4",
        "--judge",
        "ar",
        "--only",
        "2-blanks",
    ]
    main(command)
    run = load_run((tmp_path / "2-blanks.json").read_bytes())
    assert run.title == "Blanks in a description"
    assert run.software["processor"]
    assert f"2-blanks: seed {run.config.seed}. {run.about}" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(command)
    assert "--force" in capsys.readouterr().err
