"""What scenes show of words revealed together, against the laws that samplers are tested with."""

import itertools

import numpy as np
import pytest

from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.worlds.bounds import log_z_ends, published_formula, sampler_bounds, sampler_nlls
from edlm_core.worlds.exact import chain_law, scheduled_law
from edlm_core.worlds.reveals import (
    by_chance,
    divergence,
    entropy,
    far_apart,
    law_of_groups,
    laws_by_steps,
    neighbours,
    sampled,
    total_correlation,
    write,
)
from edlm_core.worlds.world import pairs_world, random_world

from ..goodness import p_value

WORLDS = [random_world(3, 3, 0.15, seed=0), random_world(2, 4, 0.5, seed=1), pairs_world()]
EXACT = 1e-9


def groups_of(reveal_at):
    return [frozenset(i for i, at in enumerate(reveal_at) if at == n) for n in sorted(set(reveal_at))]


@pytest.mark.parametrize("world", WORLDS)
def test_the_law_of_an_order_is_that_of_the_samplers_schedule(world):
    for reveal_at in itertools.islice(itertools.product(range(3), repeat=world.length), 0, None, 5):
        law = law_of_groups(world, groups_of(reveal_at))
        np.testing.assert_allclose(law, scheduled_law(world, reveal_at), atol=EXACT)


@pytest.mark.parametrize("world", WORLDS)
def test_the_laws_by_steps_are_those_of_the_chain(world):
    laws = laws_by_steps(world, 8)
    for T in (1, 2, 3, 8):
        np.testing.assert_allclose(laws[T - 1], chain_law(world, LogLinearSchedule(), T), atol=EXACT)


@pytest.mark.parametrize("world", WORLDS)
def test_what_an_order_loses_is_what_its_groups_have_to_say_about_one_another(world):
    for groups in (far_apart(world.length, 2), neighbours(world.length, 2), neighbours(world.length, 1)):
        told, seen = 0.0, frozenset()
        for group in groups:
            told, seen = told + total_correlation(world, group, seen), seen | group
        assert told == pytest.approx(divergence(world.joint, law_of_groups(world, groups)), abs=EXACT)


def test_three_pairs_by_hand():
    """A pair shares a step with probability 1/T, and goes wrong then half of the time."""
    world = pairs_world(3, agree=1.0)
    fits = (world.sequences[:, 0::2] == world.sequences[:, 1::2]).all(1)
    for T, law in enumerate(laws_by_steps(world, 16), 1):
        assert law[fits].sum() == pytest.approx((1 - 1 / (2 * T)) ** 3, abs=EXACT)
    assert law_of_groups(world, far_apart(6, 2))[fits].sum() == pytest.approx(1, abs=EXACT)
    assert law_of_groups(world, neighbours(6, 3))[fits].sum() == pytest.approx(1 / 8, abs=EXACT)


@pytest.mark.parametrize("groups", [far_apart(3, 2), neighbours(3, 2), neighbours(3, 1)])
def test_a_text_that_is_written_has_the_law_of_its_order(groups):
    world, rng = WORLDS[0], np.random.default_rng(0)
    texts = [write(world, groups, rng)[-1] for _ in range(3000)]
    counts = np.bincount([np.ravel_multi_index(x, (3, 3, 3)) for x in texts], minlength=27)
    assert p_value(counts, law_of_groups(world, groups)) > 1e-3


def test_by_chance_every_position_falls_to_any_step():
    rng = np.random.default_rng(0)
    first = [by_chance(4, 3, rng)[0] for _ in range(3000)]
    counts = np.bincount([len(group) for group in first], minlength=5)
    assert p_value(counts, np.array([16, 32, 24, 8, 1]) / 81) > 1e-3


def test_what_is_sampled_has_its_law_and_goes_on_where_it_was():
    law = np.array([0.5, 0.0, 0.2, 0.3])
    drawn = sampled(law, 4000, seed=0)
    assert drawn[:50].tolist() == sampled(law, 50, seed=0).tolist()
    counts = np.bincount(drawn, minlength=4)
    assert counts[1] == 0
    assert p_value(counts[[0, 2, 3]], law[[0, 2, 3]]) > 1e-3


# ── how likely ───────────────────────────────────────────────────────────────────
def test_the_published_formula_of_the_method_and_never_above_the_entropy():
    assert (round(published_formula(WORLDS[0]), 3), round(entropy(WORLDS[0].joint), 3)) == (1.570, 2.083)
    for seed in range(20):
        world = random_world(2, 4, 0.5, seed=seed)
        assert published_formula(world) < entropy(world.joint)
    independent = np.kron(np.kron([0.3, 0.7], [0.5, 0.5]), [0.9, 0.1])
    world = type(WORLDS[0])(independent, 2, 3)
    assert published_formula(world) == pytest.approx(entropy(independent), abs=EXACT)


@pytest.mark.parametrize("world", WORLDS)
def test_the_bound_lies_above_the_samplers_nll_and_that_above_the_entropy(world):
    bounds, nlls = sampler_bounds(world, 6), sampler_nlls(world, 6)
    assert (bounds >= nlls - EXACT).all()
    assert (nlls >= entropy(world.joint) - EXACT).all()
    assert bounds[0] == pytest.approx(nlls[0], abs=EXACT)  # one step: one order
    T, reveals = 2, [*itertools.product(range(2), repeat=world.length)]
    mean = np.mean([divergence(world.joint, scheduled_law(world, at)) for at in reveals])
    assert bounds[T - 1] == pytest.approx(entropy(world.joint) + mean, abs=EXACT)


@pytest.mark.parametrize(("share", "agree", "n"), [(0.5, 0.99, 2), (0.1, 0.99, 5), (0.3, 0.6, 4)])
def test_both_ends_of_log_z_are_those_of_all_draws(share, agree, n):
    """Over every tuple of n weights, leave-one-out means and all."""
    weights, law = np.array([agree / share, (1 - agree) / (1 - share)]), np.array([share, 1 - share])
    low = high = 0.0
    for drawn in itertools.product((0, 1), repeat=n):
        w, p = weights[list(drawn)], law[list(drawn)].prod()
        without = np.mean([np.log(np.delete(w, j).mean()) for j in range(n)])
        low += p * np.log(w.mean())
        high += p * ((2 * n - 1) * np.log(w.mean()) - 2 * (n - 1) * without)
    assert log_z_ends(share, agree, n) == pytest.approx((low, high), abs=EXACT)
    assert low < 0


def test_where_right_drafts_are_rare_the_upper_end_is_no_bound():
    assert log_z_ends(0.01, 0.99, 8)[1] < 0 < log_z_ends(0.5, 0.99, 8)[1]
