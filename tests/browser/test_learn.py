"""The Learn page in a real browser: all scenes by keyboard, from a guess to the next scene, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import SCREENSHOTS, collect_errors, settle

pytestmark = pytest.mark.browser
SCENES = ("1", "2", "3", "4", "5", "museum")
FOCUSED = """() => {
    let at = document.activeElement;
    while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at.type === "range" || at.getAttribute("role") === "slider" ? "slider" : at.innerText ?? "";
}"""


def tab_to(page, name):
    """What a visitor without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{name} can't be reached by Tab")


def press(page, name):
    tab_to(page, name)
    page.keyboard.press("Enter")
    settle(page)


def test_all_scenes_by_keyboard_in_both_themes_and_wide_and_narrow(page, server):
    collect_errors(page)
    page.set_default_timeout(90_000)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{server}/learn?scene=1&depth=numbers")
    SCREENSHOTS.mkdir(exist_ok=True)
    for n, scene in enumerate(SCENES):
        theme = "dark" if n % 2 else "light"
        page.emulate_media(color_scheme=theme)
        expect(page.get_by_role("button", name="That is my guess")).to_be_visible()
        assert f"scene={scene}" in page.url
        tab_to(page, "slider") if scene != "5" else None
        if scene != "5":  # whose answers are a list
            tab_to(page, "slider")
            page.keyboard.press("ArrowLeft")
            settle(page)
        press(page, "That is my guess")
        expect(page.locator("[data-testid=stVegaLiteChart] canvas").first).to_be_visible()
        page.screenshot(path=SCREENSHOTS / f"learn-{scene}-{theme}.png")
        serious = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert [f"{v['id']}: {v['nodes'][0]['html'][:300]}" for v in serious] == []
        page.set_viewport_size({"width": 390, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.set_viewport_size({"width": 1280, "height": 900})
        if scene != "museum":
            press(page, "Check")
            press(page, "Next")
            expect(page.locator("h2").first).to_be_focused()
    page.go_back()
    expect(page.locator("h2").first).to_have_text("5 · How likely?")
    assert "scene=5" in page.url
    assert [error for error in page.errors if "404" not in error] == []
