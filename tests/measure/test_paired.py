"""Averages and their intervals, and comparisons of paired texts."""

import math

import numpy as np
import pytest

from edlm_core.measure.paired import beyond, closed, holm, mean_interval, paired_difference, paired_test, student


def test_the_interval_of_four_values_is_students_3_182_standard_errors_either_side_of_the_mean():
    mean, half = mean_interval([1.0, 2.0, 3.0, 6.0])
    assert mean == 3
    assert half == pytest.approx(3.182 * math.sqrt(14 / 3 / 4))


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [(1, 12.706), (3, 3.182), (9, 2.262), (10, 2.2281), (11, 2.2010), (15, 2.1314), (30, 2.0423), (10**6, 1.95997)],
)
def test_students_quantiles_are_those_of_the_tables(degrees, expected):
    assert student(degrees) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("t", "degrees", "expected"),
    [
        (1.0, 1, 0.5),  # Cauchy's law
        (1.0, 2, 1 - 1 / math.sqrt(3)),
        (12.706, 1, 0.05),
        (4.303, 2, 0.05),
        (2.262, 9, 0.05),
        (3.169, 10, 0.01),
        (2.75, 30, 0.01),
        (1.96, 10**5, 0.05),
        (0.0, 7, 1.0),
    ],
)
def test_the_tails_of_students_law_are_those_of_the_tables(t, degrees, expected):
    assert beyond(t, degrees) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("degrees", range(1, 12))
def test_the_tails_are_the_area_under_the_density(degrees):
    x = np.linspace(-1.7, 1.7, 20_001)
    density = (1 + x**2 / degrees) ** (-(degrees + 1) / 2)
    density *= math.gamma((degrees + 1) / 2) / math.gamma(degrees / 2) / math.sqrt(math.pi * degrees)
    assert beyond(1.7, degrees) == pytest.approx(1 - np.trapezoid(density, x), abs=1e-7)


@pytest.mark.parametrize("n", [2, 4, 12])
def test_the_interval_of_few_values_covers_the_truth_as_often_as_it_says(n):
    draws = np.random.default_rng(1).normal(5, 2, size=(4000, n))
    covered = sum(abs(mean - 5) <= half for mean, half in map(mean_interval, draws.tolist()))
    assert covered / 4000 == pytest.approx(0.95, abs=0.012)


def test_one_value_has_no_interval():
    mean, half = mean_interval([7.0])
    assert mean == 7
    assert math.isnan(half)


def test_the_interval_covers_the_truth_19_times_in_20():
    draws = np.random.default_rng(0).normal(5, 2, size=(4000, 40))
    covered = sum(abs(mean - 5) <= half for mean, half in map(mean_interval, draws.tolist()))
    assert covered / 4000 == pytest.approx(0.95, abs=0.012)


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


# ── a test of two settings ───────────────────────────────────────────────────────
def by_seed(values):
    return dict(enumerate(values))


def test_pairs_are_of_one_seed_and_what_is_missing_is_counted_apart():
    found = paired_test({1: 2.0, 2: 5.0, 3: None, 4: 1.0, 9: 7.0}, {1: 1.0, 2: 2.0, 3: 4.0, 4: None, 5: 0.0})
    assert (found.pairs, found.failures, found.mean) == (2, 2, 2.0)
    assert paired_test({1: None}, {1: 2.0}) is None
    assert paired_test({1: 1.0}, {2: 2.0}) is None


def test_differences_that_are_all_the_same_are_settled():
    found = paired_test(by_seed([1.5, 2.5, 3.5]), by_seed([1.0, 2.0, 3.0]))
    assert (found.mean, found.low, found.high, found.p, found.more, found.settled) == (0.5, 0.5, 0.5, 0.0, 0, True)
    even = paired_test(by_seed([1.0, 2.0]), by_seed([1.0, 2.0]))
    assert (even.mean, even.p, even.more, even.settled) == (0.0, 1.0, None, False)
    alone = paired_test({1: 2.0}, {1: 1.0})
    assert (alone.pairs, alone.p, alone.more) == (1, 1.0, None)


def test_the_interval_is_that_of_the_normal_law_where_there_are_many():
    differences = np.random.default_rng(1).normal(0.3, 1, 4000)
    found = paired_test(by_seed(differences.tolist()), by_seed([0.0] * 4000))
    mean, half = mean_interval(differences.tolist())
    assert (found.low, found.high) == pytest.approx((mean - half, mean + half), abs=0.003)
    assert found.settled


def test_it_says_how_many_texts_more_would_settle_it():
    """Mean 1, standard deviation 8 of 64 pairs: ± 1.96 now, and 1.96² · 64 = 245.9 pairs for ± 1."""
    spread = 8 * math.sqrt(63 / 64)
    found = paired_test(by_seed([1 + spread, 1 - spread] * 32), by_seed([0.0] * 64))
    assert (found.mean, found.pairs) == (pytest.approx(1), 64)
    assert found.low < 0 < found.high
    assert found.more == 246 - 64
    assert found.p == pytest.approx(beyond(1, 63))  # one standard error from 0


def test_few_pairs_are_judged_by_students_law():
    """Differences of 1, 2 and 3: a mean of 2 with an error of 1/√3, t = 3.4641; by the normal law p were 0.0005."""
    found = paired_test(by_seed([1.0, 2.0, 3.0]), by_seed([0.0, 0.0, 0.0]))
    assert found.p == pytest.approx(1 - math.sqrt(12 / 14), abs=1e-9)  # of 2 degrees, 1 - t / √(2 + t²)


def test_holm_as_in_a_textbook():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []
