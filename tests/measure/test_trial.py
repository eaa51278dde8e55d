"""A trial writes what the sampler writes, and its measures are those of its texts; a sweep is many trials."""

import json
from dataclasses import asdict, replace

import pytest
import torch

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.sweep import Sweep, cells, grid, sweep
from edlm_core.measure.trial import Trial, measured, run_trial
from edlm_core.measure.trial_row import TrialRow, trial_rows
from edlm_core.runs import metrics
from edlm_core.runs.steps import generate, x_T_of

CONFIG = SampleConfig(length=12, num_steps=3, num_candidates=3, num_chains=5, seed=7)
REQUEST = Request("edlm", "ar", CONFIG, "Tom ___ ran")


@pytest.fixture(scope="module")
def measures(tiny):
    (found,) = cells(sweep(tiny, [REQUEST], ["ar"], together=3))  # 5 = 3 + 2: the seam falls inside
    return found


@pytest.fixture(scope="module")
def alone(tiny):
    return [generate(tiny, replace(REQUEST, config=replace(CONFIG, num_chains=1, seed=7 + n))) for n in range(5)]


# ── a trial ──────────────────────────────────────────────────────────────────────
def test_many_texts_are_the_texts_of_their_seeds(measures, alone, tiny):
    assert [list(ids) for ids in measures.ids] == [trace.x_0[0].tolist() for trace, _ in alone]
    assert list(measures.texts) == [tiny.tokenizer.decode(list(ids)) for ids in measures.ids]
    assert (measures.request, measures.batches) == (REQUEST, 2)


def test_its_measures_are_those_of_its_texts(measures, alone, tiny):
    written = (x_T_of(tiny, REQUEST) == tiny.tokenizer.mask_id)[None]
    nll = [metrics.judge_nll(tiny.autoregressive, trace.x_0, written)[0] for trace, _ in alone]
    assert measures.judge_nll["ar"] == pytest.approx(nll, abs=1e-4)
    assert measures.entropy == pytest.approx([metrics.token_entropy(ids) for ids in measures.ids])
    assert measures.repeated_words == tuple(map(metrics.repeated_words, measures.texts))
    assert measures.similarity == (None,) * 5


def test_each_step_of_a_text_has_its_ess_and_the_words_it_wrote_and_changed(measures, alone):
    for steps, (trace, _) in zip(measures.steps, alone, strict=True):
        assert [step.t for step in steps] == [float(r.t) for r in trace.steps]
        assert [step.ess for step in steps] == pytest.approx([float(r.weights.ess) for r in trace.steps], rel=1e-4)
        for step, r in zip(steps, trace.steps, strict=True):
            assert step.drafts == 3
            assert list(step.written) == r.revealed[0].nonzero()[:, 0].tolist()
            first = r.proposals.x_0[0, 0]
            assert list(step.changed) == [i for i in step.written if r.x_s[0, i] != first[i]]


def test_the_costs_are_those_of_its_batches(tiny):
    request = Request("mdlm", "none", replace(CONFIG, num_chains=5))
    (found,) = cells(sweep(tiny, [request], together=3))
    assert (found.denoiser_calls, found.energy_calls, found.scored) == (6, 0, 0)
    assert len(found.ess) == 6
    scored = run_trial(tiny, replace(REQUEST, config=replace(CONFIG, reveal="dilated")))
    assert scored.scored == pytest.approx(3 * scored.energy_calls)


def test_it_can_be_left_in_the_middle(tiny):
    trial = Trial(tiny, REQUEST)
    records = iter(trial)
    next(records)
    records.close()
    assert 0 < trial.share < 1


def test_real_text_is_measured_as_written_text_is(measures, tiny):
    plain = Request("mdlm", "none", replace(CONFIG, num_chains=2))
    written = run_trial(tiny, plain, ["ar"])
    real = measured(tiny, torch.tensor(written.ids), ["ar"])
    assert (real.judge_nll, real.entropy, real.texts) == (written.judge_nll, written.entropy, written.texts)
    assert real.request is None
    assert real.steps == ((), ())


# ── a row ────────────────────────────────────────────────────────────────────────
def test_a_row_a_text_holds_scalars_alone(measures, tiny):
    rows = list(trial_rows(measures))
    assert [row.seed for row in rows] == [7, 8, 9, 10, 11]
    assert all(isinstance(v, str | int | float | None) for row in rows for v in asdict(row).values())
    assert [TrialRow(**json.loads(json.dumps(asdict(row)))) for row in rows] == rows
    row, steps = rows[2], measures.steps[2]
    assert (row.sampler, row.energy, row.prompt, row.num_steps, row.reveal) == (
        "edlm",
        "ar",
        "Tom ___ ran",
        3,
        "random",
    )
    assert (row.window_low, row.window_high) == (0, 1)
    assert (row.fingerprint, row.device, row.dtype) == (tiny.fingerprint, "cpu", "float32")
    assert row.threads == torch.get_num_threads()
    assert (row.text, row.judge_nll_ar, row.judge_nll_smollm2) == (
        measures.texts[2],
        measures.judge_nll["ar"][2],
        None,
    )
    assert row.steps == len(steps)
    assert row.ess == pytest.approx(sum(step.ess for step in steps) / len(steps))
    written = sum(len(step.written) for step in steps)
    assert row.changed == sum(len(step.changed) for step in steps) / written
    assert sum(row.seconds for row in rows) == pytest.approx(measures.seconds)


# ── a sweep ──────────────────────────────────────────────────────────────────────
def test_a_grid_is_every_combination_the_last_named_running_fastest():
    requests = grid(REQUEST, sampler=("mdlm", "edlm"), num_steps=(2, 4), reveal=("random", "dilated"))
    assert [(r.sampler, r.config.num_steps, r.config.reveal) for r in requests] == [
        (sampler, T, reveal) for sampler in ("mdlm", "edlm") for T in (2, 4) for reveal in ("random", "dilated")
    ]
    assert {(r.config.seed, r.config.num_chains, r.prompt) for r in requests} == {(7, 5, "Tom ___ ran")}
    with pytest.raises(ValueError, match="steps: expected a whole number"):
        grid(REQUEST, num_steps=(2, 0))


def test_every_cell_has_the_same_seeds(tiny):
    requests = grid(REQUEST, num_candidates=(1, 3), num_steps=(2, 3))
    trials = [(trial.cell, trial.request) for trial in sweep(tiny, requests, together=2)]
    seeds = [(cell, request.config.seed, request.config.num_chains) for cell, request in trials]
    assert seeds == [(cell, *batch) for cell in range(4) for batch in ((7, 2), (9, 2), (11, 1))]
    found = list(cells(sweep(tiny, requests, together=2)))
    assert [measures.request for measures in found] == requests


def test_it_tells_how_far_it_is_and_what_it_is_at(tiny):
    told = []
    list(cells(sweep(tiny, grid(REQUEST, num_steps=(2, 6)), together=4), lambda *said: told.append(said)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert told[0][1] == "edlm ar T=2 K=3 random"
    assert told[-1][1] == "edlm ar T=6 K=3 random"


def test_stopped_it_keeps_whole_trials_alone(tiny):
    work = Sweep(sweep(tiny, grid(REQUEST, num_steps=(3, 2)), together=2))
    for share in work.steps():
        if share > 0.5:
            break
    first, *rest = work.result()
    assert len(first.texts) in (2, 4, 5)
    assert first.request.config.num_chains == len(first.texts)
    assert all(len(cell.texts) in (2, 4, 5) for cell in rest)
