"""The Diagnose page in a real browser, as a researcher uses it."""

import json
import re

import pytest
from playwright.sync_api import expect

from edlm_core.config import Request, SampleConfig
from edlm_core.runs.recording import Recording
from edlm_core.runs.run_file import save_run
from pages.parts.diagnose.explore import SECTIONS

from .conftest import SCREENSHOTS, SLOW, collect_errors, fits, look_at, serious_violations, settle
from .test_watch import HOSTILE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run_file(tales, tmp_path_factory):
    """A run of this release, with energies by word."""
    config = SampleConfig(length=48, num_steps=8, num_candidates=8, seed=12)
    recording = Recording(tales, [Request(s, "ar", config) for s in ("mdlm", "edlm")], "A story for diagnosis")
    list(recording.steps())
    path = tmp_path_factory.mktemp("runs") / "story.json"
    path.write_bytes(save_run(recording.result()))
    return path


@pytest.fixture
def diagnose(page, server):
    collect_errors(page)
    open_diagnose(page, server)
    return page


def open_diagnose(page, server, query=""):
    page.set_default_timeout(90_000)
    page.goto(f"{server}/diagnose{query}")
    page.wait_for_selector(".theatre .draft")
    settle(page)


def upload(page, path, title="A story for diagnosis"):
    page.get_by_role("button", name="Open a file").click()
    page.locator("[data-testid=stFileUploader] input").set_input_files(path)
    expect(page.get_by_text(f"“{title}”")).to_be_visible()
    page.keyboard.press("Escape")
    settle(page)


def errors(page):
    """Without the 404 of Streamlit's first guess where its server is, on a page that is not the default one."""
    return [error for error in page.errors if "404" not in error]


# ── to a place and back ──────────────────────────────────────────────────────────
def test_the_place_comes_over_from_watch_and_goes_back(watch):
    settle(watch)
    watch.locator(".stage").press("End")
    watch.locator(".stage .lane[data-sampler=edlm] .token").nth(12).click()
    watch.get_by_role("button", name="Diagnose this step").click()
    watch.wait_for_selector(".theatre .draft")
    settle(watch)
    expect(watch.locator(".theatre .place label")).to_contain_text("Position 13 of")
    expect(watch).to_have_url(re.compile(r"/diagnose\?.*at=4.*position=13"))
    watch.get_by_role("button", name="Watch it").click()
    watch.wait_for_selector(".stage .lane")
    settle(watch)
    expect(watch.locator(".stage .readout")).to_contain_text("step 4 of 4")
    expect(watch.locator(".stage .where")).to_contain_text("position 13")


def test_a_link_leads_back_to_the_same_place(diagnose, visitors, server):
    diagnose.locator(".theatre .draft button").first.click()
    settle(diagnose)
    look_at(diagnose, "comparison")
    verdict = diagnose.get_by_text("times as much").inner_text()
    diagnose.wait_for_url(re.compile("look=comparison"))
    other = visitors.new_page()
    open_diagnose(other, server, diagnose.url[diagnose.url.index("?") :])
    expect(other.get_by_text("times as much")).to_have_text(verdict)


def test_another_step_is_drawn_without_the_rest_of_the_page(diagnose):
    """Marks that only a new element would lack: the chart's canvas stays, and so does what is above it."""
    mark = "node => { node.dataset.seen = 'yes' }"
    diagnose.locator("[data-testid=stVegaLiteChart] canvas").first.evaluate(mark)
    before = diagnose.get_by_text(re.compile("Step .+ has")).inner_text()
    drafts = diagnose.locator(".theatre .draft").first.inner_text()
    diagnose.get_by_role("slider", name="Step").press("ArrowRight")
    expect(diagnose.get_by_text(re.compile("Step .+ has"))).not_to_have_text(before)
    expect(diagnose.locator(".theatre .draft").first).not_to_have_text(drafts)
    expect(diagnose.locator("[data-testid=stVegaLiteChart] canvas[data-seen=yes]")).to_have_count(1)
    look_at(diagnose, "trust")
    diagnose.get_by_role("slider", name="The energy acts at times t").last.press("ArrowLeft")
    settle(diagnose)
    diagnose.get_by_role("button", name="Run with that").last.click()  # what changes the whole page is drawn with it
    expect(diagnose.get_by_text("Computed just now")).to_be_visible()
    assert errors(diagnose) == []


