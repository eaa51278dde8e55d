"""The Watch page as a script: what stands on it, what Run does, and how it fails."""

import gettext
import shutil
from dataclasses import replace

import pytest

from edlm_core.catalogue import SAMPLERS
from edlm_core.models import checkpoints
from edlm_core.runs.run_file import save_run
from pages.parts.app import cache, i18n
from pages.parts.app.words import plain
from pages.parts.watch import averages

from .test_averages import planted_duel


def small(app, **values):
    """Set a few controls to a run that takes a moment."""
    app.slider(key="c_length").set_value(values.pop("length", 16))
    app.slider(key="c_steps").set_value(values.pop("steps", 4))
    app.text_input(key="c_prompt").set_value(values.pop("prompt", ""))
    assert not values
    return app


def errors(app):
    return [e.value for e in app.error]


def test_the_first_screen_shows_a_bundled_run_and_no_error(app):
    app.run()
    assert not app.exception
    assert not errors(app)
    first = next(iter(cache.bundled_runs()))
    assert app.session_state.visit.example == first
    assert app.session_state.visit.shown.replay
    assert any("Recorded earlier" in c.value for c in app.caption)
    assert not [b for b in app.button if b.key == "stop"]  # nothing goes on


def test_every_bundled_run_is_one_click_away(app):
    app.run()
    assert len(cache.bundled_runs()) >= 4
    for name, run in cache.bundled_runs().items():
        app.pills(key="example").set_value(name).run()
        assert not app.exception
        assert app.session_state.visit.shown.run == run
        filled = [app.slider(key="c_steps"), app.slider(key="c_k"), app.number_input(key="c_seed")]
        assert [w.value for w in filled] == [run.config.num_steps, run.config.num_candidates, run.config.seed]
        assert app.text_input(key="c_prompt").value == (run.prompt or "")


def test_another_one_takes_the_next_seed_and_run_writes_the_same_again(app):
    small(app.run(), prompt="A dog").button(key="c_run").click().run()
    first = app.session_state.visit.shown.run
    app.button(key="c_another").click().run()
    second = app.session_state.visit.shown.run
    assert second.config == replace(first.config, seed=first.config.seed + 1)
    assert second.lanes[0].x != first.lanes[0].x
    app.button(key="c_run").click().run()
    assert [lane.x for lane in app.session_state.visit.shown.run.lanes] == [lane.x for lane in second.lanes]


def test_what_is_known_on_average_stands_under_the_title_and_in_about(app, monkeypatch):
    monkeypatch.setattr(averages, "duel", lambda *_, **__: None)
    app.run()
    assert not [c.value for c in app.caption if "takes" in c.value]  # nobody has measured
    monkeypatch.setattr(averages, "duel", lambda *_, **__: planted_duel())
    app.button(key="about").click().run()
    assert not app.exception
    (found,) = [c.value for c in app.caption if "takes" in c.value]
    assert "in 60 % of the pairs" in found.replace("\u00a0", " ").replace("60%", "60 %")
    said = [m.value for m in app.markdown]
    assert found in said
    assert any(m.startswith("**ESS**") for m in said)
    assert all(any(f"(`{name}`)" in m for m in said) for name in SAMPLERS)


def test_run_writes_what_the_command_line_writes(app, tales):
    app.query_params["seed"] = "0"  # a link's settings, where the ready-made run has others
    app.query_params["length"] = "8"
    app.query_params["steps"] = "1"
    from edlm_core.config import Request, SampleConfig
    from edlm_core.runs.steps import generate

    small(app.run(), prompt="The cat").button(key="c_run").click().run()
    shown = app.session_state.visit.shown
    assert (shown.replay, shown.live) == (False, False)
    config = SampleConfig(length=16, num_steps=4, reveal="dilated")
    trace, _ = generate(tales, Request("corrector", "ar", config, "The cat"))
    x = cache_x(shown.run)
    assert x == trace.x_0[0].tolist()
    assert any("Computed just now" in c.value for c in app.caption)
    assert "judge_nll_ar" in shown.run.lanes[1].measures


def cache_x(run):
    from edlm_core.runs.run_file import lane_array

    return [run.token_ids[i] for i in lane_array(run.lanes[1], "x")[-1]]


def test_a_link_fills_the_controls_and_writes_the_same_text(app):
    small(app.run(), prompt="A dog").button(key="c_run").click().run()
    link, lanes = app.session_state.visit.shown.link, app.session_state.visit.shown.run.lanes
    visitor = type(app).from_file("../../app.py", default_timeout=120)
    for pair in link.removeprefix("?").replace("+", " ").split("&"):
        visitor.query_params[pair.split("=")[0]] = pair.split("=")[1]
    visitor.run()
    assert visitor.text_input(key="c_prompt").value == "A dog"
    assert [lane.x for lane in visitor.session_state.visit.shown.run.lanes] == [lane.x for lane in lanes]


