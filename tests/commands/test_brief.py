"""`brief`: from a board or a sweep to a file, or one line that says why not."""

import csv
import hashlib
import math
import statistics

import pytest

from edlm_core import __main__ as command_line
from edlm_core.measure import recorded
from edlm_core.measure.board import Board, as_json, save_board
from edlm_core.work.store import Store

from ..trials import store_rows, write_recorded


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A store with a sweep in it, and the same as a recorded file."""
    monkeypatch.setenv("EDLM_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("EDLM_STORE", raising=False)
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    write_recorded(tmp_path / "planted.db")
    store = Store()
    store_rows(store)
    store.close()
    return tmp_path


def run(capsys, *words):
    command_line.main(["brief", *map(str, words)])
    return capsys.readouterr().out


def refused(capsys, *words):
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["brief", *map(str, words)])
    out, err = capsys.readouterr()
    assert (stopped.value.code, out, err.count("\n")) == (2, "", 1)
    return err


@pytest.mark.parametrize("kind", ["html", "md", "pptx", "csv"])
def test_a_file_is_written_whole_and_its_checksum_is_said(folder, capsys, kind):
    path = folder / f"brief.{kind}"
    digest, name = run(capsys, "--recorded", "planted", "--to", path).split()
    assert (digest, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), str(path))
    assert "expected no such file" in refused(capsys, "--recorded", "planted", "--to", path)
    run(capsys, "--to", path, "--force")


def test_five_figures_can_be_computed_from_the_exported_rows(folder, capsys):
    told = run(capsys, "--cell", "corrector-16-8", "mdlm-16-1", "--price", "3.6")
    path = folder / "rows.csv"
    digest = run(capsys, "--cell", "corrector-16-8", "mdlm-16-1", "--to", path).split()[0]
    assert f"SHA-256 {digest}" in told
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    own = [row for row in rows if row["cell"] == "corrector-16-8"]
    other = {row["seed"]: row for row in rows if row["cell"] == "mdlm-16-1"}
    nll = [float(row["judge_nll_smollm2"]) for row in own if row["judge_nll_smollm2"]]
    half = 2.1314 * statistics.stdev(nll) / math.sqrt(len(nll))
    mean = statistics.fmean(nll)
    assert f"{mean:.2f} nats per token ({mean - half:.2f} to {mean + half:.2f})" in told
    assert f"{statistics.fmean(float(row['repeated_words']) for row in own):.1%} of the words" in told
    seconds = statistics.fmean(float(row["seconds"]) for row in own)
    assert f"{1 / seconds:.2f} texts a second" in told
    assert f"1,000 texts cost {seconds:.2f} at 3.60 an hour" in told
    won = [
        float(row["judge_nll_smollm2"]) < float(other[row["seed"]]["judge_nll_smollm2"])
        for row in own
        if row["judge_nll_smollm2"] and row["seed"] in other
    ]
    assert f"in {sum(won) / len(won):.0%} of {len(won)} pairs" in told


def test_what_is_looked_at_first_is_chosen_by_its_texts(folder, capsys):
    assert run(capsys).startswith(
        "# Is it good enough for a pilot?\n\nEnergy-corrected, then mended, T = 16, K = 8, with Independent, T = 16"
    )


def test_a_kept_board_and_its_file_say_the_same(folder, capsys):
    board = Board("edlm-16-8", "mdlm-16-1", "planted", targets={"nll": 2.5}, name="Pilot")
    save_board(board)
    (folder / "pilot.json").write_bytes(as_json(board))
    told = run(capsys, "--board", "Pilot")
    assert told == run(capsys, "--board", folder / "pilot.json")
    assert told.startswith("# Pilot: is it good enough for a pilot?")
    assert "| Judge NLL | at most 2.50 |" in told
    assert "| Judge NLL | at most 4.00 |" in run(capsys, "--board", "Pilot", "--target", "nll=4")
    assert run(capsys, "--boards") == "Pilot\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--board", "no"], "board: expected one that is kept (–), got 'no'"),
        (["--recorded", "no"], "recorded: expected one of planted, got 'no'"),
        (["--cell", "no"], "board: expected texts of the setting no, found none"),
        (["--target", "nll=nan"], "target: expected NAME=NUMBER with one of nll, filled"),
        (["--target", "x"], "target: expected NAME=NUMBER"),
        (["--target", "broken=2"], "target: expected NAME=NUMBER"),
        (["--price", "-1"], "price: expected a number from 0 to 1000000, got -1.0"),
        (["--price", "nan"], "price: expected a number"),
        (["--to", "brief.pdf"], "to: expected one of .html, .md, .pptx, .csv, got '.pdf'"),
        (["--to", "/nonexistent/brief.md"], "expected a file that can be written"),
        (["--board", "/nonexistent/board.json"], "expected a file, found none"),
        (["--board", "a", "--recorded"], "not allowed with argument"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(folder, capsys, words, said):
    assert said in refused(capsys, *words)


def test_nothing_measured_says_what_to_do(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("EDLM_DATA", str(tmp_path))
    monkeypatch.delenv("EDLM_STORE", raising=False)
    assert "run `python -m edlm_core sweep` first" in refused(capsys)
