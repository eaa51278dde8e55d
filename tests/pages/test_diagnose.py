"""The Diagnose page as a script: what stands on it, what its questions bring, and how it fails."""

import math
import re
from dataclasses import replace
from html import escape

import numpy as np
import pandas as pd
import pytest
from msgspec import structs

from edlm_core.config import Request, SampleConfig
from edlm_core.diagnosis.coherence import Split, written_at
from edlm_core.diagnosis.pool import pools_of
from edlm_core.runs.recording import Recording
from edlm_core.runs.run_file import load_run, pack, save_run
from edlm_core.runs.schema import ModelName
from pages.parts.app import asked, cache
from pages.parts.app.i18n import times
from pages.parts.app.shown import Shown
from pages.parts.app.theme import LIGHT
from pages.parts.app.words import quoted
from pages.parts.diagnose import explore
from pages.parts.diagnose.charts.pairs import coupling_chart, coupling_table, with_steps
from pages.parts.diagnose.sections import coherence, together
from pages.parts.widgets.frame import as_spec, as_svg, filled

SECTIONS = tuple(explore.SECTIONS)
CONFIG = SampleConfig(length=16, num_steps=4, num_candidates=6, seed=2)


@pytest.fixture(scope="module")
def run(tales):
    recording = Recording(tales, [Request(s, "ar", CONFIG, "Tom") for s in ("mdlm", "edlm")], "a short run")
    list(recording.steps())
    return load_run(save_run(recording.result()))


@pytest.fixture(scope="module")
def noisy(tales):
    """One whose energy puts the first draft of each step 10 nats before the seven others, whatever they are: the best
    of half of them is one of the seven every second time, and 5 nats worse on average."""
    recording = Recording(tales, [Request("edlm", "ar", SampleConfig(length=48, num_steps=4, seed=2))], "noisy")
    list(recording.steps())
    return best_drafts(recording.result(), lambda n: 0)


@pytest.fixture(scope="module")
def turning(noisy):
    """Another draft does so at each step."""
    return best_drafts(noisy, lambda n: n % 8)


def best_drafts(run, best):
    (lane,) = run.lanes
    terms = np.zeros((lane.steps, 8, lane.length))
    terms[..., 0] = 10
    for n in range(lane.steps):
        terms[n, best(n)] = 0
    energy = terms.sum(-1)
    weight = np.exp(-energy) / np.exp(-energy).sum(-1, keepdims=True)
    planted = {"token_energy": pack(terms, "<f4"), "energy": pack(energy, "<f4"), "weight": pack(weight, "<f4")}
    return load_run(save_run(structs.replace(run, lanes=[structs.replace(lane, **planted)])))


def of_version_1(run):
    lanes = [structs.replace(lane, token_energy=None) for lane in run.lanes]
    return load_run(save_run(structs.replace(run, version=1, lanes=lanes)))


@pytest.fixture
def app(app, shared, monkeypatch):
    monkeypatch.setattr(cache, "local", lambda model: shared)
    return app


@pytest.fixture
def diagnose(app):
    """Opens the page on a run."""

    def open_on(run, section="drafts", **query):
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        app.switch_page("pages/diagnose.py")
        app.session_state.visit.shown = Shown("planted", run, replay=True)
        app.session_state.d_section = section
        return app.run()

    return open_on


def settled(app, key):
    """The page after a button was pressed and its answer has come."""
    return app.button(key=key).click().run()


def words(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption, *app.info, *app.warning])


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_on_a_run_of_each_version(diagnose, run, section):
    for version in (run, of_version_1(run)):
        app = diagnose(version, section)
        assert not app.exception
        assert not app.error


def test_ready_made_runs_can_all_be_diagnosed(app):
    app.run()
    app.switch_page("pages/diagnose.py").run()
    for name, bundled in cache.bundled_runs().items():
        app.pills(key="w_example").set_value(name).run()
        assert not app.exception
        assert app.session_state.visit.shown.run == bundled


def test_a_run_without_drafts_says_what_to_do(diagnose, run):
    app = diagnose(load_run(save_run(structs.replace(run, lanes=run.lanes[:1]))))
    assert not app.exception
    assert "K above 1" in app.info[0].value


