"""Three people and what they come for, in as few clicks as they were promised, on a projector and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import SCREENSHOTS, collect_errors, fits, open_page, serious_violations, settle

pytestmark = pytest.mark.browser
SIZES = ((1280, 720), (390, 844))
THEMES = ("light", "dark")


class Walk:
    """A visitor's clicks, each in the other theme than the one before; where it leads to is looked at in both."""

    def __init__(self, page, name):
        self.page, self.name, self.clicks = page, name, 0

    def click(self, locator):
        self.page.emulate_media(color_scheme=THEMES[self.clicks % 2], reduced_motion="reduce")
        locator.click()
        self.clicks += 1
        settle(self.page)
        fits(self.page)

    def look(self):
        """Nothing serious is amiss at the end, in either theme."""
        SCREENSHOTS.mkdir(exist_ok=True)
        width = self.page.viewport_size["width"]
        for theme in THEMES:
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            settle(self.page)
            self.page.screenshot(path=SCREENSHOTS / f"walk-{self.name}-{width}-{theme}.png")
            assert serious_violations(self.page) == []


@pytest.fixture
def walks(page, visitors, server, request):
    """One after the other, each from the first page, in a window of each size."""
    visitors.grant_permissions(["clipboard-read", "clipboard-write"])
    collect_errors(page)

    def begin():
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            open_page(page, server)
            settle(page)
            header, title = (page.locator(part).bounding_box() for part in ("[data-testid=stHeader]", "h1"))
            assert title["y"] >= header["y"] + header["height"] - 1
            yield Walk(page, request.node.name.split("_")[2])
        assert [error for error in page.errors if "404" not in error] == []

    return begin


def test_a_manager_learns_what_it_brings_and_costs_in_five_clicks(walks):
    for walk in walks():
        page = walk.page
        walk.click(page.get_by_role("radiogroup", name="Ready-made runs").get_by_role("radio").nth(4))
        expect(page.get_by_text(re.compile("Here the corrected text reads better"))).to_be_visible()
        walk.click(page.get_by_role("button", name="First divergence"))
        walk.click(page.get_by_role("button", name="About"))
        about = page.get_by_role("dialog")
        expect(about).to_contain_text(re.compile(r"On \d+ texts the corrected lane reads better in .* times as long"))
        walk.click(about.get_by_role("link", name="All that was measured"))
        page.wait_for_url(re.compile("/measure"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        walk.look()
        assert walk.clicks <= 5


def test_a_researcher_finds_the_pair_that_broke_a_text_in_six_clicks(walks):
    """And whether words that were revealed together fit less."""
    for walk in walks():
        page = walk.page
        walk.click(page.get_by_role("button", name="Diagnose this step"))
        page.wait_for_selector(".theatre .draft")
        walk.click(page.get_by_role("radio", name="Pairs", exact=True))
        walk.click(page.get_by_role("button", name="Find the pair"))
        sentence = page.get_by_text(re.compile("times less likely"))
        expect(page.locator(".theatre .token.spot")).to_have_count(2)
        before = sentence.inner_text()
        walk.click(page.get_by_role("radiogroup", name="The pairs that cost most").get_by_role("radio").nth(1))
        expect(sentence).not_to_have_text(before)
        walk.click(page.get_by_role("radio", name="This run", exact=True))
        walk.click(page.get_by_role("button", name="Ask the energy"))
        expect(page.get_by_text(re.compile(r"Revealed together .* nats a pair"))).to_be_visible()
        walk.look()
        assert walk.clicks == 6


def test_a_teacher_has_two_texts_and_a_word_to_speak_of_in_eight_clicks(walks):
    for walk in walks():
        page, badge = walk.page, walk.page.locator(".stage .badge")
        walk.click(page.get_by_role("button", name="Run", exact=True))
        expect(badge).to_have_text("Computed here", timeout=90_000)
        seed = int(re.search(r"seed=(\d+)", page.url)[1])
        walk.click(page.get_by_role("button", name="Another one"))
        page.wait_for_url(re.compile(f"seed={seed + 1}(&|$)"))
        expect(badge).to_have_text("Computed here", timeout=90_000)
        settle(page)
        walk.click(page.get_by_role("button", name="First step"))
        walk.click(page.get_by_role("button", name="One step forward"))
        expect(page.locator(".stage .readout")).to_contain_text("step 1 of")
        walk.click(page.locator(".stage .lane .token.now").first)
        expect(page.locator(".stage .inspector")).to_contain_text("Held.")
        walk.click(page.get_by_role("radio", name="Numbers"))
        walk.click(page.get_by_role("button", name="Copy link"))
        assert f"seed={seed + 1}" in page.evaluate("navigator.clipboard.readText()")
        walk.click(page.get_by_role("button", name="Save or open"))
        expect(page.get_by_role("button", name="Web page, plays without a network")).to_be_visible()
        walk.look()
        assert walk.clicks == 8
