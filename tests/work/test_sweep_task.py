"""A sweep as a task: every text once, whatever ends it and whoever does it."""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, replace

import psutil
import pytest
import torch
from sqlalchemy import event

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.batch import how_of
from edlm_core.measure.grid import grid
from edlm_core.refusals import Refusal
from edlm_core.work import on_ray
from edlm_core.work.cells import figures, kept_seeds
from edlm_core.work.child import Loader
from edlm_core.work.cores import cores
from edlm_core.work.encoding import restored_refusal
from edlm_core.work.ledger import Ledger
from edlm_core.work.store import Store
from edlm_core.work.sweep_task import MAX_CELLS, sweep_of
from edlm_core.work.task import task_id

BASE = Request("edlm", "ar", SampleConfig(length=12, num_steps=3, num_candidates=2, num_chains=5, seed=7))


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    yield store
    store.close()


@pytest.fixture(autouse=True)
def one_thread():
    """That of `how`: only the first text of a process sets it."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def environment():
    """Ray is told by it, for the rest of a process."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def how(tiny_folder):
    return replace(how_of(str(tiny_folder), ["ar"], together=2, threads=1), dtype="float32", similarity=False)


def finish(task, store, until=None):
    """The shares on the way, to the end or until there are so many rows."""
    id, _owner = Ledger(store).ask(task, "")
    shares, result = [], None
    for progress in task.start(Loader(store, id)):
        shares.append(progress.share)
        result = progress.result
        if until is not None and store.count_trials() >= until:
            break
    return shares, result


def texts(store, cell):
    return {row.seed: row.text for row in store.trials(cell=cell)}


def test_each_text_is_a_row_and_cells_share_their_seeds(store, how):
    task = sweep_of(grid(BASE, sampler=("mdlm", "edlm"), num_steps=(2, 3)), how)
    shares, result = finish(task, store)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [(state.cell, state.done, state.of, state.error) for state in result] == [
        (cell, 5, 5, None) for cell in task.cells
    ]
    assert kept_seeds(store, list(task.cells)) == {cell: {7, 8, 9, 10, 11} for cell in task.cells}
    (row, *_) = store.trials(task=task_id(task))
    assert (row.threads, row.dtype, row.fingerprint, row.batch_size) == (1, "float32", how.fingerprint, 1)
    assert {row.batch for row in store.trials()} == {7, 9, 11}
    assert row.processor


def test_stopped_it_goes_on_where_it_was_and_writes_the_same(store, how, tmp_path):
    task = sweep_of(grid(BASE, num_steps=(2, 3)), how)
    finish(task, store, until=4)
    kept = kept_seeds(store, list(task.cells))
    assert sum(map(len, kept.values())) == 4
    finish(task, store)
    assert store.count_trials() == 10
    other = Store(f"sqlite:///{tmp_path / 'other.db'}", tmp_path)
    finish(task, other)
    for cell in task.cells:
        assert texts(store, cell) == texts(other, cell)
    other.close()
    first, *_ = finish(task, store)
    assert first == [1.0]


def test_more_seeds_take_what_is_there_and_another_judge_does_not(store, how):
    finish(sweep_of([BASE], how), store)
    more = replace(BASE, config=replace(BASE.config, num_chains=8))
    _, (state,) = finish(sweep_of([more], how), store)
    assert (state.done, store.count_trials()) == (8, 8)
    finish(sweep_of([BASE], replace(how, judges=())), store)
    assert store.count_trials() == 13
    assert [(one.texts, one.missing["judge_nll_ar"]) for one in figures(store)] == [(8, 0), (5, 5)]


def test_a_cell_that_can_not_be_done_says_why_and_the_others_are_done(store, how):
    bad = replace(BASE, prompt="Once upon a time there was a little dog named Tom and he ran")
    task = sweep_of([bad, BASE], how)
    id, _owner = Ledger(store).ask(task, "")
    told = []
    with pytest.raises(Refusal, match=r"expected 2 settings to be done, 1 could not, .* prompt: expected at most 12"):
        told.extend(progress.result for progress in task.start(Loader(store, id)))
    failed, done = told[-1]
    assert (failed.done, done.done, done.error) == (0, 5, None)
    assert "prompt: expected at most 12 tokens" in str(restored_refusal(failed.error))


def test_cells_are_done_in_the_order_that_is_wanted(store, how):
    task = sweep_of(grid(BASE, num_steps=(2, 3)), how)
    id, _owner = Ledger(store).ask(task, "")
    _first, second = task.cells
    Ledger(store).reorder(id, [second])
    finish(task, store, until=5)
    assert {row.cell for row in store.trials()} == {second}


def test_requests_of_one_text_are_one_cell(how):
    many = [
        *grid(BASE, sampler=("mdlm", "ar"), num_candidates=(1, 2, 8), num_steps=(2, 2)),
        replace(BASE, energy="none"),
    ]
    task = sweep_of([*many, replace(BASE, sampler="ar", config=replace(BASE.config, num_chains=9))], how)
    assert [request.sampler for request in task.requests] == ["mdlm", "ar", "mdlm"]
    assert task.requests[1].config.num_chains == 9


