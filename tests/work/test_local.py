"""One thread owns the model: visitors queue, Stop ends within a step, failures become messages."""

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from msgspec import structs

from edlm_core.config import Request, SampleConfig
from edlm_core.refusals import Refusal
from edlm_core.runs.schema import ModelName
from edlm_core.work import local as locals_
from edlm_core.work import running, warm_up
from edlm_core.work.local import CAPACITY, Local
from edlm_core.work.tasks import CheckSign, Place, Record, run_hash

SMALL = tuple(Request(s, "ar", SampleConfig(length=16, num_steps=4, num_candidates=2)) for s in ("mdlm", "edlm"))
LONG = (Request("edlm", "ar", SampleConfig(length=128, num_steps=128, num_candidates=32)),)


def record(requests, title="", seed=0):
    return Record("tiny", tuple(replace(r, config=replace(r.config, seed=seed)) for r in requests), title)


def wait_for(condition, seconds=60):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "gave up waiting"
        time.sleep(0.01)


@pytest.fixture
def local(tiny, monkeypatch):
    monkeypatch.setattr("edlm_core.models.pretrained.is_available", lambda: False)
    local = Local(lambda: tiny)
    assert local.ready.wait(60)
    assert not local.error
    yield local
    local.close()


def ended(local, *ids):
    wait_for(lambda: not any(local.state(id).active for id in ids))
    return [local.state(id).stage for id in ids]


def test_two_visitors_both_finish_with_their_own_texts(local):
    first, second = local.submit(record(SMALL, "first")), local.submit(record(SMALL, "second", seed=9))
    assert ended(local, first, second) == ["done", "done"]
    assert local.result(first).config.seed == 0
    assert local.result(second).config.seed == 9
    assert local.result(first).lanes[0].x != local.result(second).lanes[0].x


def test_stop_frees_the_thread_within_a_step_and_keeps_what_was_done(local):
    long = local.submit(record(LONG))
    wait_for(lambda: local.state(long).share > 0)
    steps_at_stop = local.result(long).lanes[0].steps
    local.stop(long)
    assert ended(local, long) == ["stopped"]
    assert steps_at_stop <= local.result(long).lanes[0].steps <= steps_at_stop + 2  # the step at hand ends
    assert ended(local, local.submit(record(SMALL))) == ["done"]


def test_a_visitor_is_told_how_many_are_before_and_what_waits_can_be_stopped_at_once(local):
    queue = [local.submit(record(LONG, seed=n)) for n in range(3)]
    wait_for(lambda: local.state(queue[0]).stage == "running")
    assert [local.state(id).before for id in queue] == [0, 1, 2]
    local.stop(queue[1])
    assert local.state(queue[1]).stage == "stopped"
    assert local.state(queue[2]).before == 1
    for id in queue:
        local.stop(id)
    assert ended(local, *queue) == ["stopped"] * 3


def test_a_full_queue_refuses_with_a_reason(local, monkeypatch):
    first = local.submit(record(LONG))
    wait_for(lambda: local.state(first).stage == "running")
    assert CAPACITY >= 250  # five classes
    monkeypatch.setattr(locals_, "CAPACITY", 4)
    queue = [first, *(local.submit(record(LONG, seed=n + 1), by=str(n)) for n in range(3))]
    with pytest.raises(Refusal, match="Try again"):
        local.submit(record(LONG, seed=99))
    monkeypatch.setattr(locals_, "CAPACITY", 99)
    monkeypatch.setattr(locals_, "MOST", 1)
    with pytest.raises(Refusal, match="of your own"):
        local.submit(record(LONG, seed=99), by="1")
    local.stop(first)
    for n, id in enumerate(queue[1:]):
        local.stop(id, str(n))
    ended(local, *queue)


# ── who watches ──────────────────────────────────────────────────────────────────
def test_the_same_asked_by_two_is_done_once_and_shown_to_both(local, monkeypatch):
    started = []
    monkeypatch.setattr(
        Record, "start", lambda self, models, start=Record.start: (started.append(1), start(self, models))[1]
    )
    one, other = (local.submit(record(SMALL), by=name) for name in ("one", "other"))
    ended(local, one)
    kept = local.submit(record(SMALL), by="a third, later")
    assert one == other == kept
    assert local.state(kept).stage == "done"
    assert local.result(one) is local.result(kept)  # encoded once
    assert len(started) == 1


def test_what_two_watch_is_stopped_only_when_both_stop(local):
    id = local.submit(record(LONG), by="one")
    assert local.submit(record(LONG), by="other") == id
    wait_for(lambda: local.state(id).share > 0)
    local.stop(id, "one")
    share = local.state(id).share
    wait_for(lambda: local.state(id).share > share)
    local.stop(id, "other")
    assert ended(local, id) == ["stopped"]
    assert local.submit(record(LONG), by="one") == id  # asked again: done again
    assert local.state(id).active
    local.stop(id, "one")
    ended(local, id)


def test_a_run_that_nobody_looks_at_ends_by_itself(local, monkeypatch):
    monkeypatch.setattr(running, "ABANDONED_SECONDS", 0.2)
    id = local.submit(record(LONG))
    assert ended(local, id) == ["stopped"]


def test_leaving_a_page_ends_nothing_before_a_minute_has_passed():
    assert running.ABANDONED_SECONDS == 60


