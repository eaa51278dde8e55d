"""The whole app in a language that nobody speaks: no English is left, and longer words break no layout."""

import pytest
from playwright.sync_api import expect

from pages.parts.diagnose.explore import SECTIONS

from ..pseudo import LANGUAGE, pseudo, unbracketed
from .conftest import fits, look_at, settle
from .reading import read

pytestmark = pytest.mark.browser
WIDTHS = (1400, 390)
CODE = {"tales", "exp", "Ej", "Σj"}  # a model's name; what a formula says where it is heard


def english(page):
    return set(unbracketed(read(page))) - CODE


@pytest.fixture
def visitor(page):
    page.set_viewport_size({"width": WIDTHS[0], "height": 1200})
    page.set_default_timeout(90_000)
    return page


def has_no_english_and_keeps_its_layout(page):
    """In a wide window and in a narrow one, which is wide again afterwards."""
    for width in (*WIDTHS, WIDTHS[0]):
        page.set_viewport_size({"width": width, "height": 1200})
        fits(page)
        assert english(page) == set()


def test_watch_has_no_english_and_keeps_its_layout(visitor, server):
    page = visitor
    page.goto(f"{server}/?lang={LANGUAGE}")
    page.wait_for_selector(".stage .lane")
    settle(page)
    page.locator("[data-testid=stExpander] summary").first.click()
    for depth in ("story", "numbers", "maths"):
        page.locator(f".stage [data-depth={depth}]").click()
        has_no_english_and_keeps_its_layout(page)
    page.locator(".stage [data-name=help]").click()
    has_no_english_and_keeps_its_layout(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save or open").click()
    has_no_english_and_keeps_its_layout(page)


def test_diagnose_has_no_english_and_keeps_its_layout(visitor, server):
    page = visitor
    page.goto(f"{server}/diagnose?lang={LANGUAGE}&run=1-repair&at=1&look=drafts")
    page.wait_for_selector("[data-testid=stButtonGroup]")
    settle(page)
    for section in SECTIONS:
        look_at(page, section, said=pseudo)
        has_no_english_and_keeps_its_layout(page)


def test_what_is_refused_is_refused_in_the_visitors_language(visitor, server):
    page = visitor
    page.goto(f"{server}/?lang={LANGUAGE}&steps=0&model=no+such")
    expect(page.locator("[data-testid=stAlert]")).to_have_count(2)
    settle(page)
    has_no_english_and_keeps_its_layout(page)
