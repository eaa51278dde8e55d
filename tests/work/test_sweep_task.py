"""A sweep as a task: every text once, whatever ends it and whoever does it."""

from dataclasses import asdict, replace

import pytest

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.batch import how_of
from edlm_core.measure.grid import grid
from edlm_core.refusals import Refusal
from edlm_core.work.cells import figures, kept_seeds
from edlm_core.work.child import Loader
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
    _, (failed, done) = finish(sweep_of([bad, BASE], how), store)
    assert (failed.done, done.done) == (0, 5)
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
    with pytest.raises(Refusal, match="expected 000000000000, which"):
        finish(sweep_of([BASE], replace(how, fingerprint="0" * 12)), store)
    assert store.count_trials() == 0


def test_figures_are_those_of_the_texts(store, how):
    finish(sweep_of(grid(BASE, num_steps=(2, 3)), how), store)
    for one in figures(store, num_steps=3):
        rows = store.trials(cell=one.cell)
        mean, half = one.measured["judge_nll_ar"]
        values = [row.judge_nll_ar for row in rows]
        assert mean == pytest.approx(sum(values) / 5)
        assert half == pytest.approx(1.96 * (sum((v - mean) ** 2 for v in values) / 4 / 5) ** 0.5)
        assert one.setting.num_steps == 3
        assert asdict(BASE.config)["num_chains"] == one.texts == 5
