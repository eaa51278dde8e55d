"""The app in Japanese, as a reader of Japanese walks through it, and from one language to the other."""

import re

import pytest
from playwright.sync_api import expect

from pages.parts.app.cache import bundled_runs

from ..translations import LOCALES, messages
from ..translations import read as catalogue
from .conftest import collect_errors, look_at, open_page, settle
from .reading import read

pytestmark = pytest.mark.browser
_LATIN = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z]{3,}(?![A-Za-z0-9_])")  # and no fingerprint
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|`[^`]*`")
NAMES = {"tales", "mdlm", "edlm", "CPU"}


def latin(text):
    return set(_LATIN.findall(_QUOTED.sub(" ", text)))


@pytest.fixture(scope="module")
def japanese():
    """Each text in Japanese."""
    known = messages(catalogue(LOCALES / "ja" / "LC_MESSAGES" / "explorer.po"))
    return {english: message.string for english, message in known.items()}


@pytest.fixture(scope="module")
def expected(japanese):
    """The Latin words that the catalogue itself writes, and names."""
    forms = [form if isinstance(form, str) else " ".join(form) for form in japanese.values()]
    machines = [str(run.software.get("processor")) for run in bundled_runs().values()]
    return latin(" ".join([*forms, *machines])) | NAMES


def test_no_word_is_left_in_english_and_the_language_is_changed_where_one_stands(page, server, japanese, expected):
    def untranslated():
        settle(page)
        return latin(read(page)) - expected

    collect_errors(page)
    open_page(page, f"{server}/?lang=ja&run=3-prompt")
    assert page.evaluate("document.documentElement.lang") == "ja"
    page.locator("[data-testid=stExpander] summary").first.click()
    for depth in ("story", "numbers", "maths"):
        page.locator(f".stage [data-depth={depth}]").click()
        assert untranslated() == set()
    page.get_by_role("button", name="保存・開く").click()
    assert untranslated() == set()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="診断").click()
    page.wait_for_selector(".theatre .draft")
    assert untranslated() == set()
    for section in ("trust", "correction", "many", "pairs", "comparison"):
        look_at(page, section, japanese.__getitem__)
        assert untranslated() == set()
    page.get_by_role("slider", name="ステップ").press("ArrowRight")
    settle(page)
    before = page.url
    page.locator(".st-key-shell select").select_option("en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Why this word?")
    settle(page)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.url == before.replace("lang=ja", "lang=en")
    page.go_back()
    page.wait_for_selector(".stage .lane")
    expect(page.get_by_role("heading", level=1)).to_have_text("Watch a diffusion language model write")
    page.locator(".st-key-shell select").select_option("ja")
    page.get_by_test_id("stTopNav").get_by_role("link", name="測定").click()
    page.wait_for_selector("[data-testid=stVegaLiteChart]")
    assert untranslated() == set()
    page.get_by_test_id("stTopNav").get_by_role("link", name="学ぶ").click()
    page.wait_for_selector(".st-key-w_scene")
    assert untranslated() == set()
    assert page.errors == []
