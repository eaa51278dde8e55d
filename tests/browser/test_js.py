"""The modules of assets/js, called one by one in a blank page."""

from types import SimpleNamespace

import numpy as np
import pytest

from edlm_core.characters import named
from edlm_core.displayed import spelled
from edlm_core.runs.run_file import COLUMNS, lane_array, load_run, pack, to_wire
from edlm_core.runs.schema import ALTERNATIVES
from pages.parts.app import i18n
from pages.parts.app.cache import ASSETS
from pages.parts.widgets.bundle import join
from pages.parts.widgets.stage import FACTS
from pages.parts.widgets.strings import translated

from ..test_displayed import ROWS

pytestmark = pytest.mark.browser
RUNS = sorted((ASSETS / "runs").glob("*.json"))
MASK = 4  # of the planted lane's vocabulary


@pytest.fixture(scope="module")
def blank(browser):
    """A page with nothing in it."""
    page = browser.new_page()
    yield page
    page.close()


def call(page, module, expression, argument=None):
    """The value of an expression in `given`, with all of a module's names in scope."""
    script = f"(given) => {{ {join(module)}\n return ({expression}); }}"
    return page.evaluate(script, argument)


# ── codec ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_browser_and_python_decode_a_file_alike(blank, path):
    run = load_run(path.read_bytes())
    for lane, wire in zip(run.lanes, to_wire(run)["lanes"], strict=True):
        sizes = {"S": lane.steps, "S+1": lane.steps + 1, "L": lane.length, "K": lane.candidates, "A": ALTERNATIVES}
        decoded = call(
            blank,
            "codec.js",
            "Object.entries(decodeColumns(given.lane, given.columns, given.sizes))"
            ".map(([name, { values, shape }]) => [name, Array.from(values), shape])",
            {"lane": wire, "columns": FACTS["columns"], "sizes": sizes},
        )
        assert {name for name, *_ in decoded} == {name for name in COLUMNS if getattr(lane, name) is not None}
        for name, values, shape in decoded:
            expected = lane_array(lane, name)
            assert shape == list(expected.shape)
            np.testing.assert_array_equal(np.array(values).reshape(shape), expected.astype(float), err_msg=name)


def test_every_half_precision_number_is_read_as_numpy_reads_it(blank):
    bits = np.arange(2**16, dtype="<u2")
    read = call(blank, "codec.js", "given.map((bits) => String(half(bits)))", bits.tolist())
    np.testing.assert_array_equal(np.array(read, float), bits.view("<f2").astype(float))


# ── lane ─────────────────────────────────────────────────────────────────────────
def lane_and_run(x, candidate, weight, sampler="edlm", s=None):
    """A planted lane: rows x (S + 1, L), candidates (S, K, L) and their weights (S, K), each drawn evenly from four
    words where the place is masked."""
    x, candidate, weight = np.array(x), np.array(candidate), np.array(weight)
    S, K, L = candidate.shape
    masked = x[:-1] == MASK
    marginal_p = np.zeros((S, L, 8))
    marginal_p[..., :4] = masked[..., None] * 65535 / 4
    arrays = {
        "x": x,
        "marginal_id": np.broadcast_to(np.arange(8) % 4, (S, L, 8)),
        "marginal_p": marginal_p,
        "entropy": masked * 1386,
        "candidate": candidate,
        "token_log_q": np.broadcast_to(np.log(0.25) * masked[:, None], (S, K, L)),
        "log_q": np.zeros((S, K)),
        "energy": -np.log(np.maximum(weight, 1e-9)),
        "weight": weight,
    }
    packed = {name: pack(array, COLUMNS[name].dtype) for name, array in arrays.items()}
    lane = {
        "sampler": sampler,
        "steps": S,
        "length": L,
        "candidates": K,
        "s": s or [1 - (n + 1) / S for n in range(S)],
        "chosen": weight.argmax(1).tolist(),
        "num_candidates": [K] * S,
    }
    return packed | lane, {"vocabulary": [" a", " b", " c", " d", "[mask]"], "config": {"num_steps": S}}


def ask(page, expression, lane, run, other=None):
    given = {"lane": lane, "run": run, "facts": FACTS, "other": other}
    made = "((lane, other) => {expression})(new Lane(given.lane, given.run, given.facts), {other})"
    second = "new Lane(given.other, given.run, given.facts)" if other else "null"
    return call(page, "lane.js", made.format(expression=expression, other=second), given)


