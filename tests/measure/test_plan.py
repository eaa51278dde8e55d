"""What a sweep will take, from rates that are known."""

from dataclasses import replace

import pytest

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.plan import judge_rate, kinds_of, plan, seconds_a_text

CONFIG = SampleConfig(length=10, num_steps=4, num_candidates=3, num_chains=6, reveal="dilated")
RATES = {"denoiser": 0.5, "ar": 2.0, "baseline": 7.0, judge_rate("ar"): 1.0}
CELLS = {"a": Request("mdlm", "none", replace(CONFIG, num_candidates=1)), "b": Request("edlm", "ar", CONFIG)}


def test_a_text_is_written_and_judged():
    assert seconds_a_text(CELLS["a"], (), RATES) == 4 * 10 * 0.5
    assert seconds_a_text(CELLS["b"], ("ar",), RATES) == 4 * 10 * 0.5 + 4 * 3 * 10 * 2.0 + 10
    assert seconds_a_text(Request("ar", "ar", CONFIG), (), RATES) == 70


def test_what_is_kept_costs_nothing():
    told = plan(CELLS, {"a": set(range(3, 100)), "b": {0}, "c": {1}}, ["ar"], RATES)
    assert (told.cells, told.texts, told.kept, told.left) == (2, 12, 4, 8)
    assert told.seconds == pytest.approx(3 * 30 + 5 * 270)


def test_what_is_not_known_is_not_told():
    assert plan(CELLS, {}, ["smollm2"], RATES).seconds is None
    assert plan(CELLS, {}, [], None).seconds is None
    assert plan(CELLS, {name: set(range(6)) for name in CELLS}, [], None).seconds == 0


def test_rates_depend_on_samplers_energies_and_the_longest_text():
    asked = [*CELLS.values(), Request("edlm", "ar", replace(CONFIG, length=30, num_steps=9))]
    assert [(one.sampler, one.energy, one.config.length) for one in kinds_of(asked)] == [
        ("mdlm", "none", 30),
        ("edlm", "ar", 30),
    ]
