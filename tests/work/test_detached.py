"""Long tasks in processes of their own: they outlive the app, and their death is seen."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import safe_open

from edlm_core.config import Request, SampleConfig
from edlm_core.models.checkpoints import load_model
from edlm_core.refusals import Refusal
from edlm_core.training.recipes import Denoiser, to_json
from edlm_core.training.settings import TrainConfig
from edlm_core.training.starts import Folder
from edlm_core.work.detached import ROOT, Detached
from edlm_core.work.executor import ABANDONED_SECONDS
from edlm_core.work.ledger import Ledger
from edlm_core.work.store import Store
from edlm_core.work.task import Doing, Progress, task_id, task_json
from edlm_core.work.tasks import Record, RunSweep, Train
from edlm_core.work.trials import file_trials

from ..killed import kill, kill_process


def many_seeds(folder, seeds):
    """A small task of a few seconds a hundred seeds; it can't be done before a test has looked at it."""
    config = SampleConfig(length=16, num_steps=16, num_candidates=2, num_chains=min(seeds, 1000))
    requests = tuple(Request("edlm", "ar", replace(config, seed=first)) for first in range(0, seeds, 1000))
    return RunSweep(str(folder), "", requests, ("ar",))


def wait_for(condition, seconds=180):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "gave up waiting"
        time.sleep(0.05)


