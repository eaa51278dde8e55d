"""Marginal against corrected, coupled pairs, total correlation: worlds where the answer is known."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from edlm_core.diagnosis.correction import correction_of, movers
from edlm_core.diagnosis.decided import decided_by
from edlm_core.diagnosis.pairs import pairs_of
from edlm_core.method.energy import ZeroEnergy
from edlm_core.worlds.world import random_world
from tests.planted import Hates, coupled_world, make_pool, pool_of

WORLD = random_world(3, 4, 0.5, seed=2)


# ── marginal against corrected ───────────────────────────────────────────────────
def by_hand(pool, i):
    """TV and KL at a position, a token at a time."""
    tv = kl = 0.0
    for token in set(pool.candidate[:, i].tolist()):
        here = pool.candidate[:, i] == token
        p, q = pool.weight[here].sum(), here.mean()
        tv += abs(p - q) / 2
        kl += p * np.log(p / q)
    return tv, kl


@pytest.mark.parametrize("seed", range(3))
def test_tv_and_kl_are_those_of_the_weighted_and_the_plain_histogram(seed):
    pool = pool_of(WORLD, 16, seed=seed)
    found = correction_of(pool)
    for i in range(4):
        assert (found.tv[i], found.kl[i]) == pytest.approx(by_hand(pool, i))


def test_an_energy_that_says_nothing_moves_nothing():
    found = correction_of(pool_of(WORLD, 16, energy=ZeroEnergy(WORLD.vocab_size)))
    for values in (found.tv, found.kl, found.chance_tv, found.chance_kl):
        np.testing.assert_allclose(values, 0, atol=1e-12)


def test_chance_is_what_shuffled_weights_would_show():
    pool = pool_of(WORLD, 12, seed=4)
    rng = np.random.default_rng(0)
    shuffled = [correction_of(replace(pool, weight=rng.permutation(pool.weight))) for _ in range(2000)]
    np.testing.assert_allclose(correction_of(pool).chance_tv, np.mean([s.tv for s in shuffled], axis=0), atol=0.02)
    np.testing.assert_allclose(correction_of(pool).chance_kl, np.mean([s.kl for s in shuffled], axis=0), atol=0.05)


def test_positions_that_the_energy_does_not_read_show_no_excess_on_average():
    found = np.array([correction_of(pool_of(WORLD, 16, seed=s, energy=Hates(2, 1)), seed=s).excess for s in range(300)])
    mean, error = found.mean(0), found.std(0) / np.sqrt(len(found))
    assert mean[2] > 10 * error[2]
    assert (abs(mean) < 4 * error)[[0, 1, 3]].all()


def test_visible_positions_and_a_single_candidate_show_nothing():
    pool = pool_of(WORLD, 16)
    visible = replace(pool, x_t=np.array([0, 3, 3, 3]))
    assert correction_of(visible).tv[0] == 0
    assert not correction_of(pool_of(WORLD, 1)).tv.any()


def test_the_hated_token_is_the_one_that_lost_most():
    pool = pool_of(WORLD, 200, energy=Hates(2, 1))
    first = movers(pool, correction_of(pool))[0]
    assert first.position == 2
    token, even, weighed = first.lost
    assert token == 1
    q, factor = even, np.exp(-3.0)
    assert weighed == pytest.approx(q * factor / (q * factor + 1 - q))


# ── coupled pairs ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("i", "j"), list(itertools.combinations(range(5), 2)))
@pytest.mark.parametrize("K", [32, 128])
def test_the_coupled_pair_comes_first_with_its_exact_interaction(i, j, K):
    found = pairs_of(pool_of(coupled_world(i, j, length=5), K, seed=i + 10 * j))
    pair = found.ranked[0]
    assert (pair.i, pair.j) == (i, j)
    assert pair.interaction == pytest.approx(-2 * np.log(99), abs=1e-9)  # log w is log(2 p) by pair, nothing else
    assert pair.a != pair.b  # two coins that agree: what is punished is that they differ
    assert found.strength[i, j] == found.strength[j, i] == -pair.interaction
    assert found.sure == 1


def test_independent_positions_show_no_pair():
    found = pairs_of(pool_of(coupled_world(agree=0.5), 64))
    assert found.tested == 6
    assert found.sure == 0
    np.testing.assert_allclose([pair.interaction for pair in found.ranked], 0, atol=1e-9)


def test_without_parts_the_whole_log_weight_finds_the_pair_too():
    pool = replace(pool_of(coupled_world(0, 2), 64), token_energy=None)
    assert (pairs_of(pool).ranked[0].i, pairs_of(pool).ranked[0].j) == (0, 2)


def noisy(seed, K=48, interaction=-2.0):
    """Three fair coins; the first two together cost `interaction`, and every part has noise of 1 nat."""
    rng = np.random.default_rng(seed)
    x_0 = rng.integers(0, 2, (K, 3))
    parts = rng.normal(size=(K, 3))
    parts[:, 1] += interaction * (x_0[:, 0] == x_0[:, 1]) / 2
    return make_pool(torch.tensor(x_0), torch.zeros(K, 3), torch.tensor(-parts), 2)


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    hits = []
    for seed in range(400):
        pair = next(p for p in pairs_of(noisy(seed)).ranked if (p.i, p.j) == (0, 1))
        hits.append(pair.low <= -2.0 <= pair.high)
    assert 0.92 <= np.mean(hits) <= 0.98


def test_among_uncoupled_pairs_few_pools_have_one_that_stands_out():
    assert np.mean([pairs_of(noisy(seed, interaction=0.0)).sure > 0 for seed in range(300)]) < 0.12


def test_a_pool_too_small_to_say_anything_says_nothing():
    found = pairs_of(pool_of(coupled_world(), 3))
    assert (found.ranked, found.tested, found.sure) == ([], 0, 0)
    assert np.isnan(found.strength).all()


def test_positions_that_are_not_confident_of_a_word_are_left_out():
    flat = random_world(8, 3, 1e6, seed=0)  # every word about one in eight
    found = pairs_of(pool_of(flat, 512))
    assert (found.confident, found.tested, found.masked) == (0, 0, 3)


# ── where one draft decides ──────────────────────────────────────────────────────
@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_the_words_that_won_sum_to_the_lead_over_the_others(temperature):
    pool = pool_of(WORLD, 9, seed=1, temperature=temperature)
    found = decided_by(pool)
    others = np.delete(pool.log_w, found.draft)
    assert found.draft == pool.weight.argmax()
    assert found.lead == pytest.approx(pool.log_w[found.draft] - others.mean())
    assert found.written == pytest.approx(found.lead)  # this step writes them all


def test_the_word_that_the_energy_hates_in_the_others_is_what_won():
    pool = pool_of(WORLD, 40, energy=Hates(2, 1, nats=3.0))
    found = decided_by(pool)
    share = (np.delete(pool.candidate[:, 2], found.draft) == 1).mean()
    np.testing.assert_allclose(found.parts, [0, 0, 3.0 * share, 0], atol=1e-12)
    later = replace(pool, x_s=np.array([*pool.candidate[found.draft][:2], pool.mask, pool.mask]))
    assert decided_by(later).written == pytest.approx(0)


def test_without_parts_nothing_is_said_of_words():
    assert decided_by(replace(pool_of(WORLD, 4), token_energy=None)) is None
    assert decided_by(pool_of(WORLD, 1)) is None
