"""What decides a run is checked when it is written down."""

import json
import math
from dataclasses import asdict

import pytest

from edlm_core.config import MAX_CANDIDATES, MAX_CHAINS, MAX_LENGTH, MAX_STEPS, Request, SampleConfig
from edlm_core.refusals import Refusal


@pytest.mark.parametrize(
    ("field", "highest"),
    [("length", MAX_LENGTH), ("num_steps", MAX_STEPS), ("num_candidates", MAX_CANDIDATES), ("num_chains", MAX_CHAINS)],
)
def test_counts_run_from_one_to_their_maximum(field, highest):
    for good in (1, highest):
        assert getattr(SampleConfig(**{field: good}), field) == good
    for bad in (0, -1, highest + 1, 2.0, True, "3", None, math.nan):
        with pytest.raises(ValueError, match=rf"expected a whole number from 1 to {highest}, got"):
            SampleConfig(**{field: bad})


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5])
def test_a_seed_is_a_whole_number_below_2_to_the_32(seed):
    assert SampleConfig(seed=2**32 - 1).seed == 2**32 - 1
    with pytest.raises(ValueError, match="seed: expected"):
        SampleConfig(seed=seed)


def test_the_last_texts_seed_is_one_too():
    assert SampleConfig(seed=2**32 - 17, num_chains=17).num_chains == 17
    with pytest.raises(Refusal, match=r"expected seed \+ num of at most 4294967296, got 4294967295 \+ 17"):
        SampleConfig(seed=2**32 - 1, num_chains=17)


@pytest.mark.parametrize("adaptive", [1, "no", None])
def test_a_switch_is_true_or_false(adaptive):
    with pytest.raises(Refusal, match="adaptive: expected true or false, got"):
        SampleConfig(adaptive=adaptive)


@pytest.mark.parametrize("prompt", [3, b"Tom", ["Tom"]])
def test_a_prompt_is_a_text(prompt):
    with pytest.raises(Refusal, match="prompt: expected a text, got"):
        Request("edlm", "ar", SampleConfig(), prompt)


@pytest.mark.parametrize(
    "window",
    [
        (-0.1, 1),
        (0, 1.1),
        (0.9, 0.1),
        (math.nan, 1),
        (0, math.nan),
        (-math.inf, 1),
        (0, 1, 1),
        0.5,
        "01",
        ("0", "1"),
        None,
    ],
)
def test_a_window_is_two_times_in_order(window):
    assert SampleConfig(window=(0.3, 0.3)).window == (0.3, 0.3)
    with pytest.raises(ValueError, match="window: expected 0 <= low <= high <= 1"):
        SampleConfig(window=window)


@pytest.mark.parametrize("temperature", [0, -1, math.nan, -math.inf, math.inf, 1e-4, "1", None, True])
@pytest.mark.parametrize("field", ["temperature", "energy_temperature"])
def test_temperatures_are_positive_and_not_so_small_that_float32_ends(field, temperature):
    assert getattr(SampleConfig(**{field: 0.001}), field) == 0.001
    with pytest.raises(ValueError, match=r"temperature: expected a number from 0\.001 up"):
        SampleConfig(**{field: temperature})


def test_equal_configs_are_one_cache_key():
    assert len({SampleConfig(), SampleConfig(seed=0), SampleConfig(seed=1)}) == 2


@pytest.mark.parametrize(
    ("sampler", "energy"),
    [("edml", "ar"), ("edlm", "foo"), ("", "ar"), (None, "none"), ("edlm", None), ("edlm", 3), ("edlm", "ar+foo")],
)
def test_an_unknown_sampler_or_energy_is_refused_with_the_known_ones(sampler, energy):
    with pytest.raises(ValueError, match=r"expected one of .*choose one of these"):
        Request(sampler, energy, SampleConfig())


@pytest.mark.parametrize("reveal", ["", "Random", "left to right", None])
def test_the_order_of_revealing_is_one_of_those_there_are(reveal):
    with pytest.raises(ValueError, match="reveal: expected one of random, dilated, got"):
        SampleConfig(reveal=reveal)


def test_a_stored_config_is_read_as_it_was_and_what_is_missing_has_its_default():
    config = SampleConfig(length=12, window=(0.25, 0.5), adaptive=True, reveal="dilated", seed=9)
    assert SampleConfig.of(json.loads(json.dumps(asdict(config)))) == config
    assert SampleConfig.of({"length": 12}) == SampleConfig(length=12)


@pytest.mark.parametrize("stored", [{"lenght": 3}, {"length": "3"}, {"window": [1]}, {"window": {}}, {"adaptive": 1}])
def test_a_stored_config_of_another_kind_is_refused(stored):
    with pytest.raises(Refusal):
        SampleConfig.of(stored)


def test_a_refusal_is_one_short_line_whatever_came():
    with pytest.raises(Refusal) as refused:
        Request("edlm\n" + "x" * 10_000, "ar", SampleConfig())
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)