def test_what_nobody_waits_for_goes_on_without_watchers(local, monkeypatch):
    monkeypatch.setattr(running, "ABANDONED_SECONDS", -1)
    monkeypatch.setattr(Record, "interactive", False)
    assert ended(local, local.submit(record(SMALL))) == ["done"]


def test_results_are_kept_and_the_oldest_go(local, monkeypatch):
    monkeypatch.setattr(locals_, "KEPT", 2)
    ids = [local.submit(record(SMALL, seed=n)) for n in range(4)]
    ended(local, *ids)
    last = local.submit(record(SMALL, seed=9))
    ended(local, last)
    assert local.state(ids[0]).error.code == "task-gone"
    assert local.result(ids[0]) is None
    assert local.result(ids[3]) is not None


# ── faults ───────────────────────────────────────────────────────────────────────
def test_a_prompt_that_does_not_fit_fails_with_the_reason(local):
    id = local.submit(Record("tiny", (Request("edlm", "ar", SampleConfig(length=8), "word " * 50),)))
    assert ended(local, id) == ["failed"]
    assert "expected at most 8 tokens" in str(local.state(id).error)


def test_a_fault_inside_the_sampler_is_a_message_and_the_thread_lives_on(local, monkeypatch, capfd):
    monkeypatch.setattr("edlm_core.runs.recording.Recording.steps", lambda self: 1 / "x")
    id = local.submit(record(SMALL))
    assert ended(local, id) == ["failed"]
    assert "unexpected" in str(local.state(id).error)
    assert "TypeError" in capfd.readouterr().err
    monkeypatch.undo()
    assert ended(local, local.submit(record(SMALL))) == ["done"]


def test_a_model_that_does_not_load_fails_every_task_with_the_reason():
    def load():
        raise Refusal("file-missing", path="weights")

    local = Local(load)
    id = local.submit(record(SMALL))
    assert ended(local, id) == ["failed"]
    assert local.state(id).error is local.error
    assert local.error.code == "file-missing"
    local.close()


def test_a_question_about_a_run_that_nobody_brought_is_refused(local):
    id = local.submit(CheckSign(Place("0" * 64, 0, 0)))
    assert ended(local, id) == ["failed"]
    assert local.state(id).error.code == "run-gone"


def test_a_question_about_a_run_of_other_weights_is_refused(local):
    id = local.submit(record(SMALL))
    ended(local, id)
    run = structs.replace(local.result(id), model=ModelName(name="tiny", fingerprint="0" * 12))
    asked = local.submit(CheckSign(Place(run_hash(run), 1, 0)), run)
    assert ended(local, asked) == ["failed"]
    assert "run it again" in str(local.state(asked).error)


def test_closing_ends_the_thread(tiny, monkeypatch):
    monkeypatch.setattr("edlm_core.models.pretrained.is_available", lambda: False)
    before = set(threading.enumerate())
    local = Local(lambda: tiny)
    mine = next(t for t in threading.enumerate() if t not in before and t.name == "edlm-worker")
    assert local.ready.wait(60)
    running, waiting = local.submit(record(LONG)), local.submit(record(LONG, seed=1))
    local.close()
    mine.join(60)
    assert not mine.is_alive()
    assert ended(local, running, waiting) == ["stopped", "stopped"]


def test_rates_are_learned_from_runs(local):
    before = dict(local.rates)
    assert {"denoiser", "ar", "baseline"} <= set(before)
    ended(local, local.submit(record(SMALL)))
    wait_for(lambda: local.rates != before)
    assert all(rate >= 0 for rate in local.rates.values())


# ── threads ──────────────────────────────────────────────────────────────────────
@pytest.fixture
def slow_with(monkeypatch):
    """A model whose time by the number of threads is as told, on a machine of so many cores; threads are put back."""

    def make(seconds, cores):
        before, clock = torch.get_num_threads(), [0.0]
        monkeypatch.setattr(torch, "set_num_threads", lambda n: used.append(n))
        monkeypatch.setattr(warm_up.os, "sched_getaffinity", lambda _pid: range(cores))
        monkeypatch.setattr(warm_up.time, "perf_counter", lambda: clock[0])
        used = [before]

        class Denoiser:
            vocab_size = 3

            def __call__(self, x_t, t, masked):
                clock[0] += seconds[used[-1]]

        return SimpleNamespace(device="cpu", denoiser=Denoiser()), used

    return make


@pytest.mark.parametrize(
    ("seconds", "cores", "chosen"),
    [
        ({1: 1.0, 2: 0.6}, 2, 2),
        ({1: 1.0, 2: 0.95}, 2, 1),  # hardly faster: the core is free for the server
        ({1: 1.0, 2: 9.0}, 2, 1),  # another program has it
        ({1: 1.0, 4: 0.3, 7: 0.29, 8: 0.5}, 8, 4),
    ],
)
def test_threads_are_chosen_by_measurement(slow_with, monkeypatch, seconds, cores, chosen):
    monkeypatch.delenv("EDLM_THREADS", raising=False)
    model, used = slow_with(seconds, cores)
    assert warm_up.choose_threads(model) == used[-1] == chosen


def test_threads_that_are_asked_for_are_taken(slow_with, monkeypatch):
    monkeypatch.setenv("EDLM_THREADS", "3")
    model, used = slow_with({}, 8)
    assert warm_up.choose_threads(model) == used[-1] == 3
