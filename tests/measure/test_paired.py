"""Averages and their intervals, and comparisons of paired texts."""

import math

import numpy as np
import pytest

from edlm_core.measure.paired import closed, mean_interval, paired_difference


def test_the_interval_is_1_96_standard_errors_either_side_of_the_mean():
    mean, half = mean_interval([1.0, 2.0, 3.0, 6.0])
    assert mean == 3
    assert half == pytest.approx(1.96 * math.sqrt(14 / 3 / 4))


def test_one_value_has_no_interval():
    mean, half = mean_interval([7.0])
    assert mean == 7
    assert math.isnan(half)


def test_the_interval_covers_the_truth_19_times_in_20():
    draws = np.random.default_rng(0).normal(5, 2, size=(4000, 40))
    covered = sum(abs(mean - 5) <= half for mean, half in map(mean_interval, draws.tolist()))
    assert covered / 4000 == pytest.approx(0.943, abs=0.012)  # Student's t, 39 degrees of freedom


def test_pairs_differ_by_the_mean_of_their_differences():
    assert paired_difference([1.0, 2.0, 6.0], [0.0, 3.0, 3.0]) == mean_interval([1.0, -1.0, 3.0])
    assert paired_difference([5.0, 7.0], [4.0, 6.0]) == (1.0, 0.0)  # whatever the spread of each


def test_the_share_of_the_way_is_a_ratio_of_means_with_an_interval_around_it():
    rng = np.random.default_rng(0)
    mdlm, noise = rng.normal(5, 1, 400), rng.normal(0, 0.2, 400)
    share, low, high = closed(mdlm, mdlm - 0.5 + noise, mdlm - 2)
    assert share == pytest.approx(0.25, abs=0.02)
    assert low < share < high < low + 0.05
    assert closed(mdlm, mdlm, mdlm - 2)[0] == 0
    assert closed(mdlm, mdlm - 2, mdlm - 2)[0] == pytest.approx(1)
