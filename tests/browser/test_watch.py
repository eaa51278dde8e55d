"""The Watch page in a real browser, as a visitor uses it."""

import json
import re

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from edlm_core.runs.run_file import lane_array, load_run

from .conftest import ROOT, SCREENSHOTS, SLOW, collect_errors, fits, open_page, serious_violations, settle

pytestmark = pytest.mark.browser
FIRST_RUN = ROOT / "assets" / "runs" / "1-repair.json"
HOSTILE = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>"


def stage(page):
    return page.locator(".stage")


def readout(page):
    return page.locator(".stage .readout")


def lane_text(page, sampler):
    return page.locator(f".stage .lane[data-sampler={sampler}] .text").get_attribute("aria-label")


def sent_by(page):
    """What the page sends from now on: requests and websocket frames."""
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.on("request", lambda request: sent.append(request.url))
    return sent


def to_start(page):
    page.get_by_role("button", name="First step").click()
    expect(readout(page)).to_contain_text("step 0 of")


def finished(page):
    expect(page.locator(".stage .badge")).to_have_text("Computed here", timeout=SLOW)


# ── the first screen ─────────────────────────────────────────────────────────────
def test_a_recorded_run_plays_by_itself_says_that_it_is_one_and_asks_no_other_host(page, server):
    hosts = set()
    page.on("request", lambda request: hosts.add(re.sub(r"^(\w+://[^/]*).*", r"\1", request.url)))
    collect_errors(page)
    open_page(page, server)
    expect(page.locator(".stage .lane")).to_have_count(2)
    expect(page.locator(".stage .badge")).to_have_text("Replay")
    expect(readout(page)).to_contain_text("step 4 of 4")  # it played to its end
    settle(page)
    assert page.errors == []
    assert {host for host in hosts if not host.startswith(("data:", "blob:"))} == {server}


def test_under_reduced_motion_nothing_animates_by_itself_and_the_layout_never_moves(page, server):
    page.emulate_media(reduced_motion="reduce")
    open_page(page, server)
    assert "step 4 of 4" in readout(page).inner_text()  # the text, not a field of masks
    settle(page)
    expect(readout(page)).to_contain_text("step 4 of 4")
    stage(page).press("Home")  # takes the focus, and with it the scrolling
    places = set()
    for n in range(5):
        expect(readout(page)).to_contain_text(f"step {n} of 4")
        parts = page.locator(
            ".stage header, .stage .transport, .stage .lane, .stage .map, .stage .inspector, .stage .strip"
        )
        boxes = [part.bounding_box() for part in parts.all()]
        assert len(boxes) == 7
        places.add(json.dumps([[round(value) for value in box.values()] for box in boxes]))
        stage(page).press("ArrowRight")
    assert len(places) == 1


