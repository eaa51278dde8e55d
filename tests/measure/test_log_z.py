"""Both ends of log Z: against weights whose Z is known, and in a world whose Z can be enumerated."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from edlm_core.measure.log_z import draw_log_weights, log_weights, log_z, lower_end, summarise, upper_end
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy
from edlm_core.worlds.world import World, random_world

WORLD = random_world(3, 3, 1.0, seed=0)
MASK = WORLD.vocab_size


def lognormal(sd, draws, sets=40_000):
    """Log-weights (sets, draws) with the standard deviation sd, and log Z = 0."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(sets, draws, generator=generator, dtype=torch.float64) * sd - sd**2 / 2


# ── the ends ─────────────────────────────────────────────────────────────────────
def test_the_ends_of_three_weights_by_hand():
    log_w = torch.tensor([[2.0, 3.0, 7.0]], dtype=torch.float64).log()
    without = [math.log(10 / 2), math.log(9 / 2), math.log(5 / 2)]
    assert float(lower_end(log_w)) == pytest.approx(math.log(4))
    assert float(upper_end(log_w)) == pytest.approx(5 * math.log(4) - 4 * sum(without) / 3)


def test_one_weight_that_is_nearly_everything_does_not_swallow_the_others():
    """Exactly, in fractions: the weights are 1, 1e-30, 2e-30, and float64 knows no 1 - 1 + 1e-30."""
    weights = [Fraction(1), Fraction(1, 10**30), Fraction(2, 10**30)]
    without = [math.log((sum(weights) - w) / 2) for w in weights]
    expected = 5 * math.log(sum(weights) / 3) - 4 * sum(without) / 3
    log_w = torch.tensor([[float(w) for w in weights]], dtype=torch.float64).log()
    assert float(upper_end(log_w)) == pytest.approx(expected, rel=1e-12)


def test_equal_weights_leave_no_room_between_the_ends():
    log_w = torch.full((2, 5), -700.0)
    torch.testing.assert_close(lower_end(log_w), torch.full((2,), -700.0))
    torch.testing.assert_close(upper_end(log_w), torch.full((2,), -700.0))


def test_a_texts_ends_are_its_own_in_any_batch():
    log_w = lognormal(2.0, 6, sets=4)
    for end in (lower_end, upper_end):
        torch.testing.assert_close(torch.cat([end(row) for row in log_w.split(1)]), end(log_w))


@pytest.mark.parametrize("draws", [4, 8, 32])
@pytest.mark.parametrize("sd", [0.5, 1.0, 2.0])
def test_up_to_a_spread_of_2_nats_log_z_lies_between_the_ends_in_the_mean(sd, draws):
    log_w = lognormal(sd, draws)
    low, high = lower_end(log_w), upper_end(log_w)
    assert low.mean() + 4 * low.std() / math.sqrt(len(low)) < 0 < high.mean() - 4 * high.std() / math.sqrt(len(high))
    assert abs((low + high).mean() / 2) < abs(low.mean())


@pytest.mark.parametrize(("sd", "draws"), [(2.0, 2), (3.0, 4), (3.0, 32), (4.0, 8), (4.0, 32), (6.0, 8)])
def test_beyond_it_and_with_too_few_draws_the_upper_end_lies_below_log_z(sd, draws):
    high = upper_end(lognormal(sd, draws))
    assert high.mean() + 4 * high.std() / math.sqrt(len(high)) < 0


@pytest.mark.parametrize(
    ("log_w", "word"),
    [
        ([[0.0, 1, 2, 3]], "bound"),
        ([[0.0, 3, 0, 3]], "bound"),
        ([[0.0, 5, 0, 5]], "estimate"),
        ([[0.0, 1, 2, 3], [0, 5, 0, 5]], "estimate"),
        ([[0.0, 1, 2]], "estimate"),
        ([[0.0, 0, 0, -math.inf]], "estimate"),
    ],
)
def test_the_upper_end_is_called_a_bound_only_where_every_spread_allows_it(log_w, word):
    assert summarise(torch.tensor(log_w)).upper_is == word


def test_spread_and_effective_sample_size_stand_beside_the_ends():
    log_w = torch.tensor([[0.0, 0, 0, 0], [0, 4, 0, 4], [1, 2, 1, 2]], dtype=torch.float64)
    answer = summarise(log_w)
    sd = log_w.numpy().std(1, ddof=1)
    assert answer.sd_log_w == pytest.approx((np.median(sd), sd.max()))
    shares = np.exp(log_w.numpy()) / np.exp(log_w.numpy()).sum(1, keepdims=True)
    assert answer.ess == pytest.approx((1 / (shares**2).sum(1)).mean())
    assert (answer.draws, answer.with_target) == (4, None)
    assert answer.jackknife[0] == pytest.approx((answer.lower[0] + answer.upper[0]) / 2)


