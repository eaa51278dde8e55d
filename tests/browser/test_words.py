"""The whole app in a language that nobody speaks: no English is left, and longer words break no layout."""

import pytest

from ..pseudo import LANGUAGE, unbracketed
from .conftest import settle
from .reading import read

pytestmark = pytest.mark.browser
SECTIONS = ("drafts", "trust", "correction", "comparison", "pairs", "what_if", "many")
WIDTHS = (1400, 390)
CODE = {"tales", "exp", "Ej", "Σj"}  # a model's name; what a formula says where it is heard


def english(page):
    return set(unbracketed(read(page))) - CODE


@pytest.fixture(params=WIDTHS)
def visitor(request, browser, server):
    """A page in that language, and how wide its window is."""
    page = browser.new_page(viewport={"width": request.param, "height": 1200})
    page.set_default_timeout(90_000)
    page.home = server
    yield page
    page.close()


def keeps_its_layout(page):
    """Nothing sticks out to the right, of the page or of a part of ours."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for part in page.locator(".stage, .theatre").all():
        assert part.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_watch_has_no_english_and_keeps_its_layout(visitor):
    page = visitor
    page.goto(f"{page.home}/?lang={LANGUAGE}")
    page.wait_for_selector(".stage .lane")
    settle(page)
    page.locator("[data-testid=stExpander] summary").first.click()
    for depth in ("story", "numbers", "maths"):
        page.locator(f".stage [data-depth={depth}]").click()
        assert english(page) == set()
        keeps_its_layout(page)
    page.locator(".stage [data-name=help]").click()
    assert english(page) == set()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save or open").click()
    assert english(page) == set()
    keeps_its_layout(page)


@pytest.mark.parametrize("section", SECTIONS)
def test_diagnose_has_no_english_and_keeps_its_layout(visitor, section):
    page = visitor
    page.goto(f"{page.home}/diagnose?lang={LANGUAGE}&run=1-repair&at=1&look={section}")
    page.wait_for_selector("[data-testid=stButtonGroup]")
    settle(page)
    assert english(page) == set()
    keeps_its_layout(page)


def test_what_is_refused_is_refused_in_the_visitors_language(visitor):
    page = visitor
    page.goto(f"{page.home}/?lang={LANGUAGE}&steps=0&model=no+such")
    page.wait_for_selector("[data-testid=stAlert]")
    settle(page)
    assert english(page) == set()
    assert page.locator("[data-testid=stAlert]").count() == 2