def test_the_first_screen_has_runs_form_stage_and_the_play_button(page, server):
    page.emulate_media(reduced_motion="reduce")
    open_page(page, server)
    settle(page)
    for width, height in ((1280, 720), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        fits(page)
        for part in (
            page.get_by_role("heading", level=1),
            page.get_by_role("button", name="About"),
            page.locator(".st-key-example"),
            page.get_by_role("textbox", name="Begin the story, or leave blanks"),
            page.get_by_role("button", name="Run", exact=True),
            page.get_by_role("button", name="Another one"),
            page.get_by_role("button", name="Play", exact=True),
            page.locator(".stage .lane .text").first,
        ):
            box = part.bounding_box()
            assert min(box["x"], box["y"]) >= 0
            assert box["y"] + box["height"] <= height
            assert box["x"] + box["width"] <= width
        page.get_by_role("button", name="About").click()
        about = page.get_by_role("dialog")
        expect(about).to_contain_text("Effective sample size")
        expect(about.get_by_role("link", name="Xu et al.")).to_be_visible()
        assert serious_violations(page) == []
        page.keyboard.press("Escape")
        expect(about).to_be_hidden()


# ── playing, scrubbing, inspecting ───────────────────────────────────────────────
def test_playing_scrubbing_hovering_and_streamlits_one_letter_keys_never_touch_the_server(page, server):
    sent = sent_by(page)
    open_page(page, server)
    settle(page)
    assert sent  # the listener works: the page itself was asked for
    sent.clear()
    to_start(page)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(readout(page)).to_contain_text("step 4 of 4")
    scrubber = page.get_by_role("slider", name="Time step")
    scrubber.fill("2")
    expect(readout(page)).to_contain_text("step 2 of 4")
    for token in page.locator(".stage .lane .token").all()[:12]:
        token.hover()
    page.locator(".stage .plot").hover(position={"x": 40, "y": 40})
    page.locator(".stage .plot").click(position={"x": 40, "y": 100})
    page.get_by_role("radio", name="Maths").click()
    page.locator(".stage .map select").nth(1).select_option("change")
    stage(page).press("r")
    stage(page).press("c")
    page.wait_for_timeout(500)
    assert sent == []
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("r")  # outside, the same key does rerun: the listener sees it
    for _ in range(300):
        page.wait_for_timeout(100)
        if sent:
            return
    raise AssertionError("expected a rerun, got none")


def test_the_keyboard_plays_steps_and_jumps(watch):
    settle(watch)
    stage(watch).press("Home")
    expect(readout(watch)).to_contain_text("step 0 of 4")
    stage(watch).press("ArrowRight")
    stage(watch).press("ArrowRight")
    expect(readout(watch)).to_contain_text("step 2 of 4")
    stage(watch).press("ArrowLeft")
    expect(readout(watch)).to_contain_text("step 1 of 4")
    stage(watch).press("End")
    expect(readout(watch)).to_contain_text("step 4 of 4")
    stage(watch).press("d")
    expect(readout(watch)).to_contain_text("step 1 of 4")
    stage(watch).press(" ")
    expect(readout(watch)).to_contain_text("step 4 of 4")
    stage(watch).press("3")
    expect(watch.get_by_role("radio", name="Maths")).to_be_checked()
    stage(watch).press("?")
    expect(watch.get_by_role("dialog")).to_be_visible()
    watch.keyboard.press("Escape")
    expect(watch.get_by_role("dialog")).to_be_hidden()


def test_a_word_can_be_held_and_shows_marginal_beside_correction(watch):
    to_start(watch)
    stage(watch).press("End")
    watch.locator(".stage .lane[data-sampler=edlm] .token").nth(3).click()
    inspector = watch.locator(".stage .inspector")
    expect(inspector).to_contain_text("Energy-corrected, position 4")
    expect(inspector).to_contain_text("Held.")
    expect(inspector).to_contain_text("estimated from K = 32 drafts")
    rows = inspector.locator(".compare tbody tr")
    assert 2 <= rows.count() <= 8
    run = load_run(FIRST_RUN.read_bytes())
    shown = {row.locator(".word").inner_text(): row.locator(".amount").nth(1).inner_text() for row in rows.all()}
    weights = corrected_by_hand(run, position=3)
    for word, text in shown.items():
        assert abs(float(text.strip("<%")) / 100 - weights.get(word, 0.0)) < 0.006
    stage(watch).press("Escape")
    expect(inspector).not_to_contain_text("Held.")


def corrected_by_hand(run, position):
    """Sum of the candidates' weights by token, at the step that revealed the position."""
    lane = run.lanes[1]
    mask = len(run.vocabulary) - 1
    revealed = next(n for n, row in enumerate(lane_array(lane, "x")) if row[position] != mask) - 1
    weights = {}
    for k in range(lane.num_candidates[revealed]):
        word = run.vocabulary[lane_array(lane, "candidate")[revealed, k, position]].removeprefix(" ")
        weights[word] = weights.get(word, 0.0) + float(lane_array(lane, "weight")[revealed, k])
    return weights


# ── running ──────────────────────────────────────────────────────────────────────
def test_changing_k_and_running_writes_a_new_text_and_its_link_the_same_for_another_visitor(watch, visitors):
    settle(watch)
    watch.get_by_role("textbox", name="Begin the story, or leave blanks").fill("Tom had a ___ dog.")
    watch.get_by_text("4 steps, 32 drafts, 26 tokens").click()
    slider = watch.get_by_role("slider", name="Drafts per step K")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    watch.get_by_role("button", name="Run", exact=True).click()
    finished(watch)
    expect(watch.locator(".stage .lane[data-sampler=edlm]")).to_contain_text("34 complete drafts a step")
    expect(watch.get_by_text("4 steps, 34 drafts, 26 tokens")).to_be_visible()  # folded again
    settle(watch)
    stage(watch).press("End")
    texts = [lane_text(watch, sampler) for sampler in ("mdlm", "edlm")]
    assert texts[1].startswith("Tom had a")
    assert "k=34" in watch.url
    assert watch.errors == []
    visitor = visitors.new_page()
    open_page(visitor, watch.url)
    finished(visitor)
    settle(visitor)
    stage(visitor).press("End")
    assert [lane_text(visitor, sampler) for sampler in ("mdlm", "edlm")] == texts


def test_stop_ends_a_long_run_and_keeps_what_was_written(page, server):
    open_page(page, f"{server}/?seed=1&length=128&steps=128&k=64")
    page.get_by_role("button", name="Begin it").click()  # a link that takes minutes waits for a press
    expect(page.locator(".stage .badge")).to_have_text("Being written", timeout=SLOW)
    page.get_by_role("button", name="Stop", exact=True).click()
    # One step of 64 drafts is the longest that it may take, on a busy machine too.
    expect(page.get_by_text("Stopped early; what was done stays")).to_be_visible(timeout=30_000)
    expect(page.locator(".stage .badge")).to_have_text("Computed here")
    settle(page)
    stage(page).press("End")
    expect(page.locator(".stage .narrator")).to_contain_text("stopped here")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)


