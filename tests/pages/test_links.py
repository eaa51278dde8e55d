"""A link says what the controls say, and a link that was tampered with is checked like any input."""

import pytest

from pages.parts.app.links import Settings, settings_of_query

CHANGED = Settings(
    lanes=("mdlm", "edlm", "ar"), energy="smollm2", prompt="A ___ & b=ü?", length=32, steps=8, k=16,
    low=0.25, high=0.75, temperature=0.9, energy_temperature=2.0, seed=7, sampler="smc", reveal="random",
)  # fmt: skip


@pytest.mark.parametrize("settings", [Settings(), Settings(seed=3), CHANGED])
def test_settings_survive_the_link(settings):
    assert settings_of_query(settings.query()) == (settings, [])


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"steps": "0"}, "steps"),
        ({"steps": "x"}, "steps"),
        ({"k": "100000"}, "k"),
        ({"length": "1e9"}, "length"),
        ({"length": "9999"}, "length"),
        ({"length": "7"}, "length"),
        ({"low": "nan"}, "low"),
        ({"high": "2"}, "high"),
        ({"temperature": "0.4"}, "temperature"),
        ({"energy_temperature": "9"}, "energy_temperature"),
        ({"low": "0.9", "high": "0.1"}, "window"),
        ({"temperature": "-1"}, "temperature"),
        ({"temperature": "nan"}, "temperature"),
        ({"energy": "<script>"}, "energy"),
        ({"sampler": "foo"}, "sampler"),
        ({"sampler": "ar"}, "sampler"),
        ({"lanes": "mdlm,mdlm"}, "lanes"),
        ({"lanes": ""}, "lanes"),
        ({"prompt": "a" * 2001}, "prompt"),
        ({"seed": "-1"}, "seed"),
    ],
)
def test_a_bad_part_is_named_and_the_default_kept(query, named):
    settings, problems = settings_of_query(query)
    assert len(problems) == 1
    assert problems[0].startswith(named)
    for name in query:
        if name not in ("low", "high"):
            assert getattr(settings, name) == getattr(Settings(), name)


def test_parts_that_are_not_settings_are_left_alone():
    assert settings_of_query({"utm": "x", "at": "3", "lang": "ja"}) == (Settings(), [])


def test_a_sampler_that_the_energy_does_not_suit_is_named():
    settings, problems = settings_of_query({"sampler": "speculative", "energy": "nce"})
    assert (settings.sampler, settings.energy) == ("speculative", "ar")
    assert problems[0].startswith("energy: expected one of none, ar, coar, smollm2 with speculative")


def test_the_corrected_lane_is_drawn_by_the_sampler_that_was_chosen_and_the_others_by_their_own():
    requests = Settings(lanes=("mdlm", "edlm", "ar"), sampler="gibbs").requests()
    assert [request.sampler for request in requests] == ["mdlm", "gibbs", "ar"]