@pytest.fixture
def detached(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    detached = Detached(store)
    yield detached
    for id in detached.active():
        detached.ledger.end(id, "", "stopped")
        kill_process(id)
    store.close()


def test_a_task_is_done_in_a_process_of_its_own_its_texts_are_rows_and_asked_again_is_not_done_again(
    detached, tiny_folder
):
    task = many_seeds(tiny_folder, 3)
    id = detached.submit(task)
    wait_for(lambda: not detached.state(id).active)
    state = detached.state(id)
    assert (state.stage, state.share, state.error) == ("done", 1.0, None)
    (measures,) = detached.result(id)
    assert len(measures.judge_nll["ar"]) == 3
    rows = detached.store.trials(task=id)
    assert sorted((row.seed, row.text) for row in rows) == list(enumerate(measures.texts))
    file_trials(detached.store, task, [measures])
    assert detached.store.count_trials() == 3
    assert detached.submit(task) == id
    assert detached.state(id).stage == "done"
    assert detached.active() == []


ASK = """
import sys, time
from edlm_core.work.detached import Detached
from edlm_core.work.store import Store
from edlm_core.work.task import task_of_json
print(Detached(Store()).submit(task_of_json(sys.argv[1].encode()), by="a visitor"), flush=True)
time.sleep(600)
"""


def test_the_app_is_killed_the_task_goes_on_it_is_killed_too_and_done_again_and_stopped(detached, tiny_folder):
    """A restarted app finds what goes on, and sees what does not."""
    task = many_seeds(tiny_folder, 100_000)
    environment = os.environ | {"EDLM_STORE": detached.store.url, "EDLM_DATA": str(detached.store.folder)}
    app = subprocess.Popen(
        [sys.executable, "-c", ASK, task_json(task).decode()],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    id = app.stdout.readline().decode().strip()
    assert id == task_id(task)
    os.killpg(app.pid, signal.SIGKILL)  # and all that is of its session
    app.wait()
    wait_for(lambda: detached.state(id).share > 0)
    assert detached.active() == [id]
    share = detached.state(id).share
    wait_for(lambda: detached.state(id).share > share)

    kill(detached.store, id)
    assert detached.state(id).stage == "interrupted"
    assert detached.active() == []
    assert detached.submit(task, by="a visitor") == id
    assert detached.state(id).active
    wait_for(lambda: detached.state(id).share > 0)
    detached.stop(id, "a visitor")
    wait_for(lambda: not detached.state(id).active)
    assert detached.state(id).stage == "stopped"


def test_a_task_that_can_not_be_done_says_why(detached, tmp_path):
    id = detached.submit(many_seeds(tmp_path / "nowhere", 1))
    wait_for(lambda: not detached.state(id).active)
    assert detached.state(id).stage == "failed"
    assert "expected a bundled model" in str(detached.state(id).error)


def test_one_is_done_at_a_time_and_the_next_waits_for_its_turn(detached, tiny_folder):
    first, second = (detached.submit(many_seeds(tiny_folder, seeds)) for seeds in (100_000, 2))
    wait_for(lambda: detached.state(first).share > 0)
    assert (detached.state(second).stage, detached.state(second).before) == ("waiting", 1)
    detached.stop(first)
    wait_for(lambda: not detached.state(second).active)
    assert (detached.state(first).stage, detached.state(second).stage) == ("stopped", "done")


# ── training ─────────────────────────────────────────────────────────────────────
@pytest.fixture
def training(tiny_folder, tmp_path):
    """Of a network of a few thousand weights; no test waits for its end."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for split in ("train", "valid"):
        (folder / f"{split}.txt").write_text("Tom saw a dog. Tom ran to the park. The dog ran home. " * 8)
    model = shutil.copytree(tiny_folder, tmp_path / "model")
    config = TrainConfig(minutes=60, tokens_per_step=64, lengths=(16,), valid_length=16, validate_every=20)
    recipe = Denoiser(config, Folder(str(tiny_folder)))
    return Train(json.dumps(to_json(recipe)), str(folder), str(model), replace=True)


def test_a_training_that_was_killed_goes_on_and_one_that_is_stopped_keeps_its_best_weights(detached, training):
    model = Path(training.out)
    id = detached.submit(training)
    wait_for(lambda: detached.result(id) is not None and len(detached.result(id).validations) > 1)
    kill(detached.store, id)
    assert detached.state(id).stage == "interrupted"
    with safe_open(model / "denoiser.resume.safetensors", framework="pt") as file:
        kept = json.loads(file.metadata()["state"])

    assert detached.submit(training) == id
    wait_for(lambda: detached.result(id) is not None)
    result = detached.result(id)
    assert result.losses[0][0] == kept["step"] + 1
    assert result.validations[: len(kept["log"])] == kept["log"]
    state = detached.state(id)
    assert state.doing.code == "training"
    assert 0 < state.doing.values["seconds_left"] < 3600

    detached.stop(id)
    wait_for(lambda: not detached.state(id).active)
    assert detached.state(id).stage == "stopped"
    found = detached.result(id)
    assert found.validations[-1]["best"] == min(line["valid"] for line in found.validations)
    assert load_model(str(model)).name == "model"
    assert (model / "denoiser.resume.safetensors").is_file()


# ── the ledger, without a process ────────────────────────────────────────────────
TASK = Record("tales", (Request("edlm", "ar", SampleConfig()),))
HALF = Progress(0.5, Doing("writing", {"lane": 1}))


@pytest.fixture
def ledger(store):
    return Ledger(store)


def test_what_two_watch_is_started_once_and_stopped_when_both_stop(ledger):
    id, owner = ledger.ask(TASK, "one")
    assert ledger.ask(TASK, "other") == (id, None)
    assert ledger.beat(id, owner)
    ledger.leave(id, "one")
    assert ledger.beat(id, owner)
    ledger.leave(id, "other")
    assert not ledger.beat(id, owner)


def test_a_process_that_was_taken_for_dead_writes_nothing_into_what_another_does(ledger, monkeypatch):
    id, owner = ledger.ask(TASK, "one")
    ledger.report(id, owner, HALF)
    assert (ledger.state(id).stage, ledger.state(id).share) == ("running", 0.5)
    assert ledger.state(id).doing == HALF.doing
    monkeypatch.setattr(ledger, "silent_seconds", -1)
    assert ledger.state(id).stage == "interrupted"
    _, heir = ledger.ask(TASK, "one")
    monkeypatch.undo()
    assert ledger.state(id).stage == "waiting"
    ledger.end(id, owner, "failed")
    assert not ledger.beat(id, owner)
    assert ledger.beat(id, heir)
    assert ledger.state(id).stage == "waiting"


def test_how_it_ended_is_told_to_every_process(ledger):
    id, owner = ledger.ask(TASK, "one")
    why = Refusal("json-deep")
    ledger.end(id, owner, "failed", error=Refusal("run-damaged", what=why, got="b"))
    state = ledger.state(id)
    assert (state.stage, state.error.code, state.error.values["got"]) == ("failed", "run-damaged", "b")
    assert state.error.values["what"].code == "json-deep"
    assert ledger.state("0" * 64).error.code == "task-gone"
    assert ledger.result(id) is None


def test_who_went_without_a_word_keeps_nothing_going(ledger, monkeypatch):
    id, owner = ledger.ask(TASK, "of a page that was closed")
    ledger.ask(TASK, "one")
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + ABANDONED_SECONDS + 1)
    ledger.beat(id, owner)
    ledger.keep_watching(id, "one")
    assert ledger.beat(id, owner)  # whoever has gone, nobody has stopped it
    ledger.leave(id, "one")
    assert not ledger.beat(id, owner)


def test_what_one_has_stopped_ends_when_the_other_has_gone_without_a_word(ledger, monkeypatch):
    id, owner = ledger.ask(TASK, "of a page that is closed soon")
    ledger.ask(TASK, "one")
    ledger.leave(id, "one")
    assert ledger.beat(id, owner)
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + ABANDONED_SECONDS + 1)
    assert not ledger.beat(id, owner)
    assert ledger.ask(TASK, "one")[1] is not None  # it is done anew


def test_turns_come_in_the_order_of_asking_whoever_claims_first(ledger):
    tasks = [replace(TASK, title=title) for title in ("first", "second", "third")]
    (first, one), (second, other), (third, last) = (ledger.ask(task, "") for task in tasks)
    assert not ledger.claim(second, other)
    assert [ledger.state(id).before for id in (first, second, third)] == [0, 1, 2]
    assert ledger.claim(first, one)
    assert not ledger.claim(second, other)
    assert not ledger.claim(second, "another owner", at_once=9)
    ledger.end(first, one, "done")
    assert not ledger.claim(third, last)
    assert ledger.claim(second, other)
    assert ledger.claim(third, last, at_once=2)


def test_what_a_task_takes_is_told_by_who_asks_then_by_who_does_it(ledger):
    tasks = [replace(TASK, title=title) for title in ("first", "second", "third")]
    (first, one), (second, _), (third, _) = (
        ledger.ask(task, "", seconds) for task, seconds in zip(tasks, (60.0, 30.0, None), strict=True)
    )
    assert [ledger.state(id).seconds for id in (first, second, third)] == [60.0, 90.0, None]
    ledger.claim(first, one)
    assert ledger.state(first).seconds == 60.0  # it loads
    ledger.report(first, one, HALF, seconds=20.0)
    assert [ledger.state(id).seconds for id in (first, second)] == [20.0, 50.0]
    assert ledger.state(first).doing.values == {"lane": 1, "seconds_left": 20.0}
    ledger.report(first, one, HALF)
    assert [ledger.state(id).seconds for id in (first, second)] == [None, None]
    ledger.report(first, one, Progress(0.9, Doing("training", {"seconds_left": 5.0})), seconds=20.0)
    assert ledger.state(first).seconds == 5.0  # it knows better
    ledger.end(first, one, "done")
    assert [ledger.state(id).seconds for id in (first, second)] == [None, 30.0]


def test_one_that_waits_can_be_put_before_the_others(ledger):
    tasks = [replace(TASK, title=title) for title in ("first", "second", "third")]
    (first, one), (second, _), (third, last) = (ledger.ask(task, "") for task in tasks)
    ledger.claim(first, one)
    ledger.hurry(third)
    assert [ledger.state(id).before for id in (first, second, third)] == [0, 2, 1]
    ledger.end(first, one, "done")
    ledger.hurry(first)  # it does not wait: nothing comes of it
    assert ledger.claim(third, last)
    assert ledger.newest(TASK.kind, 2) == [second, first]


def test_the_order_that_is_wanted_outlives_a_restart(ledger):
    id, owner = ledger.ask(TASK, "")
    assert ledger.ahead(id) == []
    ledger.reorder(id, ["b", "a"])
    ledger.end(id, owner, "stopped")
    ledger.ask(TASK, "")
    assert ledger.ahead(id) == ["b", "a"]