def test_a_link_made_with_other_weights_says_so(app):
    app.query_params.update({"seed": "1", "length": "8", "steps": "2", "weights": "0123456789ab"})
    app.run()
    assert any("other weights (0123456789ab)" in c.value for c in app.caption)


def test_a_broken_link_is_named_and_the_rest_of_the_page_works(app):
    app.query_params.update({"seed": "1", "steps": "0", "run": "<b>none</b>", "at": "x", "model": "../etc"})
    app.run()
    assert not app.exception
    assert [e.split("”")[0] for e in errors(app)] == ["“Steps T", "“Model", "“Ready-made runs"]
    assert app.session_state.visit.task is None
    assert app.session_state.visit.shown is not None


def test_a_prompt_that_is_too_long_is_refused_and_kept_and_how_it_is_read_is_said(app):
    words = "word_" * 60
    small(app.run(), prompt=words).button(key="c_run").click().run()
    assert any("the whole text is to have 16." in e for e in errors(app))
    assert app.text_input(key="c_prompt").value == words
    assert any(c.value.startswith(plain("60 blanks found.")) for c in app.caption)


def test_no_lane_is_refused_before_it_runs(app):
    app.run()
    app.pills(key="c_lanes").set_value([]).run()
    assert any(e.startswith("No lane is chosen") for e in errors(app))


@pytest.mark.parametrize("damage", ["missing", "truncated", "no tokenizer"])
def test_damaged_weights_are_named_with_the_way_out_and_replays_still_play(app, damage, tmp_path, monkeypatch):
    shutil.copytree(checkpoints.MODELS / "tales", tmp_path / "tales")
    weights = tmp_path / "tales" / "denoiser.safetensors"
    if damage == "missing":
        weights.unlink()
    elif damage == "truncated":
        weights.write_bytes(weights.read_bytes()[:10_000])
    else:
        weights = tmp_path / "tales" / "tokenizer.json"
        weights.unlink()
    for module in ("model_refs", "models.networks", "models.checkpoints"):
        monkeypatch.setattr(f"edlm_core.{module}.BUNDLED", tmp_path)
    app.run()
    assert not app.exception
    assert any(weights.name in e and "git checkout -- assets/models/tales" in e for e in errors(app))
    assert app.session_state.visit.shown.replay
    app.button(key="c_run").click().run()
    assert any(weights.name in e for e in errors(app))


def test_a_smollm2_that_is_missing_says_how_to_get_it(app, monkeypatch):
    from edlm_core.models import pretrained

    def missing():
        raise pretrained.MissingModel("smollm2-missing", how=pretrained.HOW_TO_GET)

    monkeypatch.setattr(pretrained, "_where", missing)
    small(app.run()).selectbox(key="c_energy").set_value("smollm2")
    app.button(key="c_run").click().run()
    assert any("make install" in e for e in errors(app))


def test_a_saved_run_opens_again(app):
    app.run()
    run = app.session_state.visit.shown.run
    app.file_uploader(key="upload").set_value(("mine.json", save_run(run), "application/json")).run()
    assert not errors(app)
    assert app.session_state.visit.shown.id.startswith("file-")
    assert app.session_state.visit.shown.run == run


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This is not a run file."),
        (b"not json", "This is not a run file."),
        (b"{}", "This file is from another program."),
        (b'{"format": "edlm-run", "version": 99}', "This file was saved by another version of the app"),
    ],
)
def test_a_file_that_is_no_run_is_refused_by_name(app, content, said):
    app.run()
    app.file_uploader(key="upload").set_value(("odd.json", content, "application/json")).run()
    assert not app.exception
    assert any(e.startswith(plain(f"odd.json: {said}")) for e in errors(app))
    assert app.session_state.visit.shown.replay  # what was on the stage stays


def test_every_visible_string_goes_through_gettext(app, monkeypatch):
    class Marked(gettext.NullTranslations):
        def gettext(self, message):
            return f"«{message}»"

        def ngettext(self, one, many, n):
            return f"«{one if n == 1 else many}»"

    monkeypatch.setattr(i18n, "_translation", lambda name: Marked())
    app.run()
    assert not app.exception
    visible = [e.value for kind in (app.title, app.markdown, app.caption, app.error) for e in kind]
    visible += [
        w.label
        for kind in (app.button, app.slider, app.text_input, app.selectbox, app.number_input, app.pills, app.expander)
        for w in kind
    ]
    visible += [o for w in (*app.pills, app.selectbox(key="c_energy")) for o in w.options]
    assert len(visible) > 25
    assert not [text for text in visible if "«" not in text]
