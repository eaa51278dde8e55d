"""The stage by itself, in a saved page: no server, no model."""

import pytest
from msgspec.structs import replace
from playwright.sync_api import expect

from edlm_core.runs.run_file import lane_array, load_run, pack
from pages.parts.app.cache import ASSETS
from pages.parts.widgets.stage import player

from .conftest import collect_errors

pytestmark = pytest.mark.browser
RUNS = {path.stem: load_run(path.read_bytes()) for path in (ASSETS / "runs").glob("*.json")}


@pytest.fixture
def saved(browser, tmp_path):
    """Opens a run as a saved page, where nothing may move by itself."""
    context = browser.new_context(reduced_motion="reduce", offline=True)

    def open_saved(run, depth="Story"):
        page = context.new_page()
        collect_errors(page)
        path = tmp_path / "run.html"
        path.write_bytes(player(run))
        page.goto(path.as_uri())
        page.get_by_role("radio", name=depth, exact=True).click()
        return page

    yield open_saved
    context.close()


def test_it_rests_at_the_end_and_says_nothing_to_the_console(saved):
    page = saved(RUNS["1-repair"])
    expect(page.locator(".readout")).to_have_text("step 4 of 4 · t = 0.00")
    assert page.get_by_role("slider", name="Time step").get_attribute("aria-valuetext") == "step 4 of 4, t = 0.00"
    assert page.errors == []


def test_a_screen_reader_is_told_where_one_stops_not_each_step_on_the_way(saved):
    page = saved(RUNS["1-repair"])
    status = page.locator(".narrator [role=status]")
    expect(status).to_contain_text("Finished.")
    status.evaluate(
        """(element) => {
            window.heard = [];
            new MutationObserver(() => window.heard.push(element.textContent)).observe(element, { childList: true });
        }"""
    )
    # In one go: no machine is so slow that it stands still in between.
    page.evaluate(
        """() => {
            const scrubber = document.querySelector('[data-name=scrubber]');
            for (const n of [0, 1, 2, 3]) { scrubber.value = n; scrubber.dispatchEvent(new Event('input')); }
        }"""
    )
    expect(status).to_contain_text("Step 3 of 4")
    assert len(page.evaluate("window.heard")) == 1


def test_every_lane_that_an_energy_corrects_has_the_same_frame(saved):
    run = RUNS["1-repair"]
    other = [replace(lane, sampler="corrector") if lane.sampler == "edlm" else lane for lane in run.lanes]
    colour = "element => getComputedStyle(element).borderColor"
    frames = [saved(r).locator(".lane").nth(1).evaluate(colour) for r in (run, replace(run, lanes=other))]
    plain = saved(run).locator(".lane").nth(0).evaluate(colour)
    assert frames[0] == frames[1] != plain


def test_a_sampler_that_this_release_does_not_know_has_its_own_name(saved):
    run = RUNS["1-repair"]
    page = saved(replace(run, lanes=[replace(run.lanes[0], sampler="of-tomorrow")]))
    expect(page.locator(".lane h3")).to_have_text("of-tomorrow")
    assert page.errors == []


def test_a_word_that_was_drawn_against_the_preference_is_said_to_be_drawn(saved):
    """The energy weighs drafts, and one is drawn by weight: what is written need not be the weightiest."""
    run, lane_index, n, position = drawn_against_preference()
    page = saved(run)
    page.get_by_role("slider", name="Time step").fill(str(n))
    page.locator(".lane").nth(lane_index).locator(".token").nth(position).click()
    expect(page.locator(".inspector .status")).to_contain_text("a draft is drawn by weight, not the best one taken")
    expect(page.locator(".narrator p").first).to_contain_text("the best one 100%")