def test_two_visitors_at_once_both_finish(visitors, server):
    pages = [visitors.new_page() for _ in range(2)]
    for n, page in enumerate(pages):
        page.set_default_timeout(90_000)
        page.goto(f"{server}/?seed={n}&length=32&steps=8")
    for page in pages:
        finished(page)
    for n, page in enumerate(pages):
        expect(page.get_by_text(f"seed {n}.")).to_be_visible()


# ── files ────────────────────────────────────────────────────────────────────────
PLAYER = "Web page, plays without a network"
SAVED = {
    PLAYER: b"<!doctype html>",
    "Run file, plays in this app": b'{"format":"edlm-run"',
    "Animated picture (GIF)": b"GIF89a",
    "Table of all drafts (CSV)": b"\xef\xbb\xbfsampler,step,t,candidate",
}  # and how it begins


def download_of(page, name):
    """What is saved is made at the click: one that meets a script run in progress is lost to it."""
    for _ in range(3):
        try:
            with page.expect_download(timeout=30_000) as download:
                page.get_by_role("button", name=name).click()
            return download.value
        except PlaywrightTimeout:
            continue
    raise AssertionError(f"expected a file by {name}, got none in three clicks")


def test_a_run_can_be_saved_in_every_way_and_its_page_plays_from_disk_without_a_server(watch, browser, tmp_path):
    settle(watch)
    watch.get_by_role("button", name="Save or open").click()
    for name, begins in SAVED.items():
        download_of(watch, name).save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begins)
    (tmp_path / PLAYER).rename(tmp_path / "run.html")
    context = browser.new_context(offline=True)
    page = context.new_page()
    collect_errors(page)
    page.goto((tmp_path / "run.html").as_uri())
    expect(readout(page)).to_contain_text("step 4 of 4")
    stage(page).press("Home")
    stage(page).press("ArrowRight")
    expect(readout(page)).to_contain_text("step 1 of 4")
    assert lane_text(page, "edlm").startswith("Tom saw a")
    assert page.errors == []
    context.close()


def test_the_copied_link_holds_run_and_step(watch, server):
    settle(watch)
    stage(watch).press("Home")
    stage(watch).press("ArrowRight")
    watch.context.grant_permissions(["clipboard-read", "clipboard-write"])
    watch.get_by_role("button", name="Copy link").click()
    expect(watch.get_by_role("button", name="Link copied")).to_be_visible()
    assert watch.evaluate("navigator.clipboard.readText()") == f"{server}/?run=1-repair&at=1"
    watch.context.clear_permissions()


def hostile_run(tmp_path):
    """A run with markup for words, in every place where a word is shown."""
    run = json.loads(FIRST_RUN.read_text())
    run["vocabulary"] = [HOSTILE] * (len(run["vocabulary"]) - 1) + run["vocabulary"][-1:]
    run["title"] = HOSTILE
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(run))
    return path


def upload(page, path):
    page.locator("[data-testid=stFileUploader] input").set_input_files(path)


def test_a_damaged_file_is_refused_and_markup_in_tokens_is_shown_as_text(watch, browser, tmp_path):
    settle(watch)
    (tmp_path / "odd.json").write_text('{"format": "edlm-run", "version": 7}')
    watch.get_by_role("button", name="Save or open").click()
    upload(watch, tmp_path / "odd.json")
    refusal = "odd.json: This file was saved by another version of the app: its format is 7"
    expect(watch.get_by_role("alert").filter(has_text=refusal)).to_be_visible()
    settle(watch)
    upload(watch, hostile_run(tmp_path))
    expect(watch.locator(".stage h2")).to_have_text(HOSTILE)
    settle(watch)
    stage(watch).press("End")
    expect(watch.locator(".stage .lane .token .final").first).to_have_text(HOSTILE)
    assert watch.evaluate("window.pwned") is None
    watch.keyboard.press("Escape")
    watch.get_by_role("button", name="Save or open").click()
    download_of(watch, PLAYER).save_as(tmp_path / "hostile.html")
    page = browser.new_context().new_page()
    page.goto((tmp_path / "hostile.html").as_uri())
    expect(page.locator(".stage h2")).to_have_text(HOSTILE)
    stage(page).press("End")
    expect(page.locator(".stage .lane .token .final").first).to_have_text(HOSTILE)
    assert page.evaluate("window.pwned") is None
    page.context.close()


# ── looks ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_violation_of_accessibility_and_nothing_cut_off(page, server, theme):
    page.set_viewport_size({"width": 1400, "height": 1750})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    open_page(page, f"{server}/?run=3-prompt&at=9")
    settle(page)
    expect(stage(page)).to_have_attribute("data-theme", theme)
    expect(readout(page)).to_contain_text("step 9 of 16")
    page.get_by_role("radio", name="Numbers").click()
    SCREENSHOTS.mkdir(exist_ok=True)
    for width, height in ((1400, 1750), (390, 2700)):
        page.set_viewport_size({"width": width, "height": height})
        fits(page)
        page.screenshot(path=SCREENSHOTS / f"watch-{width}-{theme}.png")
        assert serious_violations(page) == []
