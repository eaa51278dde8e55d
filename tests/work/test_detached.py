"""Long tasks in processes of their own: they outlive the app, and their death is seen."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from edlm_core.config import Request, SampleConfig
from edlm_core.refusals import Refusal
from edlm_core.work.detached import ROOT, Detached
from edlm_core.work.ledger import Ledger
from edlm_core.work.store import Store
from edlm_core.work.task import Doing, Progress, task_id, task_json
from edlm_core.work.tasks import Record, RunSweep

SILENT = 8.0


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


def process_of(id):
    """The task's process, by its command line."""
    import psutil

    return next(p for p in psutil.process_iter(["cmdline"]) if id in (p.info["cmdline"] or []))


@pytest.fixture
def detached(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    detached = Detached(store, SILENT)
    yield detached
    for id in detached.active():
        detached.ledger.end(id, "", "stopped")
        process_of(id).kill()
    store.close()


def test_a_task_is_done_in_a_process_of_its_own_and_asked_again_is_not_done_again(detached, tiny_folder):
    id = detached.submit(many_seeds(tiny_folder, 3))
    wait_for(lambda: not detached.state(id).active)
    state = detached.state(id)
    assert (state.stage, state.share, state.error) == ("done", 1.0, None)
    (measures,) = detached.result(id)
    assert len(measures.judge_nll["ar"]) == 3
    assert detached.submit(many_seeds(tiny_folder, 3)) == id
    assert detached.state(id).stage == "done"
    assert detached.active() == []


def test_a_killed_process_is_seen_and_its_task_can_be_done_again(detached, tiny_folder):
    id = detached.submit(many_seeds(tiny_folder, 100_000))
    wait_for(lambda: detached.state(id).share > 0)
    process_of(id).send_signal(signal.SIGKILL)
    wait_for(lambda: detached.state(id).stage == "interrupted")
    assert detached.active() == []
    assert detached.submit(many_seeds(tiny_folder, 100_000)) == id
    assert detached.state(id).active
    wait_for(lambda: detached.state(id).share > 0)
    detached.stop(id)
    wait_for(lambda: not detached.state(id).active)
    assert detached.state(id).stage == "stopped"


ASK = """
import sys, time
from edlm_core.work.detached import Detached
from edlm_core.work.store import Store
from edlm_core.work.task import task_of_json
print(Detached(Store()).submit(task_of_json(sys.argv[1].encode()), by="a visitor"), flush=True)
time.sleep(600)
"""


def test_the_app_is_killed_the_task_goes_on_and_a_restarted_app_finds_and_stops_it(detached, tiny_folder):
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
    detached.stop(id, "a visitor")
    wait_for(lambda: not detached.state(id).active)
    assert detached.state(id).stage == "stopped"


def test_a_task_that_can_not_be_done_says_why(detached, tmp_path):
    id = detached.submit(many_seeds(tmp_path / "nowhere", 1))
    wait_for(lambda: not detached.state(id).active)
    assert detached.state(id).stage == "failed"
    assert "expected a bundled model" in str(detached.state(id).error)


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
