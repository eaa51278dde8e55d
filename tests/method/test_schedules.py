"""When positions are masked, and when they are revealed."""

import itertools
import math

import numpy as np
import pytest
import torch

from edlm_core.method.noise import REVEAL, uniforms
from edlm_core.method.schedules import LogLinearSchedule, dilated_steps, mask_tokens, reveal_steps, time_grid
from tests.goodness import p_value


class Cosine:
    """Any other schedule: reveals slowly, then fast."""

    def alpha(self, t):
        return torch.cos(math.pi / 2 * t)


def test_nothing_is_masked_at_0_and_all_is_at_1():
    assert LogLinearSchedule().alpha(torch.tensor([0.0, 1.0])).tolist() == [1, 0]


def test_the_loss_weight_is_the_rate_of_masking_over_the_share_masked():
    schedule, t = LogLinearSchedule(), torch.linspace(0.05, 0.95, 19, dtype=torch.float64)
    slope = (schedule.alpha(t + 1e-6) - schedule.alpha(t - 1e-6)) / 2e-6
    torch.testing.assert_close(schedule.loss_weight(t), -slope / (1 - schedule.alpha(t)))


def test_a_position_stays_clean_with_its_own_rows_probability():
    uniform = (torch.arange(1000) / 1000).expand(2, 1000)
    x_t = mask_tokens(torch.arange(2000).view(2, 1000), torch.tensor([0.25, 0.75]), 9999, uniform)
    assert (x_t != 9999).sum(1).tolist() == [250, 750]
    assert (x_t[0, :250] == torch.arange(250)).all()


def test_keeping_with_probability_0_masks_all_and_with_1_masks_nothing():
    uniform = torch.tensor([[0.0, 1 - 2**-24]]).expand(2, 2)
    assert mask_tokens(torch.tensor([[5, 6]] * 2), torch.tensor([0.0, 1.0]), 9, uniform).tolist() == [[9, 9], [5, 6]]


@pytest.mark.parametrize("steps", [1, 2, 7, 1024])
def test_the_grid_falls_from_1_to_0_in_equal_steps(steps):
    grid = time_grid(steps)
    assert (len(grid), grid[0], grid[-1]) == (steps + 1, 1, 0)
    assert (grid[:-1] - grid[1:]).numpy() == pytest.approx(1 / steps)


@pytest.mark.parametrize("schedule", [LogLinearSchedule(), Cosine()])
@pytest.mark.parametrize("steps", [1, 2, 5, 16])
def test_the_share_of_uniforms_that_reveal_at_a_step_is_what_alpha_gains_in_it(schedule, steps):
    points = 100_000
    uniform = (torch.arange(points, dtype=torch.float64) + 0.5) / points
    share = torch.bincount(reveal_steps(uniform, schedule, steps), minlength=steps) / points
    assert share.numpy() == pytest.approx(schedule.alpha(time_grid(steps)).diff().numpy(), abs=1 / points)


@pytest.mark.parametrize("schedule", [LogLinearSchedule(), Cosine()])
def test_a_position_still_masked_at_t_is_revealed_by_s_with_the_probability_of_the_reverse_process(schedule):
    points, steps = 100_000, 8
    at = reveal_steps((torch.arange(points, dtype=torch.float64) + 0.5) / points, schedule, steps)
    alpha = schedule.alpha(time_grid(steps))
    for n in range(steps):
        share = (at == n).sum() / (at >= n).sum()
        assert float(share) == pytest.approx(float((alpha[n + 1] - alpha[n]) / (1 - alpha[n])), rel=1e-3)


@pytest.mark.parametrize("steps", [1, 3, 16, 1000])
def test_the_ends_of_the_unit_interval_reveal_at_the_first_and_the_last_step(steps):
    ends = torch.tensor([0.0, 1 - 2**-53], dtype=torch.float64)
    assert reveal_steps(ends, LogLinearSchedule(), steps).tolist() == [0, steps - 1]


def test_a_step_owns_the_lower_end_of_its_share_of_the_unit_interval():
    assert reveal_steps(torch.arange(8) / 8, LogLinearSchedule(), 8).tolist() == list(range(8))


def test_how_many_positions_a_step_reveals_is_binomial():
    L, T, chains = 6, 3, 6000
    order = torch.stack([uniforms(seed, REVEAL, 0, (L,)) for seed in range(chains)])
    at = reveal_steps(order, LogLinearSchedule(), T)
    law = [math.comb(L, n) * (1 / T) ** n * (1 - 1 / T) ** (L - n) for n in range(L + 1)]
    for step in range(T):
        assert p_value(np.bincount((at == step).sum(1), minlength=L + 1), law) > 1e-3


@pytest.mark.parametrize(("length", "steps"), [(12, 4), (13, 4), (3, 8), (5, 1)])
def test_dilated_positions_of_one_step_are_as_far_apart_as_they_can_be(length, steps):
    at = dilated_steps(uniforms(3, REVEAL, 0, (steps,)), torch.ones(length, dtype=torch.bool))
    for step in set(at.tolist()):
        places = (at == step).nonzero()[:, 0]
        assert (places.diff() == steps).all()
    assert len(set(at.tolist())) == min(length, steps)


def test_dilated_steps_count_the_positions_to_be_written_alone():
    masked = torch.tensor([False, True, True, False, True, False, True])
    order = uniforms(0, REVEAL, 0, (2,))
    at = dilated_steps(order, masked)[masked]
    assert at.tolist() == dilated_steps(order, torch.ones(4, dtype=torch.bool)).tolist()
    assert at[0] == at[2] != at[1] == at[3]


def test_every_order_of_the_dilated_steps_is_equally_likely():
    T, chains = 3, 6000
    masked = torch.ones(T, dtype=torch.bool)
    orders = [tuple(dilated_steps(uniforms(seed, REVEAL, 0, (T,)), masked).tolist()) for seed in range(chains)]
    counts = np.array([orders.count(order) for order in itertools.permutations(range(T))])
    assert p_value(counts, np.full(6, 1 / 6)) > 1e-3
