"""Averages over seeds are the averages of the single runs; a step of one word loses nothing."""

from dataclasses import replace

import numpy as np
import pytest
from edlm_core.measure.many_seeds import PLACES, TIMES, ManySeeds

from edlm_core.config import Request, SampleConfig
from edlm_core.runs.metrics import judge_nll, mean_interval, token_entropy
from edlm_core.runs.steps import run, x_T_of

REQUEST = Request("edlm", "ar", SampleConfig(length=16, num_steps=6, num_candidates=4, seed=5), "Tom ___ ran")
SEEDS = 11  # more than one batch, and the last one is not full


@pytest.fixture(scope="module")
def samples(tiny):
    plain = replace(REQUEST, config=replace(REQUEST.config, num_candidates=1))
    work = ManySeeds(tiny, [REQUEST, plain], SEEDS, "ar")
    shares = list(work.steps())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    return work.run()


@pytest.fixture(scope="module")
def alone(tiny):
    return [run(tiny, replace(REQUEST, config=replace(REQUEST.config, seed=5 + n)))[0] for n in range(SEEDS)]


def test_each_run_is_the_run_of_its_seed(samples, alone, tiny):
    generated = (x_T_of(tiny, REQUEST) == tiny.tokenizer.mask_id)[None]
    nll = [judge_nll(tiny.autoregressive, trace.x_0, generated)[0] for trace in alone]
    assert samples[0].judge_nll == pytest.approx(nll, abs=1e-4)
    assert samples[0].entropy == pytest.approx([token_entropy(trace.x_0[0].tolist()) for trace in alone])


def test_over_time_is_the_mean_over_runs_of_the_steps_in_a_bin(samples, alone):
    def ess(records):
        return np.mean([float(r.weights.ess) / 4 for r in records])

    def changed(records):
        revealed = [r.revealed[0] for r in records]
        other = [(r.x_s != r.proposals.x_0[:, 0])[0] & shown for r, shown in zip(records, revealed, strict=True)]
        return sum(int(o.sum()) for o in other) / sum(int(shown.sum()) for shown in revealed)

    for name, of in (("ess", ess), ("changed", changed)):
        found = {t: rest for t, *rest in samples[0].over_time(name)}
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
    for b, c, mean, _half, runs in samples[0].where():
        has = written[:, b, c] > 0
        assert runs == has.sum()
        assert mean == pytest.approx((changed[has, b, c] / written[has, b, c]).mean())


def test_one_candidate_changes_nothing_and_has_no_say(samples):
    assert samples[1].over_time("ess") == []
    assert all(mean == 0 for _t, mean, *_ in samples[1].over_time("changed"))
    assert all(mean == 0 for _b, _c, mean, *_ in samples[1].where())
