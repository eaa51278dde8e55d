"""Words revealed together against words revealed apart: planted couplings, and a run's own."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from edlm_core.config import Request, SampleConfig
from edlm_core.diagnosis.coherence import GIVEN, Coupled, difference_at_equal_distance, split, text_pairs, written_at
from edlm_core.diagnosis.pool import pools_of
from edlm_core.diagnosis.text_couplings import TextCouplings, of_text
from edlm_core.measure.grid import grid
from edlm_core.measure.sweep import sweep
from edlm_core.runs.recording import Recording
from edlm_core.runs.steps import x_T_of


def planted(seed=0, L=24, steps=6, together=-0.5, near=2.0):
    """Pairs are worth near / distance nats, and `together` more where one of random steps wrote both."""
    rng = np.random.default_rng(seed)
    step = rng.permutation(np.repeat(np.arange(steps), L // steps))
    i, j = np.indices((L, L))
    couplings = np.where(i < j, near / np.maximum(1, j - i), 0.0)
    couplings += np.where((i < j) & (step[:, None] == step), together, 0.0)
    return Coupled("edlm", seed, couplings, step)


def test_pairs_have_their_steps_their_distance_and_both_ways_of_the_coupling():
    couplings = np.arange(16.0).reshape(4, 4)
    pairs = text_pairs(Coupled("edlm", 0, couplings, np.array([1, GIVEN, 0, 1])))
    assert list(zip(pairs.i, pairs.j, strict=True)) == [(0, 2), (0, 3), (2, 3)]
    assert pairs.nats.tolist() == [2 + 8, 3 + 12, 11 + 14]
    assert pairs.together.tolist() == [False, True, False]
    assert pairs.distance.tolist() == [2, 3, 1]


@pytest.mark.parametrize("together", [-0.5, 0.0, 0.75])
def test_the_difference_at_equal_distance_is_what_was_planted(together):
    found = split(planted(together=together))
    assert found.difference == pytest.approx(together)
    assert found.num_together == 6 * 4 * 3 / 2
    assert found.num_together + found.num_apart == 24 * 23 / 2
    assert found.beyond_chance == (together != 0)


def test_without_regard_to_distance_the_means_can_mislead():
    """Neighbours written apart, words far apart together: nothing is lost, and the plain means differ."""
    step = np.arange(12) % 3
    i, j = np.indices((12, 12))
    pairs = text_pairs(Coupled("edlm", 0, np.where(i < j, 1 / np.maximum(1, j - i), 0.0), step))
    found = pairs.nats[pairs.together].mean() - pairs.nats[~pairs.together].mean()
    assert found < -0.05
    assert np.isnan(difference_at_equal_distance(pairs, pairs.together))  # no distance has both


def test_chance_covers_the_difference_nineteen_times_in_twenty():
    hits = []
    for seed in range(60):
        one = planted(seed, together=0.0)
        noise = np.triu(np.random.default_rng(seed).normal(size=(24, 24)), 1)
        hits.append(not split(replace(one, couplings=one.couplings + noise), seed).beyond_chance)
    assert np.mean(hits) >= 0.88


def test_a_text_written_at_once_or_word_by_word_has_nothing_to_compare():
    zero = np.zeros((4, 4))
    assert split(Coupled("mdlm", 0, zero, np.zeros(4, int))) is None
    assert split(Coupled("ar", 0, zero, np.arange(4))) is None


CONFIG = SampleConfig(length=12, num_steps=4, num_candidates=4, seed=5)


def test_a_run_of_its_own_and_the_stored_one_say_the_same(tiny):
    """The couplings are those of the finished text, the steps those that wrote it."""
    requests = [Request("mdlm", "ar", CONFIG, "Tom"), Request("edlm", "ar", CONFIG, "Tom")]
    recording = Recording(tiny, requests, "stored")
    list(recording.steps())
    run = recording.result()
    work = TextCouplings(tiny, sweep(tiny, requests, together=1))
    shares = list(work.steps())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    for lane, request, made in zip(run.lanes, requests, work.result(), strict=True):
        pools = pools_of(run, lane)
        x_0 = torch.tensor(np.array(run.token_ids)[pools[-1].x_s])
        stored = of_text(tiny, request, x_0)
        list(stored.steps())
        np.testing.assert_allclose(made.couplings, stored.result(), atol=1e-3)
        assert made.step.tolist() == written_at(pools).tolist()
        assert (made.sampler, made.seed) == (lane.sampler, 5)
        assert (made.step == GIVEN).sum() == (x_T_of(tiny, request) != tiny.tokenizer.mask_id).sum()


def test_many_seeds_have_a_text_each(tiny):
    requests = grid(Request("mdlm", "ar", CONFIG), seed=range(5, 8))
    work = TextCouplings(tiny, sweep(tiny, requests, together=1))
    list(work.steps())
    assert [one.seed for one in work.result()] == [5, 6, 7]