# Two positions, two steps: b is written first, on the left; then c, which is masked again by nobody.
PLANTED = ([[MASK, MASK], [1, MASK], [1, 2]], [[[0, 3], [1, 0]], [[1, 2], [1, 3]]], [[0.25, 0.75], [0.6, 0.4]])


def test_a_lane_says_what_stands_where_and_when(blank):
    said = ask(
        blank,
        "({ done: lane.done, writes: lane.writes, complete: lane.complete, edge: lane.edge,"
        " states: [lane.stateOf(0), lane.stateOf(1)], revealed: lane.revealedAt(2), token: lane.token(1, 1) })",
        *lane_and_run(*PLANTED),
    )
    assert said == {
        "done": [0, 1, 2],
        "writes": [[0], [1]],
        "complete": True,
        "edge": 2,
        "states": [1, 2],
        "revealed": [1],
        "token": MASK,
    }


def test_a_lane_weighs_its_drafts(blank):
    said = ask(
        blank,
        "({ corrected: [...lane.corrected(0, 0)], marginal: [...lane.marginal(0, 0)].sort(), change: lane.change(0, 0),"
        " ess: lane.ess(0), best: lane.bestWeight(0), scored: lane.scored,"
        " changed: [lane.changedByEnergy(0, 2), lane.changedByEnergy(1, 2)] })",
        *lane_and_run(*PLANTED),
    )
    assert said["corrected"] == [[0, {"weighted": 0.25, "share": 0.5}], [1, {"weighted": 0.75, "share": 0.5}]]
    assert [word for word, _ in said["marginal"]] == [0, 1, 2, 3]
    np.testing.assert_allclose([p for _, p in said["marginal"]], 0.25, atol=1 / 65535)
    assert said["change"] == 0.25
    assert said["ess"] == pytest.approx(1 / (0.25**2 + 0.75**2))
    assert said["changed"] == [True, False]
    assert (said["best"], said["scored"]) == (0.75, 2 * len(PLANTED[1]))


# ── room and numbers ─────────────────────────────────────────────────────────────
def test_lines_are_counted_as_the_browser_breaks_them(blank):
    runs = [
        {"cells": [0], "spaced": False, "ends": False},
        {"cells": [1, 2], "spaced": True, "ends": False},  # stays whole
        {"cells": [3], "spaced": True, "ends": True},
        {"cells": [4], "spaced": False, "ends": True},  # nothing follows
    ]
    lines = "[100, 63, 62, 20].map((width) => linesOf(given, () => 20, 3, width))"
    assert call(blank, "stage/room.js", lines, runs) == [2, 3, 4, 4]


def test_what_comes_by_itself_is_said_now_and_then_and_the_last_one_always(blank):
    blank.clock.install()
    blank.evaluate(
        f"""() => {{
            {join("speaker.js")}
            window.speaker = new Speaker();
            window.heard = [];
            const hear = new MutationObserver(() => heard.push(speaker.element.textContent));
            hear.observe(speaker.element, {{ childList: true }});
            window.time = 0;
            window.timer = setInterval(() => {{ if (time < 12) speaker.say(String(++time), PAUSE); }}, 1000);
        }}"""
    )
    blank.clock.run_for(30_000)
    heard = blank.evaluate("heard")
    assert heard[-1] == "12"
    assert 2 <= len(heard) <= 4


def test_a_place_that_is_masked_again_was_written_twice(blank):
    x = [[MASK], [1], [MASK], [2]]
    candidate, weight = [[[1]], [[1]], [[2]]], [[1], [1], [1]]
    said = ask(blank, "[lane.writes, lane.writtenBy(0, 1), lane.writtenBy(0, 3)]", *lane_and_run(x, candidate, weight))
    assert said == [[[0, 2]], 0, 2]


def test_an_unfinished_lane_ends_where_it_was_stopped(blank):
    x = [[MASK, MASK], [1, MASK]]
    lane, run = lane_and_run(x, [[[1, 0]]], [[1]], s=[0.75])
    run["config"]["num_steps"] = 4
    asked = "[lane.complete, lane.edge, lane.planned, lane.done]"
    assert ask(blank, asked, lane, run) == [False, 1, 4, [0, 1, 1, 1, 1]]


def test_lanes_diverge_where_both_are_written_and_differ(blank):
    lane, run = lane_and_run(*PLANTED)
    x = [[MASK, MASK], [1, MASK], [1, 3]]
    other, _ = lane_and_run(x, PLANTED[1], PLANTED[2], sampler="mdlm")
    assert ask(blank, "firstDivergence(lane, other)", lane, run, other) == 2
    assert ask(blank, "firstDivergence(lane, other)", lane, run, lane) == -1
    assert ask(blank, "[lane.corrects, other.corrects]", lane, run, other) == [True, False]


