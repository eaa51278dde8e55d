"""Estimates of time come from times, and from the right number of steps."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from edlm_core.catalogue import expected_steps
from edlm_core.config import Request, SampleConfig
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.method.timetable import scheduled
from edlm_core.runs.costs import estimate_seconds, learn


@pytest.mark.parametrize(("length", "steps"), [(1, 1), (1, 9), (5, 3), (64, 16)])
def test_expected_steps_is_the_mean_number_of_distinct_uniform_steps(length, steps):
    drawn = np.random.default_rng(0).integers(steps, size=(20_000, length))
    counts = np.array([len(set(row)) for row in drawn.tolist()])
    assert expected_steps(length, steps) == pytest.approx(counts.mean(), abs=5 * counts.std() / 20_000**0.5 + 1e-9)


@pytest.mark.parametrize(("length", "steps"), [(1, 9), (5, 3), (64, 16)])
def test_dilated_no_step_is_empty_while_there_are_positions(length, steps):
    config = SampleConfig(length=length, num_steps=steps, reveal="dilated")
    events = scheduled(0, torch.ones(length, dtype=torch.bool), LogLinearSchedule(), config)
    assert expected_steps(length, steps, "dilated") == len(events)


def lane(sampler, seconds, energy_calls, k=1, steps=10, length=20):
    return SimpleNamespace(
        sampler=sampler,
        seconds=seconds,
        steps=steps,
        length=length,
        energy_calls=energy_calls,
        num_candidates=[k] * steps,
    )


def test_a_run_like_the_one_learned_from_is_estimated_to_take_as_long():
    lanes = [lane("mdlm", 2.0, 0), lane("edlm", 10.0, 10, k=4), lane("ar", 3.0, 0, steps=20)]
    run = SimpleNamespace(energy="ar", lanes=lanes)
    rates = learn({}, run)
    config = SampleConfig(length=20, num_steps=10, num_candidates=4)
    share = expected_steps(20, 10) / 10  # the run learned from had no empty step
    requests = [Request(sampler, "ar", config) for sampler in ("mdlm", "edlm", "ar")]
    assert estimate_seconds(requests[:1], rates) == pytest.approx(2.0 * share)
    assert estimate_seconds(requests[1:2], rates) == pytest.approx(10.0 * share)
    assert estimate_seconds(requests[2:], rates) == pytest.approx(3.0)


def test_an_estimate_is_withheld_while_a_rate_is_unknown():
    config = SampleConfig(length=20, num_steps=10)
    assert estimate_seconds([Request("edlm", "smollm2", config)], {"denoiser": 1.0, "ar": 1.0}) is None
    assert estimate_seconds([Request("edlm", "none", config)], {"denoiser": 1.0}) is not None


def test_a_sum_of_energies_costs_what_its_networks_cost_together():
    config, rates = SampleConfig(length=20, num_steps=10), {"denoiser": 1.0, "ar": 2.0, "nce": 3.0}
    plain, one, other, both = (
        estimate_seconds([Request("edlm", energy, config)], rates) for energy in ("none", "ar", "nce", "ar+nce")
    )
    assert both - plain == pytest.approx((one - plain) + (other - plain))
    assert estimate_seconds([Request("edlm", "ar+coar", config)], rates) == pytest.approx(one)  # one network


def test_nobody_learns_from_a_sum_which_network_took_how_long():
    run = SimpleNamespace(energy="ar+nce", lanes=[lane("mdlm", 2.0, 0), lane("edlm", 10.0, 10, k=4)])
    assert learn({}, run) == {"denoiser": 2.0 / 200}


@pytest.mark.parametrize(("sampler", "energy", "same"), [("smc", "none", "mdlm"), ("gibbs", "none", "mdlm"),
                                                         ("speculative", "none", "speculative")])  # fmt: skip
def test_without_an_energy_a_sampler_costs_what_it_comes_to(sampler, energy, same):
    rates, config = {"denoiser": 1.0, "ar": 2.0}, SampleConfig(length=20)
    expected = estimate_seconds([Request(same, "ar", config)], rates)
    assert estimate_seconds([Request(sampler, energy, config)], rates) == expected


def test_a_narrow_window_costs_less():
    rates = {"denoiser": 1e-4, "ar": 1e-4}
    wide, narrow = (
        estimate_seconds([Request("edlm", "ar", SampleConfig(window=w))], rates) for w in ((0.0, 1.0), (0.5, 1.0))
    )
    assert narrow < wide
