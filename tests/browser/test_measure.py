"""The Measure page in a real browser: what it looks like, and its way from a dot to a test."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from edlm_core.work.store import Store

from ..trials import store_rows
from .conftest import SCREENSHOTS, Server, collect_errors, settle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The address of a server whose store has a sweep in it."""
    folder = tmp_path_factory.mktemp("measured")
    store = Store(f"sqlite:///{folder / 'store.db'}", folder)
    store_rows(store)
    store.close()
    server = Server(folder)
    server.start()
    yield server.url
    server.stop()


def open_measure(page, url):
    page.set_default_timeout(90_000)
    page.goto(f"{url}/measure")
    page.wait_for_selector("[data-testid=stVegaLiteChart] canvas")
    settle(page)
    choose(page, "Texts", "Measured on this server")


def choose(page, label, option):
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_measure_is_accessible_and_whole_and_compares_what_is_clicked(browser, measured, width, theme):
    context = browser.new_context(
        viewport={"width": width, "height": 5200}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    collect_errors(page)
    open_measure(page, measured)
    page.get_by_text("cannot be told yet").wait_for()
    choose(page, "First", "Energy-corrected, T = 16, K = 8")
    page.get_by_text("Not told apart yet").wait_for()
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"measure-{width}-{theme}.png")
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [f"{v['id']}: {v['nodes'][0]['html'][:300]}" for v in serious] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_text("<b>*bold*</b>").first).to_be_visible()  # markup in a text is text
    assert [error for error in page.errors if "404" not in error] == []
    context.close()
