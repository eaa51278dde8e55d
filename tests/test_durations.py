"""Seconds are said as people say them, everywhere by one function."""

import pytest

from edlm_core.durations import spoken


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (40, "40 s"),
        (89.4, "89 s"),
        (90, "2 min"),
        (1.7e3, "28 min"),
        (89 * 60, "89 min"),
        (90 * 60, "1 h 30 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_a_duration(seconds, said):
    assert spoken(seconds) == said


def test_a_duration_in_another_language():
    assert spoken(1700, {"{min} min": "{min} мин."}.__getitem__) == "28 мин."
