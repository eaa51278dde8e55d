"""The exact laws against brute force, and what they say about the method.

`brute_law` is the independent truth: it enumerates every reveal schedule and every K-tuple of
candidates, has marginals of its own and no integral, so it shares nothing with `chain_law`.
"""

import functools
import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
import torch

from edlm_core.method.proposals import Proposals
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.worlds.candidates import resampled_law
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy, chain_law, dilated_law, scheduled_law
from edlm_core.worlds.world import World, pairs_world, random_world, total_variation

LOG_LINEAR = LogLinearSchedule()


class Square:
    """Another schedule: alpha = 1 - t^2."""

    def alpha(self, t):
        return 1 - t**2


def law_of_choice(q, weight, num_candidates):
    """Law of one of K candidates ~ q picked by its weight, over all K-tuples; uniform where all weights are 0."""
    law = np.zeros(len(q))
    for drawn in itertools.product(range(len(q)), repeat=num_candidates):
        w = weight[list(drawn)]
        share = w / w.sum() if w.sum() > 0 else np.full(num_candidates, 1 / num_candidates)
        np.add.at(law, list(drawn), q[list(drawn)].prod() * share)
    return law


def brute_law(world, steps, candidates, *, window=(0.0, 1.0), sign=1, energy_temperature=1.0, alpha=lambda t: 1 - t):
    V, L = world.vocab_size, world.length
    joint = world.joint.reshape((V,) * L)

    @functools.cache
    def choices(x, K):
        """[(x_0, probability that the step at x chooses it)]"""
        masked = [i for i in range(L) if x[i] == V]
        posterior = joint[tuple(slice(None) if i == V else i for i in x)]  # an axis a masked position
        total = posterior.sum()
        posterior = posterior / total if total > 0 else np.full(posterior.shape, 1 / posterior.size)
        q = np.ones(())
        for axis in range(len(masked)):
            q = np.multiply.outer(q, posterior.sum(tuple(a for a in range(len(masked)) if a != axis)))
        q, target = q.ravel(), posterior.ravel() * (total > 0)
        seen = q > 0
        weight = np.zeros(len(q))
        weight[seen] = (target[seen] / q[seen]) ** (sign / energy_temperature)
        found = []
        for fill, p in zip(itertools.product(range(V), repeat=len(masked)), law_of_choice(q, weight, K), strict=True):
            x_0 = list(x)
            for i, token in zip(masked, fill, strict=True):
                x_0[i] = token
            found.append((tuple(x_0), p))
        return found

    law = np.zeros((V,) * L)
    gain = [alpha((steps - n - 1) / steps) - alpha((steps - n) / steps) for n in range(steps)]
    for schedule in itertools.product(range(steps), repeat=L):
        mass_of = {(V,) * L: math.prod(gain[n] for n in schedule)}
        for n in sorted(set(schedule)):
            K = candidates if window[0] <= (steps - n) / steps <= window[1] else 1
            after = defaultdict(float)
            for x, mass in mass_of.items():
                for x_0, p in choices(x, K):
                    after[tuple(b if at == n else a for a, b, at in zip(x, x_0, schedule, strict=True))] += mass * p
            mass_of = after
        for x, mass in mass_of.items():
            law[x] += mass
    return law.ravel()


def distance(world, steps, candidates=1, **options):
    return total_variation(world.joint, chain_law(world, LOG_LINEAR, steps, candidates, **options))


def holed_world():
    """Half of the texts are impossible, so that candidates of weight zero, and K of them at once, occur."""
    joint = random_world(2, 3, 1.0, seed=1).joint * np.array([1, 0, 1, 0, 0, 1, 0, 1])
    return World(joint / joint.sum(), 2, 3)


WORLDS = {
    "two by three": random_world(2, 3, 0.5, seed=3),
    "three by two": random_world(3, 2, 0.3, seed=1),
    "holed": holed_world(),
    "one position": random_world(4, 1, 0.5, seed=0),
}
POSITIVE = [name for name, world in WORLDS.items() if world.joint.all()]  # with the sign flipped, 0 weighs infinitely