def test_a_file_of_version_1_says_what_it_lacks(diagnose, run):
    assert "version 1" in words(diagnose(of_version_1(run), "drafts"))
    assert "version 1" in words(diagnose(of_version_1(run), "comparison"))
    assert "run it again first" in words(diagnose(of_version_1(run), "what_if"))


def test_the_page_opens_where_the_energy_first_overruled_the_first_draw(diagnose, run):
    app = diagnose(run)
    lane = run.lanes[1]
    first = next(n for n, chosen in enumerate(lane.chosen) if chosen != 0)
    assert app.select_slider(key="w_step").value == first
    assert app.session_state.d_draft == 0


def test_the_step_can_be_changed_and_the_address_follows(diagnose, run):
    app = diagnose(run)
    app.select_slider(key="w_step").set_value(2).run()
    assert not app.exception
    assert app.query_params["at"] == str(run.lanes[1].step[2] + 1)
    assert app.query_params["look"] == "drafts"


@pytest.mark.parametrize("section", ["drafts", "trust", "correction", "comparison"])
def test_another_step_moves_rows_and_leaves_the_charts_as_they_are(diagnose, turning, section):
    """A chart whose own text changed would be taken apart and drawn anew: too slow to drag the slider."""

    def charts():
        found = [element.proto for element in app.get("vega_lite_chart")]
        return (
            [(proto.id, proto.spec, proto.alt) for proto in found],
            {f"{proto.id} {data.name}": data.data.data for proto in found for data in proto.datasets},
        )

    app = diagnose(turning, section)
    app.select_slider(key="w_step").set_value(1).run()
    before, rows = charts()
    app.select_slider(key="w_step").set_value(2).run()
    after, moved = charts()
    assert after == before != []
    assert rows != moved


def arrive(app, query):
    """A visitor whose first page is this one."""
    app.run()
    app.switch_page("pages/diagnose.py")
    del app.session_state["visit"]
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_an_address_leads_to_its_place(app):
    arrive(app, {"run": "3-prompt", "at": "6", "lane": "1", "draft": "4", "position": "40", "look": "pairs"})
    assert not app.exception
    state = app.session_state
    lane = cache.bundled_runs()["3-prompt"].lanes[1]
    assert lane.step[state.d_step] == 5
    assert (state.d_lane, state.d_draft, state.d_position, state.d_section) == (1, 3, 39, "pairs")


@pytest.mark.parametrize(
    "query",
    [{"at": "x"}, {"at": "9999", "lane": "99"}, {"at": "2", "draft": "900", "position": "900"}, {"look": "<script>"}],
)
def test_an_address_that_does_not_fit_is_no_error(app, query):
    assert not arrive(app, query).exception


# ── badges and advice ────────────────────────────────────────────────────────────
def test_flat_weights_get_a_badge(diagnose, tales, monkeypatch):
    from edlm_core.method.energy import ZeroEnergy
    from edlm_core.runs import steps as runs

    monkeypatch.setattr(runs, "energy_by_name", lambda model, name: ZeroEnergy(model.tokenizer.vocab_size))
    recording = Recording(tales, [Request("edlm", "ar", CONFIG)], "flat")
    list(recording.steps())
    app = diagnose(load_run(save_run(recording.result())))
    assert any("Flat weights" in warning.value for warning in app.warning)
    assert "no difference" in words(app)


def test_the_advice_can_be_applied(diagnose, noisy):
    app = diagnose(noisy)
    assert "100% of the steps **the best of 8 drafts wins**" in words(app)
    assert "of half as many, the best is 5.0 nats worse" in words(app)
    assert "try **K = 16**" in words(app)
    assert "chance." not in words(app)
    before = app.session_state.visit.shown.run.config
    settled(app, "apply_advice")
    assert not app.exception
    after = app.session_state.visit.shown.run.config
    changed = {name for name in vars(before) if getattr(before, name) != getattr(after, name)}
    assert changed == {"num_candidates"}
    assert after.num_candidates == 16


def test_the_window_can_be_set_and_run(diagnose, run):
    app = diagnose(run, "trust")
    app.slider(key="w_window").set_value((0.2, 0.6)).run()
    settled(app, "run_window")
    assert app.session_state.visit.shown.run.config.window == (0.2, 0.6)