# ── where Z can be enumerated ────────────────────────────────────────────────────
def masked_texts(count, seed=0):
    """x_t (count, 3) of texts that the world draws, one of the first two positions visible; the texts; log Z = log
    p(visible), since the energy is log q - log p(x_0)."""
    rng = np.random.default_rng(seed)
    x_0 = torch.from_numpy(WORLD.sequences[rng.choice(27, size=count, p=WORLD.joint)])
    x_t = x_0.clone()
    visible = rng.integers(2, size=count)
    x_t[torch.arange(3) != torch.from_numpy(visible)[:, None]] = MASK
    log_p = [math.log(WORLD.joint[WORLD.completions(tuple(row))].sum()) for row in x_t.tolist()]
    return x_t, x_0, torch.tensor(log_p, dtype=torch.float64)


def ends(count, draws, *, target, seed=0):
    x_t, x_0, truth = masked_texts(count, seed)
    generator = torch.Generator().manual_seed(seed)
    answer = log_z(
        ExactDenoiser(WORLD),
        ExactEnergy(WORLD),
        x_t,
        torch.ones(count),
        draws,
        generator,
        target=x_0 if target else None,
    )
    return answer, float(truth.mean())


@pytest.mark.parametrize("draws", [4, 16])
def test_the_sandwich_holds_where_z_is_known(draws):
    answer, truth = ends(1500, draws, target=True)
    assert answer.lower[0] < truth < answer.upper[0]
    assert answer.lower[0] < truth < answer.with_target[0]
    assert abs(answer.jackknife[0] - truth) < (answer.upper[0] - answer.lower[0]) / 8


def test_a_draw_from_the_target_bounds_log_z_at_two_draws_already():
    answer, truth = ends(1500, 2, target=True)
    assert answer.upper_is == "estimate"
    assert truth < answer.with_target[0] - answer.with_target[1] / 2
    assert answer.with_target[0] - truth < 0.3


@pytest.mark.parametrize("sd", [1.0, 4.0])
def test_the_end_with_a_target_draw_holds_where_the_other_upper_end_fails(sd):
    """Under the target, a lognormal weight is the same lognormal with its log shifted by sd^2."""
    log_w = lognormal(sd, 9)
    answer = summarise(log_w[:, :8], log_w[:, 8] + sd**2)
    assert answer.lower[0] < 0 < answer.with_target[0] - answer.with_target[1]
    assert (answer.upper[0] > 0, answer.upper_is == "bound") == ((True, False) if sd == 1.0 else (False, False))


def test_the_weights_are_those_of_each_texts_own_candidates():
    """Row by row, drawn together: the mean weight of many candidates is p(visible)."""
    x_t, x_0, truth = masked_texts(5)
    generator = torch.Generator().manual_seed(0)
    log_w, own = draw_log_weights(
        ExactDenoiser(WORLD), ExactEnergy(WORLD), x_t, torch.ones(5), 20_000, generator, also=x_0
    )
    torch.testing.assert_close(lower_end(log_w), truth, atol=0.03, rtol=0)
    for row, text, log_w_of_text in zip(x_t.tolist(), x_0.tolist(), own.tolist(), strict=True):
        at = WORLD.sequences[WORLD.completions(tuple(row))].tolist().index(text)
        log_q = math.log(WORLD.factorised(tuple(row))[at])
        log_p = math.log(WORLD.joint[WORLD.sequences.tolist().index(text)])
        assert log_w_of_text == pytest.approx(log_p - log_q)


def test_where_all_candidates_are_forbidden_z_is_zero_and_not_one():
    log_w = log_weights(torch.tensor([[math.inf, math.inf], [math.inf, 1.0]]))
    assert lower_end(log_w).tolist() == pytest.approx([-math.inf, -1 - math.log(2)])


def test_candidates_of_weight_zero_are_counted_in_z():
    """Half of the world's texts are impossible, and drawn all the same."""
    joint = random_world(2, 3, 1.0, seed=1).joint * np.array([1, 0, 1, 0, 0, 1, 0, 1])
    world = World(joint / joint.sum(), 2, 3)
    x_t = torch.full((1, 3), 2)
    generator = torch.Generator().manual_seed(0)
    log_w, _ = draw_log_weights(ExactDenoiser(world), ExactEnergy(world), x_t, torch.ones(1), 40_000, generator)
    assert log_w.isneginf().any()
    assert float(lower_end(log_w)) == pytest.approx(0, abs=0.03)