# ── the computation ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("K", [1, 2, 3, 4])
@pytest.mark.parametrize("spread", [0.0, 1.0, 20.0])
@pytest.mark.parametrize("hopeless", [0, 2, 5])
def test_the_law_of_a_resampled_draw_is_its_sum_over_all_tuples_of_candidates(K, spread, hopeless):
    rng = np.random.default_rng(K)
    q, log_w = rng.dirichlet(np.ones(5)), rng.normal(0, spread, 5)
    log_w[:hopeless] = -np.inf
    np.testing.assert_allclose(resampled_law(q, log_w, K), law_of_choice(q, np.exp(log_w), K), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("K", [2, 16, 512])
def test_the_law_of_a_resampled_draw_sums_to_one_however_the_weights_spread(K):
    rng = np.random.default_rng(K)
    for spread in (0.1, 5.0, 60.0):
        assert resampled_law(rng.dirichlet(np.ones(50)), rng.normal(0, spread, 50), K).sum() == pytest.approx(1)


@pytest.mark.parametrize(("world", "sign"), [(name, 1) for name in WORLDS] + [(name, -1) for name in POSITIVE])
@pytest.mark.parametrize(
    ("steps", "candidates", "options"),
    [
        (1, 3, {}),
        (2, 1, {}),
        (2, 3, {}),
        (3, 2, {}),
        (3, 2, {"window": (0.5, 1.0)}),
        (3, 2, {"window": (0.0, 2 / 3)}),
        (2, 2, {"energy_temperature": 2.5}),
    ],
)
def test_the_law_of_the_chain_is_its_sum_over_all_schedules_and_candidates(world, sign, steps, candidates, options):
    expected = brute_law(WORLDS[world], steps, candidates, sign=sign, **options)
    law = chain_law(WORLDS[world], LOG_LINEAR, steps, candidates, sign=sign, **options)
    np.testing.assert_allclose(law, expected, atol=1e-12)
    assert law.sum() == pytest.approx(1)


def test_the_law_of_the_chain_follows_its_schedule():
    world = WORLDS["two by three"]
    law = chain_law(world, Square(), 3, 2)
    np.testing.assert_allclose(law, brute_law(world, 3, 2, alpha=lambda t: 1 - t**2), atol=1e-12)
    assert total_variation(law, chain_law(world, LOG_LINEAR, 3, 2)) > 1e-3


def test_the_exact_denoiser_is_the_sum_over_completions():
    world, V = random_world(3, 3, 0.5, seed=2), 3
    x_t = torch.tensor([[V, 1, V], [V, V, V], [0, 1, 2]])
    rows = ExactDenoiser(world)(x_t, torch.ones(3), x_t == V).exp().numpy()
    p = world.joint.reshape(3, 3, 3)
    given = p[:, 1, :] / p[:, 1, :].sum()
    expected = [given.sum(1), given.sum(0), p.sum((1, 2)), p.sum((0, 2)), p.sum((0, 1))]
    np.testing.assert_allclose(rows, expected, rtol=1e-9)


def test_the_exact_energy_turns_any_proposal_into_the_posterior():
    world = random_world(2, 3, 0.5, seed=2)
    x_0 = torch.from_numpy(world.sequences)[None]
    token_log_q = torch.randn(x_0.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    proposals = Proposals(x_0, token_log_q)
    energy = ExactEnergy(world)(proposals, x_0[:, 0], torch.ones(1))
    np.testing.assert_allclose((proposals.log_q - energy.sum(-1)).exp()[0], world.joint, rtol=1e-9)


def test_a_text_contradicted_by_what_is_visible_is_no_completion():
    world = random_world(2, 3, 0.5, seed=2)
    assert world.sequences[world.completions((2, 1, 2))].tolist() == [[0, 1, 0], [0, 1, 1], [1, 1, 0], [1, 1, 1]]


def test_the_pairs_of_the_pairs_world_agree_and_their_words_are_fair_coins():
    world = pairs_world()
    agree = (world.sequences[:, 0] == world.sequences[:, 1]) & (world.sequences[:, 2] == world.sequences[:, 3])
    assert world.joint[agree].sum() == pytest.approx(0.99**2)
    np.testing.assert_allclose(world.marginals((2, 2, 2, 2)), 0.5)


@pytest.mark.parametrize(("joint", "V", "L"), [(np.ones(8) / 8, 2, 4), (np.ones(10_001) / 10_001, 10_001, 1)])
def test_a_table_of_the_wrong_size_is_refused(joint, V, L):
    with pytest.raises(ValueError, match="expected V\\^L"):
        World(joint, V, L)


def test_total_variation_is_0_for_equal_and_1_for_disjoint_laws():
    p, q = np.array([0.5, 0.5, 0]), np.array([0, 0, 1.0])
    assert (total_variation(p, p), total_variation(p, q), total_variation(p, p[::-1])) == (0, 1, 0.5)


# ── what holds of the method ─────────────────────────────────────────────────────
COUPLED = [random_world(3, 3, 0.15, seed=seed) for seed in range(4)] + [pairs_world()]


@pytest.mark.parametrize("world", COUPLED)
@pytest.mark.parametrize("steps", [1, 2, 4, 16])
@pytest.mark.parametrize("options", [{"num_candidates": 1}, {"window": (0, 0)}, {"energy_temperature": 1e15}])
def test_without_candidates_or_an_energy_or_a_window_the_law_is_that_of_mdlm(world, steps, options):
    law = chain_law(world, LOG_LINEAR, steps, **{"num_candidates": 8, **options})
    np.testing.assert_allclose(law, chain_law(world, LOG_LINEAR, steps), atol=1e-12)


def test_an_impossible_text_stays_impossible_at_a_great_energy_temperature():
    world = WORLDS["holed"]
    law = chain_law(world, LOG_LINEAR, 1, 4, energy_temperature=1e15)
    plain, impossible = chain_law(world, LOG_LINEAR, 1), world.joint == 0
    np.testing.assert_allclose(law[impossible].sum(), plain[impossible].sum() ** 4)  # only where all four are
    assert plain[impossible].sum() > 0.1


@pytest.mark.parametrize("world", COUPLED)
@pytest.mark.parametrize("steps", [1, 2])
def test_in_few_steps_more_candidates_are_always_better_and_with_the_sign_flipped_always_worse(world, steps):
    distances = [distance(world, steps, K) for K in (1, 2, 4, 8, 16, 64)]
    assert distances == sorted(distances, reverse=True)
    flipped = [distance(world, steps, K, sign=-1) for K in (1, 2, 4, 8, 16)]
    assert flipped == sorted(flipped)
    assert distances[-1] < distances[0] / 10
    assert flipped[-1] > flipped[0] * 1.3


@pytest.mark.parametrize("world", COUPLED)
@pytest.mark.parametrize("steps", [4, 16, 64])
def test_with_the_sign_flipped_more_candidates_are_worse_at_any_number_of_steps(world, steps):
    flipped = [distance(world, steps, K, sign=-1) for K in (1, 2, 4, 8, 16)]
    assert flipped == sorted(flipped)


@pytest.mark.parametrize("world", COUPLED)
@pytest.mark.parametrize("steps", [1, 3, 16])
def test_with_ever_more_candidates_the_law_tends_to_the_target_as_1_over_K(world, steps):
    few, many = distance(world, steps, 256), distance(world, steps, 512)
    assert many < 0.01
    assert few / many == pytest.approx(2, rel=0.2)


def test_at_many_steps_two_candidates_can_be_worse_than_one():
    """Why K is no free gain: mdlm's own error falls as 1/T, the bias of choosing among K does not."""
    world = random_world(3, 3, 0.15, seed=1)
    assert distance(world, 16, 2) > 2 * distance(world, 16, 1)
    assert distance(world, 1, 2) < distance(world, 1, 1) / 1.9


@pytest.mark.parametrize("steps", [1, 2, 16])
@pytest.mark.parametrize("candidates", [1, 2, 8])
def test_of_one_position_every_chain_draws_the_target_exactly(steps, candidates):
    world = WORLDS["one position"]
    np.testing.assert_allclose(chain_law(world, LOG_LINEAR, steps, candidates), world.joint, atol=1e-12)


@pytest.mark.parametrize("candidates", [1, 2, 8])
def test_of_independent_positions_every_chain_draws_the_target_exactly(candidates):
    joint = np.kron([0.2, 0.8], np.kron([0.5, 0.5], [0.9, 0.1]))
    np.testing.assert_allclose(chain_law(World(joint, 2, 3), LOG_LINEAR, 3, candidates), joint, atol=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 5, 100])
def test_the_error_of_mdlm_on_two_positions_is_that_of_one_step_over_T(steps):
    """They meet in one step with probability 1/T; apart, the second is drawn given the first."""
    world = WORLDS["three by two"]
    assert distance(world, steps) == pytest.approx(distance(world, 1) / steps)


@pytest.mark.parametrize("steps", [1, 2, 4, 16])
def test_the_law_of_mdlm_on_three_positions_is_a_mixture_over_who_meets_whom(steps):
    """All three in one step (1/T^2), a pair before or after the third (6 ways, C(T,2)/T^3 each), or each alone."""
    world = random_world(3, 3, 0.15, seed=0)
    p = world.joint.reshape(3, 3, 3)
    law = p * math.comb(steps, 3) * 6 / steps**3
    ones = [p.sum(tuple({0, 1, 2} - {i}), keepdims=True) for i in range(3)]
    law = law + ones[0] * ones[1] * ones[2] / steps**2
    for i in range(3):
        j, k = sorted({0, 1, 2} - {i})
        pair_last = p.sum(k, keepdims=True) * p.sum(j, keepdims=True) / ones[i]
        pair_first = ones[j] * ones[k] * p / p.sum(i, keepdims=True)
        law = law + (pair_last + pair_first) * math.comb(steps, 2) / steps**3
    np.testing.assert_allclose(chain_law(world, LOG_LINEAR, steps), law.ravel(), atol=1e-12)


@pytest.mark.parametrize("world", COUPLED)
def test_the_error_of_mdlm_falls_as_1_over_T(world):
    distances = [distance(world, steps) for steps in (1, 2, 4, 8, 16, 32, 64)]
    assert distances == sorted(distances, reverse=True)
    assert distances[-2] / distances[-1] == pytest.approx(2, rel=0.05)


# Rows K, columns T = 1, 2, 4, 16.
FIGURES = {1: [0.567, 0.322, 0.172, 0.045], 2: [0.388, 0.207, 0.105, 0.050], 8: [0.088, 0.054, 0.041, 0.035]}


@pytest.mark.parametrize("K", FIGURES)
def test_reference_figures_of_the_strongly_coupled_world(K):
    world = random_world(3, 3, 0.15, seed=0)
    assert [round(distance(world, steps, K), 3) for steps in (1, 2, 4, 16)] == FIGURES[K]


@pytest.mark.parametrize(("steps", "K"), [(1, 2), (2, 2), (4, 2), (4, 1)])
def test_the_reference_figures_hold_by_brute_force(steps, K):
    world = random_world(3, 3, 0.15, seed=0)
    column = {1: 0, 2: 1, 4: 2}[steps]
    assert round(total_variation(world.joint, brute_law(world, steps, K)), 3) == FIGURES[K][column]


# ── other orders ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("K", [1, 3])
@pytest.mark.parametrize("world", COUPLED[:2])
def test_the_law_of_a_random_order_is_the_mean_over_all_reveal_schedules(world, K):
    T = 3
    schedules = list(itertools.product(range(T), repeat=world.length))
    mean = np.mean([scheduled_law(world, at, K) for at in schedules], axis=0)
    np.testing.assert_allclose(mean, chain_law(world, LOG_LINEAR, T, K), atol=1e-12)


@pytest.mark.parametrize("world", COUPLED)
def test_dilated_one_position_a_step_gives_the_world_itself(world):
    np.testing.assert_allclose(dilated_law(world, world.length), world.joint, atol=1e-12)


def test_dilated_steps_lose_less_where_neighbours_depend_on_each_other():
    """Two pairs, two steps: a step that takes one of each pair loses nothing."""
    world = pairs_world()
    np.testing.assert_allclose(dilated_law(world, 2), world.joint, atol=1e-12)
    assert total_variation(chain_law(world, LOG_LINEAR, 2), world.joint) > 0.2


@pytest.mark.parametrize("steps", [1, 2])
def test_dilated_too_more_candidates_bring_the_law_to_the_target(steps):
    world = COUPLED[0]
    distances = [total_variation(dilated_law(world, steps, K), world.joint) for K in (1, 4, 16, 64)]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.1 * distances[0]
