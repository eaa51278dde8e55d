"""The Measure page in a real browser: what it looks like, and its way from a dot to a test."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from edlm_core.measure.board import Board, lines
from edlm_core.measure.brief.content import brief
from edlm_core.measure.brief.sheet import sheet
from edlm_core.measure.filled import Filled
from edlm_core.measure.kpis import Sample
from edlm_core.measure.words import Words
from edlm_core.work.store import Store

from ..trials import planted, store_rows
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
    page.get_by_text("cannot be told yet").first.wait_for()
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


def test_a_manager_reads_three_numbers_changes_a_target_and_prints_the_page(browser, measured, tmp_path):
    """Two clicks and a number typed; the page is one sheet of paper."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page = context.new_page()
    collect_errors(page)
    page.set_default_timeout(90_000)
    page.goto(f"{measured}/measure")
    board = page.locator(".st-key-board")
    board.wait_for()
    settle(page)
    numbers = re.findall(r"[\d.]+ nats per token|[\d.]+ texts a second|[\d.]+% of the words", board.inner_text())
    assert len(numbers) >= 3
    target = page.get_by_role("spinbutton", name="Judge NLL: target, at most")
    target.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("1.00")
    page.keyboard.press("Enter")
    page.get_by_text("Not a pilot yet").wait_for()
    settle(page)
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [f"{v['id']}: {v['nodes'][0]['html'][:300]}" for v in serious] == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Page to print (HTML)").click()
    path = tmp_path / "brief.html"
    download.value.save_as(path)
    page.goto(path.as_uri())
    assert "at most 1.00" in page.inner_text("table")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    assert [error for error in page.errors if "404" not in error] == []
    page.set_content(sheet(fullest()))
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    context.close()


def fullest():
    """All there is to say of two settings with long names, and nothing of it settled."""
    blanks = {"share": 0.2, "half": 0.05, "templates": 225, "texts": 900, "first_seed": 0, "weights": "abc123"}
    where = {"device": "cuda", "dtype": "bfloat16", "threads": 16, "processor": "A processor with a long name indeed"}
    filled = Filled(**blanks, **where, date="2026-11-26", command="python -m edlm_core cloze --keep " * 3)
    rows = [row | {"similarity": 0.2, "text": "A cat sat."} for row in planted("corrector", [4.0], 30.0)]
    own = Sample(rows, "smollm2", 1.0, Words({"cat": frozenset(), "a": frozenset({"cat"})}), filled)
    board = Board("own", "other", name="A pilot with the longest of names, sixty characters of it....")
    names = ("Energy-corrected, then mended, T = 16, K = 8, Temperature of the words 0.8",) * 2
    return brief(board, lines(board, own, own), (own, own), names, "0" * 64)
