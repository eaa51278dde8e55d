"""`sweep` and `results`: the whole way from a grid to rows, through a process of its own that may be killed."""

import csv
import hashlib
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from edlm_core.__main__ import main
from edlm_core.config import SampleConfig
from edlm_core.measure.presets import PRESETS
from edlm_core.measure.recorded import duel
from edlm_core.work.detached import ROOT
from edlm_core.work.store import Store

from ..killed import kill

GRID = ["--sampler", "mdlm", "edlm", "--steps", "2", "3", "--candidates", "2", "--length", "12", "--judge", "ar"]


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder."""
    monkeypatch.setenv("EDLM_DATA", str(tmp_path))
    monkeypatch.delenv("EDLM_STORE", raising=False)
    monkeypatch.setenv("EDLM_DTYPE", "float32")
    return tmp_path


@pytest.fixture
def cli(data, tiny_folder, capsys):
    def call(command, *arguments):
        main([command, *(["--model", str(tiny_folder)] if command == "sweep" else []), *arguments])
        return capsys.readouterr().out

    return call


def refused(capsys, *arguments):
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return err


def test_a_sweep_that_is_killed_goes_on_and_its_rows_leave_the_store(cli, data, tiny_folder, capsys):
    arguments = [*GRID, "--num", "40", "--together", "4", "--threads", "1"]
    told = json.loads(cli("sweep", *arguments, "--dry-run", "--json"))
    assert (told["cells"], told["texts"], told["kept"], told["threads"]) == (4, 160, 0, 1)
    assert told["seconds"] > 0
    id = cli("sweep", *arguments, "--detach").strip()
    store = Store()
    limit = time.monotonic() + 120
    while store.count_trials() == 0:
        assert time.monotonic() < limit
        time.sleep(0.02)
    kill(store, id)
    kept = store.count_trials()
    assert 0 < kept <= 160
    assert kept % 4 == 0  # whole batches
    told = json.loads(cli("sweep", *arguments, "--dry-run", "--json"))
    assert told["kept"] == kept

    found = json.loads(cli("sweep", "--resume", id[:12], "--json"))
    assert [(cell["done"], cell["of"]) for cell in found["cells"]] == [(40, 40)] * 4
    assert store.count_trials() == 160
    assert f"{id[:12]}  done        100%  4 settings" in cli("sweep", "--list")

    summary = json.loads(cli("results", "--sampler", "edlm", "--json"))["cells"]
    assert [(one["setting"]["num_steps"], one["texts"]) for one in summary] == [(2, 40), (3, 40)]
    assert "| edlm | ar | 3 | 2 | random | 12 | 40 | – |" in cli("results", "--steps", "3")

    again = shlex.split(summary[0]["command"].replace(f"--model {tiny_folder.name}", f"--model {tiny_folder}"))
    assert again[:4] == ["EDLM_DTYPE=float32", "python", "-m", "edlm_core"]
    main([*again[4:], "--dry-run", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["cells"], told["texts"], told["kept"]) == (1, 40, 40)

    files = {suffix: data / f"rows.{suffix}" for suffix in ("csv", "json", "db")}
    for path in files.values():
        digest, name = cli("results", "--to", str(path)).split()
        assert (digest, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), str(path))
    rows = json.loads(files["json"].read_text())
    assert len(rows) == 160
    with files["csv"].open(newline="") as file:
        assert [row["text"] for row in csv.DictReader(file)] == [row["text"] for row in rows]
    nll = [row["judge_nll_ar"] for row in rows if row["cell"] == summary[0]["cell"]]
    assert sum(nll) / 40 == pytest.approx(summary[0]["measured"]["judge_nll_ar"][0])
    assert "expected no such file" in refused(capsys, "results", "--to", str(files["csv"]))

    config = SampleConfig(length=12, num_steps=3, num_candidates=2)
    recorded = duel("edlm", "mdlm", config, model=tiny_folder.name, judge="ar", folder=data.absolute())
    assert (recorded.n, recorded.batch_size, recorded.threads) == (40, 4, 1)
    own, other = (
        {r["seed"]: r["judge_nll_ar"] for r in rows if r["sampler"] == s and r["num_steps"] == 3}
        for s in ("edlm", "mdlm")
    )
    assert recorded.wins == sum(own[seed] < other[seed] for seed in own)
    file = sqlite3.connect(files["db"])
    assert file.execute("PRAGMA journal_mode").fetchone() != ("wal",)
    file.close()
    store.close()


def test_what_is_in_the_store_is_not_done_again_and_one_can_be_stopped(cli, data):
    cli("sweep", *GRID, "--num", "2", "--threads", "1")
    told = cli("sweep", *GRID, "--num", "3", "--threads", "1", "--dry-run")
    assert told.startswith("4 settings, 12 texts, 8 of them are in the store and will not be done again, about ")
    id = cli("sweep", *GRID, "--num", "1000", "--threads", "1", "--detach").strip()
    cli("sweep", "--stop", id)
    limit = time.monotonic() + 120
    while "stopped" not in cli("sweep", "--list"):
        assert time.monotonic() < limit
        time.sleep(0.1)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_presets_cells_have_the_same_seeds(preset):
    requests = preset.requests(preset.num)
    assert {request.config.seed for request in requests} == {0}
    assert max(request.config.num_chains for request in requests) == preset.num


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "expected a preset, or values of a setting, got none"),
        (["--steps", "0"], "steps: expected a whole number from 1 to 1024, got 0"),
        (["--steps", "x"], "invalid int value"),
        (["--preset", "nonsense"], "invalid choice"),
        (["--num", "0", "--steps", "2"], "num: expected a whole number from 1 to 1024"),
        (["--threads", "0", "--steps", "2"], "threads: expected a whole number"),
        (["--on", "the moon", "--steps", "2"], "on: expected here, ray or ray://host:port, got 'the moon'"),
        (["--resume", "0123"], "sweep: expected one that is kept, found none named '0123'"),
        (["--candidates", *map(str, range(2, 513)), "--steps", *map(str, range(1, 12))], "at most 5000 settings"),
        (["--prompts", "/nowhere", "--steps", "2"], "/nowhere: expected a file, found none"),
        (["--adaptive", "2"], "expected 0 or 1"),
        (["--model", "/nowhere", "--steps", "2"], "expected a bundled model"),
    ],
)
def test_sweep_refuses_in_one_line(data, capsys, arguments, reason):
    assert reason in refused(capsys, "sweep", *arguments)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--steps", "99999999999999999999"], "steps: expected a whole number from 1 to 1024"),
        (["--cell", "a\udcff"], "expected text without control characters, got U+DCFF"),
        (["--sweep", "0123"], "sweep: expected one that is kept, found none named '0123'"),
        (["--to", "rows.xlsx"], "to: expected one of .csv, .json, .db, got '.xlsx'"),
    ],
)
def test_results_refuse_in_one_line(data, capsys, arguments, reason):
    assert reason in refused(capsys, "results", *arguments)


def test_a_judge_that_is_not_installed_is_refused_before_anything_is_done(data, tiny_folder, capsys, monkeypatch):
    from edlm_core.models import pretrained

    def missing():
        raise pretrained.MissingModel("smollm2-missing", how=pretrained.HOW_TO_GET)

    monkeypatch.setattr(pretrained, "_where", missing)
    arguments = ["--model", str(tiny_folder), "--steps", "2", "--judge", "smollm2"]
    assert "expected the weights of SmolLM2-135M, found none" in refused(capsys, "sweep", *arguments)


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        ("postgresql+psycopg://me:secret@127.0.0.1:9/edlm", "expected a PostgreSQL server"),
        ("nonsense", "EDLM_STORE: expected sqlite"),
    ],
)
def test_a_store_that_is_away_is_one_line(data, capsys, monkeypatch, store, reason):
    monkeypatch.setenv("EDLM_STORE", store)
    told = refused(capsys, "sweep", "--preset", "first-look")
    assert reason in told
    assert "secret" not in told
    assert reason in refused(capsys, "results")


def test_a_store_of_a_newer_schema_is_one_line_and_left_as_it_is(data, capsys):
    Store().close()
    with sqlite3.connect(data / "store.db") as file:
        file.execute("UPDATE schema SET version = 99")
    assert "store: expected version 2, found 99" in refused(capsys, "results")
    assert "store: expected version 2, found 99" in refused(capsys, "sweep", "--preset", "first-look")


def test_a_process_that_waits_for_a_sweep_can_be_interrupted(data, tiny_folder):
    asked = [sys.executable, "-m", "edlm_core", "sweep", "--model", str(tiny_folder), *GRID, "--num", "1000"]
    waiting = subprocess.Popen(asked, cwd=ROOT, env=os.environ | {"EDLM_THREADS": "1"}, stderr=subprocess.PIPE)
    store, limit = Store(), time.monotonic() + 120
    while store.count_trials() == 0:
        assert time.monotonic() < limit
        time.sleep(0.05)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(60) == 130
    kept = store.count_trials()
    assert 0 < kept < 4000
    time.sleep(0.5)
    assert store.count_trials() == kept
    store.close()
