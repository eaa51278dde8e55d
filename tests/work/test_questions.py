"""Each task brings what the room below brings when it is asked directly."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from edlm_core.config import Request, SampleConfig
from edlm_core.diagnosis.pool import pools_of
from edlm_core.diagnosis.pools import Standpoint
from edlm_core.runs.run_file import load_run, save_run
from edlm_core.work import encoding, tasks
from edlm_core.work.task import task_json, task_of_json

CONFIG = SampleConfig(length=12, num_steps=4, num_candidates=3)
REQUESTS = (Request("mdlm", "ar", CONFIG), Request("edlm", "ar", CONFIG))
LANE, N = 1, 1


class Bench:
    """The Models of a test."""

    def __init__(self, model, *runs):
        self.loaded, self.runs = model, {tasks.run_hash(run): run for run in runs}

    def model(self, name):
        return self.loaded

    def judges(self):
        return ["ar"]

    def run(self, name):
        return self.runs[name]


def outcome(task, bench):
    """Of a task that went through JSON, its shares checked on the way."""
    shares, result = [0.0], None
    for progress in task_of_json(task_json(task)).start(bench):
        shares.append(progress.share)
        result = progress.result
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    return result


@pytest.fixture(scope="module")
def run(tiny):
    return load_run(save_run(outcome(tasks.Record("tiny", REQUESTS, "A title"), Bench(tiny))))


@pytest.fixture(scope="module")
def bench(tiny, run):
    return Bench(tiny, run)


@pytest.fixture(scope="module")
def at(run):
    return tasks.Place(tasks.run_hash(run), LANE, N)


def lane_of(run, n=LANE):
    return run.lanes[n]


def test_a_recording_is_measured_at_its_end(run):
    assert {"judge_nll_ar", "entropy", "repeated_words", "changed"} <= set(lane_of(run).measures)


def test_closing_a_task_stops_it_within_one_step(tiny):
    steps = tasks.Record("tiny", REQUESTS).start(Bench(tiny))
    progress = next(steps)
    steps.close()
    assert sum(lane.steps for lane in progress.result.lanes) == 1
    assert next(steps, None) is None


def test_a_bigger_pool_begins_with_the_runs_own_drafts(run, bench, at):
    pool = outcome(tasks.DrawPool(at, 40), bench)
    own = pools_of(run, lane_of(run))[N]
    ids = np.array(run.token_ids)[own.candidate]
    assert pool.candidate.shape[0] == 40
    assert (pool.candidate[:3][:, own.masked] == ids[:, own.masked]).all()


def test_substitutions_are_asked_of_the_draft_that_is_named(tiny, run, bench, at):
    own = pools_of(run, lane_of(run))[N]
    table = outcome(tasks.Substitute(at, 0, 1), bench)
    ids = torch.from_numpy(np.array(run.token_ids))
    spot = Standpoint(tiny, REQUESTS[1], ids[own.x_t.astype(int)], own.step)
    one, other = (ids[own.candidate[k].astype(int)] for k in (0, 1))
    changed = int((one != other).nonzero()[0])
    mixed = one.clone()
    mixed[changed] = other[changed]
    energies = spot.score(torch.stack([one, mixed]))[1].double().sum(-1)
    assert table[changed].sum() == pytest.approx(float(energies[1] - energies[0]), abs=1e-4)


def test_the_sign_is_checked_on_the_finished_text(run, bench, at):
    sign = outcome(tasks.CheckSign(tasks.Place(at.run, LANE, lane_of(run).steps - 1)), bench)
    assert 0 <= sign.higher <= sign.of == 31


def test_a_branch_takes_the_other_draft_or_the_other_word(run, bench, at, tiny):
    parent = lane_of(run)
    draft = (parent.chosen[N] + 1) % 3
    branch = outcome(tasks.TakeBranch(at, draft=draft), bench)
    assert lane_of(branch).chosen[N] == draft
    word = next(w for w in map(tiny.tokenizer.spell, range(tiny.tokenizer.vocab_size)) if w.isalpha() and len(w) > 2)
    branch = outcome(tasks.TakeBranch(at, word=(0, word)), bench)
    assert (branch.title, branch.branch) == (run.title, lane_of(run).step[N] + 1)


def many(n):
    return tuple(replace(r, config=replace(r.config, num_chains=n)) for r in REQUESTS[1:])


def test_a_sweep_and_the_meter_bring_an_entry_a_run(bench):
    fingerprint = bench.loaded.fingerprint
    (measures,) = outcome(tasks.RunSweep("tiny", fingerprint, many(9), ("ar",), 4), bench)
    assert len(measures.entropy) == len(measures.judge_nll["ar"]) == 9
    metered = outcome(tasks.MeterFactorisation("tiny", fingerprint, REQUESTS[1], (2, 4), 2), bench)
    assert sorted((one.num_steps, one.seed) for one in metered) == [(2, 0), (2, 1), (4, 0), (4, 1)]


def test_results_go_to_json_and_back(bench):
    for task in (
        tasks.RunSweep("tiny", "", many(2), ("ar",)),
        tasks.MeterFactorisation("tiny", "", REQUESTS[1], (2,), 1),
    ):
        result = outcome(task, bench)
        assert encoding.decode(encoding.encode(result), task.result_type()) == result
