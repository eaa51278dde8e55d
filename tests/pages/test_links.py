"""A link says what the controls say, and a link that was tampered with is checked like any input."""

import argparse
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode

import pytest
from streamlit.testing.v1 import AppTest

from edlm_core.commands.sample import add_sampling_arguments, request_of
from edlm_core.config import SampleConfig
from edlm_core.runs.recording import Recording
from edlm_core.runs.run_file import load_run, save_run
from edlm_core.runs.steps import ENERGY_OF
from edlm_core.settings import Numeric
from pages.parts.app.links import SETTINGS, Settings, conditions_of_run, differing, settings_of_query, settings_of_run

# Another value than the default's for every setting there is.
OTHERS = {
    "model": "mine",
    "lanes": ("mdlm", "edlm", "ar"),
    "sampler": "gibbs",
    "energy": "ar+nce",
    "prompt": "A ___ & b=ü?",
    "length": 32,
    "num_steps": 8,
    "num_candidates": 16,
    "window": (0.123456789, 0.75),
    "temperature": 0.9,
    "energy_temperature": 2.0,
    "reveal": "random",
    "adaptive": True,
    "num_chains": 1,  # a page writes one text
    "seed": 2**32 - 1,
}
CHANGED = Settings().set(**OTHERS)


def test_every_setting_is_tried():
    assert set(OTHERS) == set(SETTINGS)
    assert [name for name in OTHERS if OTHERS[name] == Settings().value(name)] == ["num_chains"]


@pytest.mark.parametrize("settings", [Settings(), Settings().set(seed=3), CHANGED])
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
        ({"seed": "4294967296"}, "seed"),
        ({"adaptive": "yes"}, "adaptive"),
        ({"num": "2"}, "num"),
        ({"energy": "text:/etc"}, "energy"),
        ({"energy": "ar+text:gpt2"}, "energy"),
        ({"energy": "ar+nce+ar"}, "energy"),
        ({"energy": "+".join(["ar"] * 1000)}, "energy"),
    ],
)
def test_a_bad_part_is_named_and_the_default_kept(query, named):
    settings, problems = settings_of_query(query)
    assert len(problems) == 1
    assert str(problems[0]).startswith(named)
    for name, setting in SETTINGS.items():
        if set(query) & set(setting.keys) and name != "window":
            assert settings.value(name) == Settings().value(name)


def test_parts_that_are_not_settings_are_left_alone():
    assert settings_of_query({"utm": "x", "at": "3", "lang": "ja"}) == (Settings(), [])


def test_a_sampler_that_the_energy_does_not_suit_is_named():
    settings, problems = settings_of_query({"sampler": "speculative", "energy": "nce"})
    assert (settings.sampler, settings.energy) == ("speculative", "ar")
    assert str(problems[0]).startswith("energy: expected one of none, ar, coar, smollm2 with speculative")


def test_the_corrected_lane_is_drawn_by_the_sampler_that_was_chosen_and_the_others_by_their_own():
    requests = Settings(lanes=("mdlm", "edlm", "ar"), sampler="gibbs").requests()
    assert [request.sampler for request in requests] == ["mdlm", "gibbs", "ar"]


# ── there and back, each setting by each of its four ways ────────────────────────
@pytest.mark.parametrize("name", OTHERS)
def test_a_setting_goes_through_a_link_and_back(name):
    changed = Settings().set(**{name: OTHERS[name]})
    query = dict(parse_qsl(urlencode(changed.query())))
    assert settings_of_query(query) == (changed, [])


@pytest.mark.parametrize("name", [name for name in OTHERS if name not in ("model", "lanes")])
def test_a_setting_goes_through_the_command_line_and_back(name):
    setting, value = SETTINGS[name], 3 if name == "num_chains" else OTHERS[name]
    words = [] if value is True else [str(v) for v in value] if isinstance(value, tuple) else [str(value)]
    parser = argparse.ArgumentParser()
    add_sampling_arguments(parser)
    args = parser.parse_args(["--seed", "0", setting.flag, *words])
    request = request_of(args, args.sampler)
    where = request.config if hasattr(request.config, name) else request
    assert getattr(where, name) == value


@pytest.mark.parametrize("name", [name for name in OTHERS if name != "model"])
def test_a_setting_goes_through_a_run_file_and_back(name, tiny, monkeypatch):
    monkeypatch.setitem(ENERGY_OF, "nce", ENERGY_OF["none"])  # the small model has not learned one,
    monkeypatch.setattr("edlm_core.runs.steps.budget.check", lambda *_args, **_more: None)  # nor has it a size
    settings = Settings(config=SampleConfig(length=16, num_steps=2, num_candidates=2)).set(**{name: OTHERS[name]})
    recording = Recording(tiny, settings.requests(), "")
    list(recording.steps())
    assert settings_of_run(load_run(save_run(recording.result()))) == replace(settings, model="tiny")


def form_alone():
    import streamlit as st

    from pages.parts.app import form
    from pages.parts.app.links import Settings
    from pages.parts.widgets import controls

    if "begun" not in st.session_state:
        st.session_state.begun = True
        form.fill(Settings().set(**st.session_state.asked))
    form.recall()
    controls.form_line(lambda settings: None, dict)
    st.session_state.found = form.read()


@pytest.fixture(scope="module")
def controls():
    def draw(**asked):
        app = AppTest.from_function(form_alone, default_timeout=30)
        app.session_state.asked = asked
        return app.run()

    return draw


@pytest.mark.parametrize("name", [name for name in OTHERS if name != "model"])
def test_a_setting_goes_through_its_control_and_back(name, controls):
    app = controls(**{name: OTHERS[name]})
    assert not app.exception
    assert app.session_state.found == Settings().set(**{name: OTHERS[name]})
    app.run()  # what the widgets hand back, not what was put into them
    assert app.session_state.found == Settings().set(**{name: OTHERS[name]})


def test_a_slider_spans_what_a_page_takes_and_is_called_what_the_setting_is_called(controls):
    app = controls()
    sliders = {slider.key: slider for slider in app.slider}
    spans = {"c_" + "_".join(s.keys): s for s in SETTINGS.values() if isinstance(s, Numeric) and s.page}
    assert set(sliders) == set(spans) - {"c_num"}  # a page writes one text
    for key, slider in sliders.items():
        assert (slider.label, (slider.min, slider.max)) == (spans[key].label, spans[key].page)


def test_a_page_takes_no_more_than_a_run_does():
    for setting in SETTINGS.values():
        if isinstance(setting, Numeric) and setting.page is not None:
            assert setting.least <= setting.page[0] <= setting.page[1] <= setting.most


# ── conditions ───────────────────────────────────────────────────────────────────
RUN = SimpleNamespace(model=SimpleNamespace(fingerprint="0123"), dtype="float32", software={"threads": "1"})


def test_a_link_says_under_what_conditions_its_text_was_written():
    assert conditions_of_run(RUN) == {"weights": "0123", "dtype": "float32", "threads": "1"}
    assert differing(conditions_of_run(RUN), RUN) == {}
    assert differing({}, RUN) == {}  # a link written by hand asks for nothing


def test_what_differs_is_told_with_both():
    asked = {"weights": "4567", "dtype": "bfloat16", "threads": "1"}
    assert differing(asked, RUN) == {"weights": ("4567", "0123"), "dtype": ("bfloat16", "float32")}


def test_what_a_run_does_not_say_is_not_held_against_it():
    silent = SimpleNamespace(model=RUN.model, dtype=RUN.dtype, software={})
    assert differing({"threads": "2"}, silent) == {}