# ── questions to the model ───────────────────────────────────────────────────────
def test_a_bigger_pool_is_drawn(diagnose, run):
    app = settled(diagnose(run, "correction"), "ask_pool_correction_128")
    assert not app.exception
    assert re.search(r"Share of the 128 drafts|won it for the best of 128", words(app))


def test_the_pair_that_breaks_a_draft_is_found(diagnose, run):
    app = settled(diagnose(run, "pairs"), "ask_couplings_0")
    assert not app.exception
    assert re.search(r"makes .+ about \*\*.+ times less likely\*\*", words(app))
    assert re.search(r"written at step|there from the start", words(app))
    pills = app.pills(key="w_pair")
    app.pills(key="w_pair").set_value(1).run()
    assert app.session_state.d_pair is not None
    assert len(pills.options) > 1


def test_one_word_at_a_time_is_asked(diagnose, run):
    app = settled(diagnose(run, "comparison"), "ask_loo_0")
    assert not app.exception
    assert re.search(r"come to [+−-][\d.,]+ nats; changed all at once, to [+−-]", words(app))


def test_the_sign_is_checked(diagnose, run):
    app = settled(diagnose(run, "trust"), "ask_sign_planted")
    assert not app.exception
    assert re.search(r"\d+ of 31 scrambles", words(app))


def test_another_draft_makes_a_branch_that_can_be_diagnosed(diagnose, run):
    app = diagnose(run, "what_if")
    app = settled(app, "ask_branch_draft_0")
    assert not app.exception
    app.button(key="open_branch").click().run()
    assert not app.exception
    shown = app.session_state.visit.shown.run
    assert [lane.sampler for lane in shown.lanes] == ["edlm", "edlm"]
    assert shown.branch is not None
    assert f"branch after step {shown.branch}" in words(app)


def test_a_word_that_is_not_one_token_is_refused_with_the_reason(diagnose, run):
    app = diagnose(run, "what_if")
    app.text_input(key="w_word").set_value("incomprehensibilities").run()
    key = next(b.key for b in app.button if "branch_word" in str(b.key))
    settled(app, key)
    assert not app.exception
    assert any("there is room for one here" in error.value for error in app.error)


def test_weights_of_another_model_are_refused(diagnose, run):
    other = load_run(save_run(structs.replace(run, model=ModelName(name="tales", fingerprint="0" * 12))))
    app = settled(diagnose(other, "pairs"), "ask_couplings_0")
    assert any("The model was changed after this run" in error.value for error in app.error)


def test_a_run_whose_model_is_not_here_asks_nothing_and_says_so(diagnose, run):
    other = load_run(save_run(structs.replace(run, model=ModelName(name="elsewhere", fingerprint="0" * 12))))
    for section in SECTIONS:
        app = diagnose(other, section)
        assert not app.exception
        assert not [b for b in app.button if str(b.key).startswith("ask_")]


@pytest.fixture
def on_this_thread(monkeypatch):
    """What would get a process of its own."""
    ask = asked.ask
    monkeypatch.setattr(asked, "ask", lambda *args, label, **_: ask(*args, label=label))


@pytest.mark.usefixtures("on_this_thread")
def test_many_seeds_bring_averages_with_intervals(diagnose, run, monkeypatch):
    from pages.parts.diagnose import averages

    monkeypatch.setattr(averages, "VALUES", averages.VALUES | {"num_candidates": (1, 4)})
    app = diagnose(run, "many")
    app.text_area(key="w_prompts").set_value("Tom\n\nThe dog\nTom").run()
    app = settled(app, next(str(b.key) for b in app.button if str(b.key).startswith("ask_many")))
    assert not app.exception
    assert "**Drafts per step K = 1**, 8 runs" in words(app)  # four seeds of two prompts
    assert "K = 6**, 8 runs" in words(app)  # the run's own
    assert re.search(r"K = 6 against 1\*\*: judge NLL .* paired by seed, 8 texts each", words(app))
    assert "with 95% intervals" in words(app)
    assert "self-judged" in words(app)
    assert len(app.query_params["measured"]) == 64