def test_more_than_five_thousand_cells_are_refused(how):
    many = grid(BASE, num_candidates=range(2, 513), window=[(n / 10, 1.0) for n in range(10)])
    with pytest.raises(Refusal, match="expected at most 5000 settings, got more than 5000"):
        sweep_of(many, how)
    with pytest.raises(Refusal, match="got 0"):
        sweep_of([], how)
    assert MAX_CELLS == 5000


def test_other_weights_and_a_missing_judge_are_refused_before_the_first_text(store, how):
    with pytest.raises(Refusal, match="made with the weights 000000000000"):
        finish(sweep_of([BASE], replace(how, fingerprint="0" * 12)), store)
    assert store.count_trials() == 0


def test_figures_are_those_of_the_texts(store, how):
    finish(sweep_of(grid(BASE, num_steps=(2, 3)), how), store)
    for one in figures(store, num_steps=3):
        rows = store.trials(cell=one.cell)
        mean, half = one.measured["judge_nll_ar"]
        values = [row.judge_nll_ar for row in rows]
        assert mean == pytest.approx(sum(values) / 5)
        assert half == pytest.approx(2.776 * (sum((v - mean) ** 2 for v in values) / 4 / 5) ** 0.5)
        assert one.setting.num_steps == 3
        assert asdict(BASE.config)["num_chains"] == one.texts == 5


def test_a_full_disk_costs_nothing_that_is_written(store, how, tmp_path):
    task = sweep_of(grid(replace(BASE, config=replace(BASE.config, num_chains=60)), num_steps=(2, 3)), how)
    finish(task, store, until=4)
    with store.reading() as connection:
        full = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 4
    store.engine.dispose()
    pages = [full]
    event.listen(store.engine, "connect", lambda one, _record: one.execute(f"PRAGMA max_page_count = {pages[0]}"))
    with pytest.raises(Refusal, match="free some space"):
        finish(task, store)
    assert 4 <= store.count_trials() < 120
    store.engine.dispose()
    pages[0] = 2**30
    finish(task, store)
    assert store.count_trials() == 120


# ── Ray ──────────────────────────────────────────────────────────────────────────
def ask_all(question):
    """Of every process that this one has started, but for those that end meanwhile."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            yield process, question(process)


def workers():
    """Those that have a batch in hand."""
    return [process for process, words in ask_all(psutil.Process.cmdline) if "ray::measure" in " ".join(words)]


def addresses():
    """That they listen at or talk to."""
    found = (one for _, several in ask_all(lambda process: process.net_connections("inet")) for one in several)
    return {end.ip for one in found for end in (one.laddr, one.raddr) if end}


def test_on_ray_every_row_is_there_though_a_worker_is_killed_in_the_middle(store, how, tmp_path, monkeypatch):
    """And they are those that this process writes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(on_ray, "cores", lambda: 2)
    requests = grid(replace(BASE, config=replace(BASE.config, num_chains=40)), num_steps=(2, 3))
    task = sweep_of(requests, how, on="ray")
    id, _owner = Ledger(store).ask(task, "")
    killed, most, seen = None, 0, set()
    for progress in task.start(Loader(store, id)):
        states, at_work = progress.result, workers()
        most, seen = max(most, len(at_work)), seen | addresses()
        if store.count_trials() >= 8 and at_work and killed is None:
            killed = at_work[0]
            killed.send_signal(signal.SIGKILL)
    assert killed is not None
    assert most == 2
    assert [(state.done, state.of, state.error) for state in states] == [(40, 40, None)] * 2
    assert store.count_trials() == 80
    assert not (tmp_path / ".ray").exists()  # the token is in no file
    assert seen == {"127.0.0.1", "::ffff:127.0.0.1"}
    assert workers() == []

    here = Store(f"sqlite:///{tmp_path / 'here.db'}", tmp_path)
    finish(replace(task, on="here"), here)
    free = {"id", "created", "task", "seconds"}
    for cell in task.cells:
        rows = [
            [{name: value for name, value in row._mapping.items() if name not in free} for row in kept]
            for kept in (sorted(one.trials(cell=cell), key=lambda row: row.seed) for one in (store, here))
        ]
        assert rows[0] == rows[1]
    here.close()


@pytest.mark.parametrize("address", ["ray://127.0.0.1:9", "ray://nowhere.invalid:10001"])
def test_a_cluster_that_does_not_answer_is_one_line(store, how, address):
    with pytest.raises(Refusal, match=f"expected a Ray cluster at {address}, got “"):
        finish(sweep_of([BASE], how, on=address), store)
    assert store.count_trials() == 0


def test_without_ray_it_says_how_to_get_it(store, how, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Refusal, match=r"expected Ray, found none: pip install -r requirements-cluster\.txt"):
        finish(sweep_of([BASE], how, on="ray"), store)


# ── cores ────────────────────────────────────────────────────────────────────────
def test_a_control_group_has_fewer_cores_than_its_machine(tmp_path):
    whole = cores(tmp_path)
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert cores(tmp_path) == whole
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert cores(tmp_path) == 1
    (tmp_path / "cpu.max").unlink()
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cores(tmp_path) == whole
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("100000\n")
    assert cores(tmp_path) == 1
