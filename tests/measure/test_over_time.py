"""Averages over seeds are the averages of the single runs, binned by hand."""

from dataclasses import replace

import numpy as np
import pytest

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.over_time import PLACES, TIMES, changed_over_time, changed_where, ess_over_time
from edlm_core.measure.paired import mean_interval
from edlm_core.measure.sweep import Sweep, grid, sweep
from edlm_core.runs.steps import generate

SEEDS = 11  # more than one batch, and the last one is not full
CONFIG = SampleConfig(length=16, num_steps=6, num_candidates=4, seed=5, num_chains=SEEDS)
REQUEST = Request("edlm", "ar", CONFIG, "Tom ___ ran")


@pytest.fixture(scope="module")
def samples(tiny):
    work = Sweep(sweep(tiny, grid(REQUEST, num_candidates=(4, 1)), together=8))
    shares = list(work.steps())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    return work.result()


@pytest.fixture(scope="module")
def alone(tiny):
    return [generate(tiny, replace(REQUEST, config=replace(CONFIG, seed=5 + n, num_chains=1)))[0] for n in range(SEEDS)]


def test_over_time_is_the_mean_over_runs_of_the_steps_in_a_bin(samples, alone):
    def ess(records):
        return np.mean([float(r.weights.ess) / 4 for r in records])

    def changed(records):
        revealed = [r.revealed[0] for r in records]
        other = [(r.x_s != r.proposals.x_0[:, 0])[0] & shown for r, shown in zip(records, revealed, strict=True)]
        return sum(int(o.sum()) for o in other) / sum(int(shown.sum()) for shown in revealed)

    for over_time, of in ((ess_over_time, ess), (changed_over_time, changed)):
        found = {t: rest for t, *rest in over_time(samples[0])}
        for b in range(TIMES):
            values = [
                of(inside)
                for trace in alone
                if (inside := [r for r in trace.steps if min(TIMES - 1, int(float(r.t) * TIMES)) == b])
            ]
            if values:
                mean, half = mean_interval(values)
                assert found.pop((b + 0.5) / TIMES) == pytest.approx([mean, half, len(values)], rel=1e-5, nan_ok=True)
        assert not found


def test_a_word_counts_as_changed_where_the_first_draw_was_another(samples, alone):
    changed, written = np.zeros((SEEDS, TIMES, PLACES)), np.zeros((SEEDS, TIMES, PLACES))
    for n, trace in enumerate(alone):
        for r in trace.steps:
            b = min(TIMES - 1, int(float(r.t) * TIMES))
            for i in r.revealed[0].nonzero()[:, 0].tolist():
                written[n, b, i * PLACES // 16] += 1
                changed[n, b, i * PLACES // 16] += float(r.x_s[0, i] != r.proposals.x_0[0, 0, i])
    for b, c, mean, _half, runs in changed_where(samples[0]):
        has = written[:, b, c] > 0
        assert runs == has.sum()
        assert mean == pytest.approx((changed[has, b, c] / written[has, b, c]).mean())


def test_one_candidate_changes_nothing_and_has_no_say(samples):
    assert ess_over_time(samples[1]) == []
    assert all(mean == 0 for _t, mean, *_ in changed_over_time(samples[1]))
    assert all(mean == 0 for _b, _c, mean, *_ in changed_where(samples[1]))
