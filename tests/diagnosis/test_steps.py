"""Trust, comparison and re-weighing of one run's candidates, against numbers that are known."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from msgspec import structs

from edlm_core.config import Request, SampleConfig
from edlm_core.diagnosis.pool import lanes_with_candidates, pools_of
from edlm_core.diagnosis.reweighing import reweigh
from edlm_core.diagnosis.rival import compare, decisive
from edlm_core.diagnosis.trust import MOST_DRAFTS, advise, badges, gain_of_doubling, trust_of
from edlm_core.method.energy import ZeroEnergy
from edlm_core.runs.recording import Recording
from edlm_core.runs.run_file import load_run, save_run
from edlm_core.runs.steps import generate
from edlm_core.settings import settings_of
from edlm_core.worlds.world import random_world
from tests.planted import Hates, make_pool, pool_of

WORLD = random_world(3, 4, 0.5, seed=2)
CONFIG = SampleConfig(length=16, num_steps=4, num_candidates=8, seed=7)


@pytest.fixture(scope="module")
def recorded(tiny):
    recording = Recording(tiny, [Request(s, "ar", CONFIG) for s in ("mdlm", "edlm")], "planted")
    list(recording.steps())
    return load_run(save_run(recording.result()))


@pytest.fixture(scope="module")
def pools(recorded):
    return pools_of(recorded, recorded.lanes[1])


def weighed(energies, step=0, t=1.0, chosen=0):
    """A pool of one position whose candidates have these energies."""
    terms = torch.tensor(energies, dtype=torch.float64)[:, None]
    return make_pool(
        torch.zeros(len(energies), 1, dtype=torch.long),
        torch.zeros_like(terms),
        terms,
        1,
        chosen=chosen,
        t=t,
        step=step,
    )


# ── reading a run file ───────────────────────────────────────────────────────────
def test_only_lanes_with_something_to_choose_from_are_looked_at(recorded):
    assert lanes_with_candidates(recorded) == [1]


def test_the_parts_of_a_stored_candidate_sum_to_its_log_weight(pools):
    for pool in pools:
        np.testing.assert_allclose(pool.parts.sum(1), pool.log_w * pool.temperature, atol=1e-4)
        w = np.exp(pool.log_w - pool.log_w.max())
        np.testing.assert_allclose(w / w.sum(), pool.weight, atol=1e-6)


def test_where_words_are_masked_again_the_step_starts_with_them_masked(tiny):
    config = replace(CONFIG, num_steps=8, reveal="dilated")
    requests = [Request("corrector", "ar", config)]
    recording = Recording(tiny, requests, "mended")
    list(recording.steps())
    pools = pools_of(load_run(save_run(recording.result())), recording.result().lanes[0])
    records = generate(tiny, requests[0])[0].steps
    assert len(pools) == len(records) == 8
    for pool, record in zip(pools, records, strict=True):
        np.testing.assert_array_equal(pool.masked, record.masked[0].numpy())
    assert all(pool.revealed.any() for pool in pools[5:])  # though every word stood there before


def test_log_p_is_what_the_language_model_says_of_the_stored_candidates(pools, recorded, tiny):
    for pool in pools:
        ids = torch.tensor(np.array(recorded.token_ids)[pool.candidate])
        expected = tiny.autoregressive.token_log_probs(ids).numpy()
        np.testing.assert_allclose(pool.log_p, expected, atol=0.02)  # log p_theta is stored in half precision


def test_a_file_of_version_1_has_no_parts_and_the_rest_works(recorded):
    old = structs.replace(recorded.lanes[1], token_energy=None)
    for pool in pools_of(recorded, old):
        assert pool.parts is None
        assert pool.log_p is None
        assert compare(pool, 0, 1).parts is None
        assert compare(pool, 0, 1).difference == pool.log_w[0] - pool.log_w[1]


# ── trust ────────────────────────────────────────────────────────────────────────
def test_ess_and_the_rest_by_hand():
    step = trust_of([weighed([0.0, math.log(3), math.log(6)], chosen=1)])[0]
    weights = np.array([6, 2, 1]) / 9
    assert step.ess == pytest.approx(1 / np.square(weights).sum())
    assert step.largest == pytest.approx(6 / 9)
    assert step.sd == pytest.approx(np.std([0, -math.log(3), -math.log(6)], ddof=1))
    assert (step.K, step.verdict) == (3, "works")


def test_a_word_counts_as_changed_where_it_was_written_and_the_first_draft_had_another():
    x_0 = torch.tensor([[0, 1, 2, 3], [0, 2, 2, 1], [1, 1, 0, 3]])
    pool = make_pool(x_0, torch.zeros(3, 4), torch.zeros(3, 4), 5, chosen=1, t=1.0, step=0)
    half = replace(pool, x_s=np.array([0, 2, 5, 5]))  # the first two positions are written
    whole = replace(pool, x_s=x_0[2].numpy(), chosen=2)
    steps = trust_of([half, whole])
    assert [(s.written, s.changed, s.flipped) for s in steps] == [(2, 1, True), (4, 2, True)]
    assert [s.blind for s in steps] == pytest.approx([(0 + 1 + 1) / 3, (0 + 2 + 2) / 3])
    assert not trust_of([replace(whole, x_s=x_0[0].numpy(), chosen=0)])[0].flipped


@pytest.mark.parametrize(
    ("energies", "verdict"), [([0.0, 20.0, 30.0], "best"), ([0.0, 0.01, 0.02], "flat"), ([0.0, 0.5, 1.0], "works")]
)
def test_a_step_takes_the_best_is_flat_or_works(energies, verdict):
    assert trust_of([weighed(energies)])[0].verdict == verdict


def test_a_flat_energy_gets_a_badge_and_one_that_speaks_does_not():
    assert badges([pool_of(WORLD, 8, energy=ZeroEnergy(WORLD.vocab_size))]) == ["flat"]
    assert badges([pool_of(WORLD, 8, energy=Hates(1, 0))]) == []


def test_an_infinite_energy_gets_a_badge():
    pool = weighed([0.0, math.inf, 1.0])
    assert badges([pool]) == ["not_finite"]
    assert math.isnan(trust_of([pool])[0].sd)


def test_nothing_to_choose_from_is_said():
    assert advise([weighed([0.0])]).finding == "no_choice"
    assert badges([weighed([0.0])]) == []


@pytest.mark.parametrize("K", [2, 3, 5, 8])
def test_what_twice_as_many_drafts_bring_by_enumeration(K):
    log_w = np.random.default_rng(K).normal(size=K)
    halves = [max(half) for half in itertools.combinations(log_w, K // 2)]
    assert gain_of_doubling(log_w) == pytest.approx(log_w.max() - np.mean(halves))


def test_one_draft_gains_nothing_and_forbidden_ones_tell_nothing():
    assert gain_of_doubling(np.zeros(1)) == 0
    assert gain_of_doubling(np.zeros(6)) == 0
    assert gain_of_doubling(np.array([0, -1, -2, -math.inf])) == pytest.approx(0 * 3 / 6 + 1 * 2 / 6 + 2 * 1 / 6)
    assert math.isnan(gain_of_doubling(np.array([0, -1, -math.inf, -math.inf])))


def test_where_the_best_decides_everywhere_and_more_drafts_find_a_better_one_there_are_to_be_more():
    advice = advise([weighed([0.0, 8.0, 9.0, 10.0], step=n, t=1 - n / 4) for n in range(4)])
    assert (advice.finding, advice.setting, advice.value, advice.share) == ("best", "num_candidates", 8, 1.0)
    assert (advice.drafts, advice.gain) == (4, pytest.approx((0 * 3 + 8 * 2 + 9 * 1) / 6))


def test_at_the_most_drafts_there_can_be_it_is_the_temperature_that_gives_two_drafts_a_say():
    assert settings_of(SampleConfig)["num_candidates"].page[1] == MOST_DRAFTS
    pools = [weighed([0.0, *[8.0] * (MOST_DRAFTS - 1)], step=n, t=1 - n / 4) for n in range(4)]
    advice = advise(pools)
    assert (advice.finding, advice.setting, advice.share) == ("best", "energy_temperature", 1.0)
    hotter = [replace(p, temperature=advice.value) for p in pools]
    weights = [np.exp(p.log_w) / np.exp(p.log_w).sum() for p in hotter]
    assert advice.ess_then == pytest.approx(1 / np.square(weights[0]).sum())
    assert advice.ess_then >= 2
    colder = np.exp(replace(pools[0], temperature=advice.value - 0.25).log_w)
    assert colder.sum() ** 2 / np.square(colder).sum() < 2


def test_the_ess_foretold_is_that_of_every_step_whatever_its_number_of_drafts():
    weights = np.full(4, 0.25)
    pools = [replace(weighed([0.0, 1.0, 2.0, 3.0]), temperature=40.0, weight=weights), weighed([5.0])]
    pools.append(replace(weighed([0.0, 2.0, 3.0]), temperature=40.0, weight=weights[:3] * 4 / 3))
    pools.append(replace(weighed([0.0, 1.0, 2.0, math.inf]), temperature=40.0, weight=np.array([1, 1, 1, 0]) / 3))
    advice = advise(pools)
    assert (advice.finding, advice.setting) == ("flat", "energy_temperature")
    ess = []
    for pool in (replace(pool, temperature=advice.value) for pool in pools if len(pool.energy) > 1):
        w = np.exp(pool.log_w) / np.exp(pool.log_w).sum()
        ess.append(1 / np.square(w).sum())
    assert advice.ess_then == pytest.approx(np.median(ess))


def test_one_draft_deciding_in_the_early_steps_alone_asks_for_a_narrower_window():
    early = [weighed([0.0, 30.0, 40.0], step=n, t=1 - n / 10) for n in range(6)]
    late = [weighed([0.0, 0.5, 1.0], step=n, t=1 - n / 10) for n in range(6, 10)]
    advice = advise([*early, *late])
    assert (advice.finding, advice.setting, advice.value) == ("best_early", "high", pytest.approx(0.4))


def test_a_flat_energy_asks_for_a_lower_temperature():
    pools = [replace(weighed([0.0, 1.0, 2.0, 3.0]), temperature=8.0, weight=np.full(4, 0.25))]
    advice = advise(pools)
    assert (advice.finding, advice.setting) == ("flat", "energy_temperature")
    assert advice.value < 8


# ── why not this one? ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_the_parts_sum_to_the_difference_exactly(temperature):
    pool = pool_of(WORLD, 12, seed=1, temperature=temperature)
    for one, other in itertools.permutations(range(12), 2):
        found = compare(pool, one, other)
        assert found.parts.sum() == pytest.approx(found.difference, abs=1e-12)
        assert found.difference == pytest.approx(math.log(pool.weight[one] / pool.weight[other]), abs=1e-9)


def test_an_autoregressive_part_counts_only_where_the_tokens_or_their_past_differ():
    pool = pool_of(WORLD, 30, seed=3)
    x = pool.candidate
    pairs = [(a, b) for a, b in itertools.combinations(range(30), 2) if x[a, 0] == x[b, 0] and (x[a] != x[b]).any()]
    assert pairs
    for a, b in pairs:
        found = compare(pool, a, b)
        first = int(found.differs.argmax())
        assert not found.parts[:first].any()
        assert found.parts[first] != 0


def test_an_energy_that_hates_one_token_is_told_by_that_token():
    pool = pool_of(WORLD, 20, energy=Hates(2, 1, nats=3.0))
    liked, hated = (int(np.flatnonzero((pool.candidate[:, 2] == 1) == has)[0]) for has in (False, True))
    found = compare(pool, liked, hated)
    assert decisive(found) == [2]
    assert found.parts[2] == pytest.approx(3.0)
    assert found.difference == pytest.approx(3.0)


# ── what if ──────────────────────────────────────────────────────────────────────
def test_weighed_again_as_it_was_a_step_comes_out_as_it_did(pools):
    for pool in pools:
        again = reweigh(pool, CONFIG.seed, CONFIG.energy_temperature, len(pool.weight))
        np.testing.assert_allclose(again.weight, pool.weight, atol=1e-6)
        assert again.chosen == pool.chosen


@pytest.mark.parametrize("change", [{"num_candidates": 3}, {"energy_temperature": 4.0}, {"num_candidates": 1}])
def test_a_changed_step_is_what_a_run_with_that_change_does_first(pools, tiny, change):
    trace, _ = generate(tiny, Request("edlm", "ar", replace(CONFIG, **change)))
    first = trace.steps[0]
    again = reweigh(pools[0], CONFIG.seed, change.get("energy_temperature", 1.0), change.get("num_candidates", 8))
    np.testing.assert_allclose(again.weight, first.weights.normalized[0], atol=1e-5)
    assert again.chosen == int(first.chosen)
    assert again.ess == pytest.approx(float(first.weights.ess), rel=1e-4)