@pytest.mark.parametrize(
    ("prompts", "said"),
    [
        ("a " * 20, "Line 1: The prompt takes 20 tokens"),
        ("\n".join(map(str, range(17))), "There are 17 lines, and 16 can be asked about at once."),
    ],
)
def test_prompts_that_can_not_be_are_refused_before_anything_begins(diagnose, run, prompts, said):
    app = diagnose(run, "many")
    app.text_area(key="w_prompts").set_value(prompts).run()
    assert any(said in error.value for error in app.error)
    assert app.session_state.d_prompts == prompts
    assert not [b for b in app.button if str(b.key).startswith("ask_many")]


@pytest.mark.usefixtures("on_this_thread")
def test_a_prompt_that_is_too_long_in_tokens_alone_is_refused_where_it_is_asked(diagnose, run):
    """The page counts words, the model their tokens."""
    app = diagnose(run, "many")
    app.text_area(key="w_prompts").set_value("incomprehensibilities " * 8).run()
    app = settled(app, next(str(b.key) for b in app.button if str(b.key).startswith("ask_many")))
    assert not app.exception
    assert any("the whole text is to have 16." in error.value for error in app.error)


def test_the_address_of_a_measurement_shows_it_to_whoever_comes(app, tales):
    """Another browser: no question was asked there, the store has the answer."""
    from edlm_core.measure.sweep import Sweep, sweep
    from edlm_core.work.tasks import RunSweep

    requests = tuple(Request("edlm", "ar", replace(CONFIG, num_candidates=K, num_chains=2), "Tom") for K in (1, 3))
    task = RunSweep("tales", tales.fingerprint, requests, ("ar",))
    work = Sweep(sweep(tales, requests, ("ar",)))
    list(work.steps())
    ledger = cache.detached().ledger
    id, owner = ledger.ask(task, "somebody")
    ledger.end(id, owner, "done", work.result())
    arrive(app, {"look": "many", "measured": id})
    assert not app.exception
    assert "A measurement from this address" in words(app)
    assert "sampler Energy-corrected (edlm)" in words(app)
    assert re.search(r"K = 3 against 1\*\*: judge NLL", words(app))
    assert app.query_params["measured"] == id


def test_an_address_of_no_measurement_says_so(app):
    arrive(app, {"look": "many", "measured": "0" * 64})
    assert not app.exception
    assert any("is not kept on this server. Measure it again" in error.value for error in app.error)


