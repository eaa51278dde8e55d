"""Dominated points, against the definition word by word."""

import math

import numpy as np

from edlm_core.measure.frontier import dominated


def by_definition(points):
    return [any(o != p and o[0] <= p[0] and o[1] <= p[1] for o in points) for p in points]


def test_a_point_is_dominated_where_another_is_no_worse_in_both_and_better_in_one():
    points = [(1, 5), (2, 4), (2, 5), (3, 4), (3, 1), (1, 5)]
    assert dominated(points) == [False, False, True, True, False, False]
    assert dominated([]) == []


def test_it_is_the_definition_with_ties_everywhere():
    rng = np.random.default_rng(0)
    for _ in range(200):
        points = [tuple(map(float, point)) for point in rng.integers(4, size=(8, 2))]
        assert dominated(points) == by_definition(points)


def test_what_was_not_measured_dominates_nobody():
    assert dominated([(1, math.nan), (2, 3), (3, 4)]) == [False, False, True]