# ── tokens, words, colours ───────────────────────────────────────────────────────
def test_browser_and_python_display_tokens_alike(blank):
    given = {"rows": [row for row, *_ in ROWS.values()], "unseen": FACTS["unseen"]}
    shown = call(
        blank,
        "tokens.js",
        "given.rows.map((row) => spell(Uint16Array.from(row.keys()), row, -1, given.unseen))",
        given,
    )
    assert shown == [spelled(row) for row in given["rows"]]
    every = [chr(code) for first, last in FACTS["unseen"]["ranges"] for code in (first, last) if first != 0xD800]
    given = {"every": every, "unseen": FACTS["unseen"]}
    assert call(blank, "tokens.js", "given.every.map((c) => nameUnseen(c, given.unseen))", given) == list(
        map(named, every)
    )


def test_a_cell_has_no_space_before_its_word_and_a_sign_for_a_break(blank):
    words = [" dog", "a\n", "\t", "  ", " ", "", " \u05d0"]
    assert call(blank, "tokens.js", "given.map(cellText)", words) == ["dog", "a↵", "⇥", "··", "·", "", "\u05d0"]
    run = {"vocabulary": ["⟨C3⟩", "⟨A9⟩", " \u05d0", "\n", "<end>", "▢"], "end_of_text": 4}
    said = call(
        blank,
        "stage/text.js",
        "((text) => [text.token(2), text.token(4), text.prose(Uint16Array.of(0, 1, 2, 3, 4, 5)),"
        " text.spell(Uint16Array.of(0, 1, 2, 4))])(new Text(given.run, given.unseen, 'blank'))",
        {"run": run, "unseen": FACTS["unseen"]},
    )
    assert said == ["\u2068\u05d0\u2069", "∎", "\u2068é \u05d0 ∎ (blank)\u2069", ["é", "⋯", "\u05d0", "∎"]]


@pytest.mark.parametrize(
    ("plural", "counts"),
    [
        (lambda n: int(n != 1), {0: 1, 1: 0, 2: 1, 100: 1, 1001: 1}),
        # Polish: one, few, many
        (
            lambda n: 0 if n == 1 else 1 if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else 2,
            {1: 0, 2: 1, 12: 2, 22: 1, 112: 2, 121: 2, 1024: 1, 1012: 2},
        ),
    ],
)
def test_a_count_takes_the_form_of_the_visitors_language(blank, monkeypatch, plural, counts):
    forms = ["{count} eins", "{count} zwei", "{count} viele"]
    language = SimpleNamespace(gettext=str, ngettext=lambda one, many, n: forms[plural(n)])
    monkeypatch.setattr(i18n, "_translation", lambda name: language)
    given = {"strings": translated("stage"), "counts": list(counts)}
    said = call(
        blank,
        "words.js",
        'given.counts.map((count) => new Words(given.strings).count("narrate_step", count, { count }))',
        given,
    )
    assert said == [forms[form].format(count=f"{count:,}") for count, form in counts.items()]


def test_a_value_that_is_not_there_stays_visible(blank):
    assert call(blank, "words.js", 'fill("{n} of {T}", { n: 0 })') == "0 of {T}"


def test_a_ramp_begins_and_ends_with_its_colours_and_is_clamped(blank):
    said = call(blank, "colour.js", '[-9, -1, 0, 1, 9].map(ramp(["#000000", "#804020", "#ffffff"], -1, 1))')
    assert said[0] == said[1] == "rgb(0 0 0)"
    assert said[3] == said[4] == "rgb(255 255 255)"
    assert said[2] == call(blank, "colour.js", 'blend(["#000000", "#804020", "#ffffff"], 128 / 255)')


def test_numbers_as_they_are_read(blank):
    said = call(
        blank,
        "numbers.js",
        "[fixed(-1.239), signed(2), signed(-2), ...[0, 0.0004, 0.0512, 0.5].map(percent), probability(0)]",
    )
    assert said == ["−1.24", "+2.00", "−2.00", "0%", "<0.1%", "5.1%", "50%", "<0.1%"]
    german = '[writeNumbersIn("de"), fixed(-1234.5, 1), signed(0.5), percent(0.512), probability(0.0001)].slice(1)'
    assert call(blank, "numbers.js", german) == ["−1.234,5", "+0,50", "51\xa0%", "<0,1\xa0%"]
