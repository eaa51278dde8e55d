"""How long a task still takes: by whoever asked until it has a pace, then by that alone."""

import pytest

from edlm_core.work.pace import LEAST, Pace


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_before_there_is_a_pace_what_was_expected_goes_down_by_what_was_spent(clock):
    pace, unknown = Pace(60.0, clock), Pace(None, clock)
    assert (pace.left(0.0), unknown.left(0.0)) == (60.0, None)
    clock.now += 20
    assert (pace.left(LEAST / 2), unknown.left(LEAST / 2)) == (40.0, None)
    clock.now += 90
    assert pace.left(LEAST / 2) == 0.0


def test_what_is_left_takes_as_long_as_what_was_done(clock):
    pace = Pace(9999.0, clock)
    pace.left(0.0)
    clock.now += 30
    assert pace.left(0.25) == pytest.approx(90)
    assert pace.left(1.0) == 0


def test_what_was_kept_from_an_earlier_start_says_nothing_of_the_pace(clock):
    pace = Pace(None, clock)
    assert pace.left(0.6) is None
    clock.now += 10
    assert pace.left(0.7) == pytest.approx(30)