def drawn_against_preference():
    """A stored run whose weights are turned round at one step, so that what was taken weighs least."""
    run = RUNS["1-repair"]
    index = next(i for i, lane in enumerate(run.lanes) if lane.sampler == "edlm")
    lane = run.lanes[index]
    x, candidate = lane_array(lane, "x"), lane_array(lane, "candidate")
    mask = len(run.vocabulary) - 1
    for r, k in enumerate(lane.chosen):
        for i in ((x[r] == mask) & (x[r + 1] != mask)).nonzero()[0]:
            drafts = candidate[r, : lane.num_candidates[r], i]
            if (others := (drafts != drafts[k]).nonzero()[0]).size:
                return with_weight(run, index, r, int(others[0])), index, r + 1, int(i)
    raise AssertionError("expected a step whose drafts differ")


def with_weight(run, index, r, k):
    """All weight of record r on draft k."""
    weight = lane_array(run.lanes[index], "weight").copy()
    weight[r] = 0
    weight[r, k] = 1
    lanes = list(run.lanes)
    lanes[index] = replace(lanes[index], weight=pack(weight, "<f4"))
    return replace(run, lanes=lanes)


def test_what_is_not_written_yet_has_one_width_and_nothing_below_moves(saved):
    page = saved(RUNS["3-prompt"])
    scrubber, below = page.get_by_role("slider", name="Time step"), set()
    for n in range(17):
        scrubber.fill(str(n))
        below.add(page.locator(".ways").bounding_box()["y"])
        widths = page.locator(".lanes .token.masked, .lanes .token.draft").evaluate_all(
            "cells => cells.map((cell) => Math.round(cell.getBoundingClientRect().width))"
        )
        assert len(set(widths)) <= 1
        assert bool(widths) == (n < 16)
    assert len(below) == 1


def test_marks_are_for_the_step_shown_and_for_the_first_divergence(saved):
    page = saved(RUNS["1-repair"])
    changed, differs = page.locator(".lanes .token.energy"), page.locator(".lanes .token.differs")
    for mark in (changed, differs):
        assert mark.count() == page.locator(".lanes .token.now").and_(mark).count()
    at_rest = differs.count()
    page.get_by_role("button", name="First divergence").click()
    assert differs.count() > 0
    assert page.locator(".lanes .token.spot").count() > 0
    page.get_by_role("slider", name="Time step").fill("4")
    assert differs.count() == at_rest


def test_a_lane_says_what_the_energy_changed_in_it(saved):
    page, run = saved(RUNS["1-repair"]), RUNS["1-repair"]
    lane, mask = run.lanes[1], run.mask
    x, candidate = lane_array(lane, "x"), lane_array(lane, "candidate")
    changed = sum(
        int(((x[r] == mask) & (x[r + 1] != mask) & (candidate[r, 0] != x[r + 1])).sum()) for r in range(lane.steps)
    )
    plain, corrected = (page.locator(".lane .text").nth(n).get_attribute("aria-label") for n in (0, 1))
    assert "Changed by the energy" not in plain
    words = corrected.partition("(Changed by the energy: ")[2]
    assert changed > 0
    assert words.count(", ") >= changed - 1


def test_figures_are_rows_with_their_price_and_their_machine(saved):
    run = RUNS["1-repair"]
    page = saved(replace(run, software=run.software | {"processor": "A quiet processor"}))
    expect(page.locator(".strip thead th")).to_have_text(["measure", "Independent", "Energy-corrected"])
    scored = sum(k for k in run.lanes[1].num_candidates if k > 1)
    row = page.locator(".strip tr[data-name=strip_scored] td")
    expect(row.nth(1)).to_contain_text(str(scored))
    expect(row.nth(1)).to_contain_text("3,328 tokens")
    expect(page.locator(".strip tr[data-name=strip_seconds] th")).to_contain_text("on A quiet processor")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator(".strip").evaluate("element => element.scrollWidth <= element.clientWidth")


def test_a_word_of_the_trade_says_what_it_means(saved):
    page = saved(RUNS["1-repair"], depth="Numbers")
    page.get_by_role("button", name="drafts that count (ESS)").press("Enter")
    card = page.locator(".card")
    expect(card).to_contain_text("Effective sample size")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    assert page.errors == []


def test_the_page_is_marked_as_not_to_be_translated_where_tokens_stand(saved):
    page = saved(RUNS["1-repair"])
    assert page.locator(".lane .text").first.get_attribute("translate") == "no"
