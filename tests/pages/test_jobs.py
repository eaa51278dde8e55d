"""One thread owns the model: visitors queue, Stop ends within a step, failures become messages."""

import threading
import time
from dataclasses import replace

import pytest

from edlm_core.config import Request, SampleConfig
from pages.parts.app import jobs
from pages.parts.app.jobs import CAPACITY, QueueFull, Worker

SMALL = [Request(s, "ar", SampleConfig(length=16, num_steps=4, num_candidates=2)) for s in ("mdlm", "edlm")]
LONG = [Request("edlm", "ar", SampleConfig(length=128, num_steps=128, num_candidates=32))]


def wait_for(condition, seconds=60):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "gave up waiting"
        time.sleep(0.01)


@pytest.fixture
def worker(tales, monkeypatch):
    monkeypatch.setattr("edlm_core.models.pretrained.is_available", lambda: False)
    worker = Worker(lambda: tales)
    assert worker.ready.wait(60)
    yield worker
    worker.close()


def test_two_visitors_both_finish_with_their_own_texts(worker):
    first = worker.submit(SMALL, "first")
    second = worker.submit([replace(r, config=replace(r.config, seed=9)) for r in SMALL], "second")
    wait_for(lambda: not first.active and not second.active)
    assert (first.state, second.state) == ("done", "done")
    assert first.run().config.seed == 0
    assert second.run().config.seed == 9
    assert first.run().lanes[0].x != second.run().lanes[0].x


def test_stop_frees_the_worker_within_a_step_and_keeps_what_was_done(worker):
    long = worker.submit(LONG, "long")
    wait_for(lambda: long.share > 0)
    steps_at_stop = long.run().lanes[0].steps
    long.stop()
    wait_for(lambda: not long.active)
    assert long.state == "stopped"
    assert steps_at_stop <= long.run().lanes[0].steps <= steps_at_stop + 2  # the step at hand ends
    after = worker.submit(SMALL, "after")
    wait_for(lambda: not after.active)
    assert after.state == "done"


def test_a_visitor_is_told_how_many_are_before(worker):
    queue = [worker.submit(LONG, "") for _ in range(3)]
    assert [worker.place(job) for job in queue] == [0, 1, 2]
    for job in queue:
        job.stop()
    wait_for(lambda: not any(job.active for job in queue))


def test_a_full_queue_refuses_with_a_reason(worker):
    running = worker.submit(LONG, "")
    wait_for(lambda: running.state == "running")
    queue = [running, *(worker.submit(LONG, "") for _ in range(CAPACITY))]
    with pytest.raises(QueueFull, match="try again"):
        worker.submit(LONG, "")
    for job in queue:
        job.stop()
    wait_for(lambda: not any(job.active for job in queue))


def test_a_run_that_nobody_looks_at_ends_by_itself(worker, monkeypatch):
    monkeypatch.setattr(jobs, "ABANDONED_SECONDS", 0.2)
    job = worker.submit(LONG, "")
    wait_for(lambda: not job.active)
    assert job.state == "stopped"


def test_a_prompt_that_does_not_fit_fails_with_the_reason(worker):
    job = worker.submit([Request("edlm", "ar", SampleConfig(length=8), "word " * 50)], "")
    wait_for(lambda: not job.active)
    assert job.state == "failed"
    assert "expected at most 8 tokens" in job.error


def test_a_fault_inside_the_sampler_is_a_message_and_the_worker_lives_on(worker, monkeypatch, capfd):
    monkeypatch.setattr("edlm_core.runs.recording.Recording.steps", lambda self: 1 / "x")
    job = worker.submit(SMALL, "")
    wait_for(lambda: not job.active)
    assert (job.state, "unexpected" in job.error) == ("failed", True)
    monkeypatch.undo()
    again = worker.submit(SMALL, "")
    wait_for(lambda: not again.active)
    assert again.state == "done"


def test_a_model_that_does_not_load_fails_every_job_with_the_reason():
    def load():
        raise RuntimeError("expected weights, found none: restore them")

    worker = Worker(load)
    job = worker.submit(SMALL, "")
    wait_for(lambda: not job.active)
    assert job.error == worker.error == "expected weights, found none: restore them"
    worker.close()


def test_closing_ends_the_thread(tales, monkeypatch):
    monkeypatch.setattr("edlm_core.models.pretrained.is_available", lambda: False)
    before = set(threading.enumerate())
    worker = Worker(lambda: tales)
    mine = next(t for t in threading.enumerate() if t not in before and t.name == "edlm-worker")
    assert worker.ready.wait(60)
    worker.close()
    mine.join(60)
    assert not mine.is_alive()


def test_rates_are_learned_from_runs(worker):
    before = dict(worker.rates)
    assert {"denoiser", "ar", "baseline"} <= set(before)
    job = worker.submit(SMALL, "")
    wait_for(lambda: not job.active)
    wait_for(lambda: worker.rates != before)
    assert all(rate > 0 for rate in worker.rates.values())