# ── the parts ────────────────────────────────────────────────────────────────────
def test_drafts_are_sorted_and_held_the_map_leads_to_a_step_and_the_window_can_be_dragged(diagnose, run_file):
    upload(diagnose, run_file)
    names = diagnose.locator(".theatre .draft strong")
    by_weight = names.all_inner_texts()
    diagnose.get_by_label("Order").select_option("drawn")
    assert names.all_inner_texts() == [f"Draft {k}" for k in range(1, 9)] != by_weight
    bars = "element => getComputedStyle(element).backgroundImage.split('linear-gradient').length - 1"
    token = diagnose.locator(".theatre .draft").first.locator(".token").last
    assert token.evaluate(bars) == 1
    diagnose.get_by_label("Colour below the words").select_option("log_q,log_p")
    assert token.evaluate(bars) == 2
    diagnose.locator(".theatre .draft").first.locator(".token").nth(5).click()
    settle(diagnose)
    expect(diagnose.locator(".theatre .place label")).to_have_text("Position 6 of 48")
    slider = diagnose.get_by_role("slider", name="Position")
    for _ in range(3):  # faster than the page answers
        slider.press("ArrowRight")
    settle(diagnose)
    expect(diagnose.locator(".theatre .place label")).to_have_text("Position 9 of 48")
    expect(slider).to_be_focused()
    expect(diagnose.locator(".theatre .readout")).to_contain_text("log pAR")
    chart = diagnose.locator("[data-testid=stVegaLiteChart]").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    before = diagnose.url
    diagnose.mouse.click(box["x"] + box["width"] - 40, box["y"] + box["height"] / 2)
    settle(diagnose)
    expect(diagnose).not_to_have_url(before)
    look_at(diagnose, "trust")
    expect(diagnose.get_by_role("button", name="Run with that").last).to_be_disabled()
    chart = diagnose.locator("[data-testid=stVegaLiteChart]").nth(1)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    y = box["y"] + box["height"] / 2
    diagnose.mouse.dblclick(box["x"] + box["width"] / 2, y)  # lets the whole band go
    diagnose.mouse.move(box["x"] + box["width"] * 0.6, y)
    diagnose.mouse.down()
    diagnose.mouse.move(box["x"] + box["width"] * 0.8, y, steps=5)
    diagnose.mouse.up()
    settle(diagnose)
    expect(diagnose.get_by_role("button", name="Run with that").last).to_be_enabled()
    ends = [
        float(thumb.get_attribute("aria-valuenow"))
        for thumb in diagnose.get_by_role("slider").all()
        if thumb.get_attribute("aria-valuemax") in ("1", "1.0")
    ]
    assert ends != [0.0, 1.0]
    assert errors(diagnose) == []


def test_a_chart_is_saved_as_picture_and_as_numbers(diagnose, tmp_path):
    for name, begins in {"Picture (SVG)": b"<svg", "Numbers (CSV)": b"\xef\xbb\xbfstep,"}.items():
        diagnose.get_by_role("button", name="Save").first.click()
        with diagnose.expect_download() as download:
            diagnose.get_by_role("button", name=name).click()
        download.value.save_as(tmp_path / "saved")
        saved = (tmp_path / "saved").read_bytes()
        assert saved.startswith(begins)
        assert len(saved) < 2**21
        diagnose.keyboard.press("Escape")
        settle(diagnose)


def test_markup_in_tokens_is_shown_as_text(diagnose, run_file, tmp_path):
    run = json.loads(run_file.read_text())
    markdown = HOSTILE + "![x](http://localhost:1/evil.png)"
    run["vocabulary"] = [markdown] * (len(run["vocabulary"]) - 1) + run["vocabulary"][-1:]
    (tmp_path / "hostile.json").write_text(json.dumps(run))
    asked = []
    diagnose.on("request", lambda request: asked.append(request.url))
    upload(diagnose, tmp_path / "hostile.json")
    expect(diagnose.locator(".theatre .draft .token").first).to_have_text(markdown)
    for section in SECTIONS:
        look_at(diagnose, section)
        if section == "pairs":
            diagnose.get_by_role("button", name="Find the pair").click()
            pairs = diagnose.get_by_role("radiogroup", name="The pairs that cost most")
            expect(pairs.get_by_role("radio").first).to_contain_text("evil.png")
            settle(diagnose)
    assert diagnose.evaluate("window.pwned") is None
    assert not [url for url in asked if "evil" in url]


# ── looks ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_section_is_accessible_and_whole_and_asks_no_other_host(page, server, run_file, theme):
    hosts = set()
    page.on("request", lambda request: hosts.add(re.sub(r"^(\w+://[^/]*).*", r"\1", request.url)))
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    open_diagnose(page, server)
    upload(page, run_file)
    SCREENSHOTS.mkdir(exist_ok=True)
    for section in SECTIONS:
        page.set_viewport_size({"width": 1280, "height": 1000})
        look_at(page, section)
        if section == "pairs":
            page.get_by_role("button", name="Find the pair").click()
            expect(page.get_by_role("heading", name="Which word answers to which?")).to_be_visible(timeout=SLOW)
            settle(page)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 1000})
            fits(page)
            height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=SCREENSHOTS / f"diagnose-{section}-{width}-{theme}.png")
            assert (section, serious_violations(page)) == (section, [])
    assert {host for host in hosts if not host.startswith(("data:", "blob:"))} == {server}