# ── are words revealed together less coherent? ───────────────────────────────────
def test_the_researchers_question_is_answered_in_a_sentence_with_numbers(diagnose, run):
    app = settled(diagnose(run, "together"), "ask_together_planted_1")
    assert not app.exception
    together = r"Revealed together \*\*[+−-][\d.]+ nats\*\* a pair \((\d+) pairs?\)\."
    found = re.search(together + r" Revealed apart \S+ nats\*\* \((\d+) pairs?\)", words(app))
    written_by = written_at(pools_of(run, run.lanes[1]))
    of_steps = np.bincount(written_by[written_by >= 0])
    together, n = int((of_steps * (of_steps - 1) // 2).sum()), int(of_steps.sum())
    assert [int(found[1]), int(found[2])] == [together, n * (n - 1) // 2 - together]


def planted_split(**values):
    return Split(
        **{"together": -0.5, "apart": 0.25, "num_together": 10, "num_apart": 90, "low": -0.2, "high": 0.2} | values
    )


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (-0.7, "**Yes**: at equal distance they are -0.70"),
        (0.1, "doesn't tell"),
        (0.9, "**No, more so**"),
        (math.nan, "no distance"),
    ],
)
def test_the_answer_says_yes_no_or_that_it_does_not_tell(difference, said):
    sentence = together.sentence(planted_split(difference=difference)).replace("−", "-")
    assert said in sentence
    assert "Revealed together **-0.50 nats** a pair (10 pairs). Revealed apart **+0.25 nats** (90 pairs)." in sentence


@pytest.mark.parametrize(
    ("mean", "said"), [(-0.4, "yes, less coherent"), (0.4, "no, more coherent"), (0.0, "do not tell")]
)
def test_over_many_texts_the_answer_has_an_interval(mean, said):
    answers = [planted_split(difference=mean + one) for one in (-0.1, 0.0, 0.1)]
    sentence = coherence.sentence("mdlm", answers)
    assert said in sentence
    assert "**Independent (mdlm): " in sentence
    assert "(30 pairs)" in sentence
    assert "3 texts" in sentence


def test_pairs_are_told_apart_by_the_steps_that_wrote_them():
    table = with_steps(pd.DataFrame({"i": [1, 1, 2], "j": [2, 4, 4]}), np.array([3, 3, 1, 5]))
    assert table.together.tolist() == [True, False, False]
    assert table.distance.tolist() == [1, 3, 2]
    assert table[["step_i", "step_j"]].to_numpy().tolist() == [[3, 3], [3, 5], [3, 5]]


@pytest.mark.parametrize("word", ["if", "constructor", "datum", "'", '"', "\\", "null"])
def test_a_word_that_a_chart_could_read_as_code_is_on_its_axis(word):
    couplings = np.array([[0.0, -2.0], [0.0, 0.0]])
    words = [word, "b"]
    chart = filled(as_spec(coupling_chart(words, 2.0, LIGHT)), cells=coupling_table(couplings, words), here=[])
    assert re.search(rf">{re.escape(escape(word, quote=False))}</text>", as_svg(chart, LIGHT).decode())


@pytest.mark.parametrize(
    ("nats", "said"), [(0.0, "1.0"), (0.9, "2.5"), (3.0, "20"), (10.3, "30,000"), (14.0, "more than a million")]
)
def test_e_to_the_nats_is_said_as_one_says_it(nats, said):
    assert times(nats) == said


def test_where_one_draft_decides_its_words_are_shown_and_not_sixteen_equal_bars(diagnose, noisy):
    app = diagnose(noisy, "correction")
    assert "Which words won it for the best of 8 drafts?" in words(app)
    assert "Draft 1 has 100%" in words(app)
    assert "10.0 nats before the other drafts" in words(app)


def test_headings_leave_no_level_out(diagnose, run):
    for section in SECTIONS:
        app = diagnose(run, section)
        levels = [len(m[1]) for one in app.markdown if (m := re.match(r"(#+) ", one.value))]
        assert set(levels) <= {2}  # below the title


def test_levels_lead_to_their_sections_and_back(diagnose, run):
    app = diagnose(run, "pairs")
    assert app.session_state.w_level == "step"
    app.segmented_control(key="w_level").set_value("runs").run()
    assert app.session_state.d_section == "many"
    app.segmented_control(key="w_level").set_value("step").run()
    assert app.session_state.d_section == "drafts"


# ── there and back ───────────────────────────────────────────────────────────────
def test_watch_and_diagnose_keep_the_run_and_the_controls(app):
    app.run()
    app.pills(key="example").set_value("3-prompt").run()
    app.slider(key="c_length").set_value(24).run()
    app.switch_page("pages/diagnose.py").run()
    assert app.session_state.visit.shown.link == "?run=3-prompt"
    app.button(key="to_watch").click().run()
    assert not app.exception
    app.switch_page("pages/watch.py").run()
    assert not app.exception
    assert app.session_state.visit.shown.link == "?run=3-prompt"
    assert app.slider(key="c_length").value == 24
    assert app.session_state.visit.start["lane"] == 1


# ── tokens are text ──────────────────────────────────────────────────────────────
HOSTILE = "![x](http://evil/x.png) <b>*_`$:red[x]"


def test_markup_in_a_token_is_escaped():
    assert quoted(HOSTILE) == "“\\!\\[x\\]\\(http\\:\\/\\/evil\\/x\\.png\\) \\<b\\>\\*\\_\\`\\$\\:red\\[x\\]”"


def test_no_markdown_of_the_page_holds_a_raw_token(diagnose, run):
    odd = load_run(save_run(structs.replace(run, vocabulary=[HOSTILE] * run.mask + ["▢"])))
    for section in SECTIONS:
        app = diagnose(odd, section)
        assert not app.exception
        assert "](http" not in words(app)
    app = settled(diagnose(odd, "pairs"), "ask_couplings_0")
    assert "](http" not in words(app) + " ".join(map(str, app.pills(key="w_pair").options))
