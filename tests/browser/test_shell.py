"""What stands around the pages: the address, Back and Forward, Enter, translators, a server that was restarted."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import SLOW, settle

pytestmark = pytest.mark.browser
THIRD = "3-prompt"


def stop(page):
    """Where the visitor is, when nothing moves any more: address, page and run."""
    settle(page)
    page.wait_for_selector(".stage .lane, .theatre .draft")
    run = page.locator(".stage h2")
    return page.url, page.locator("h1").inner_text(), run.inner_text() if run.count() else None


def run_of(page, prompt):
    expect(page.locator(".stage h2")).to_have_text(prompt, timeout=SLOW)
    return stop(page)


def test_address_and_page_agree_at_every_stop(watch):
    """A run by Enter, one by Run, a ready-made one; back and forth; to Diagnose and back; a reload."""
    first = stop(watch)
    prompt = watch.locator(".st-key-c_prompt input")
    prompt.fill("One day")
    prompt.press("Enter")
    one = run_of(watch, "One day")
    prompt.fill("The sun")
    watch.get_by_role("button", name="Run", exact=True).click()
    two = run_of(watch, "The sun")
    watch.locator(".st-key-example button").nth(2).click()
    third = stop(watch)
    assert ("One+day" in one[0], "The+sun" in two[0], f"run={THIRD}" in third[0]) == (True, True, True)
    watch.go_back()
    assert stop(watch) == two
    watch.go_back()
    assert stop(watch) == one
    assert prompt.input_value() == "One day"
    watch.go_back()
    assert stop(watch) == first
    watch.go_forward()
    assert stop(watch) == one
    watch.go_forward()
    assert stop(watch) == two
    watch.get_by_role("link", name="Diagnose").click()
    watch.wait_for_selector(".theatre .draft")
    settle(watch)
    watch.get_by_role("slider", name="Step").press("ArrowRight")
    place = stop(watch)
    assert "/diagnose?" in place[0]
    assert "The+sun" in place[0]
    watch.go_back()  # one press: a step is no stop
    watch.wait_for_selector(".stage .lane")
    assert stop(watch) == two
    watch.reload()
    watch.wait_for_selector(".stage .lane")
    assert run_of(watch, "The sun") == two
    watch.go_forward()
    watch.wait_for_selector(".theatre .draft")
    assert stop(watch) == place
    watch.get_by_role("link", name="Watch").click()
    watch.wait_for_selector(".stage .lane")
    assert stop(watch) == two
    assert watch.errors == []


def test_a_page_stands_while_its_run_waits_for_a_long_one(watch, visitors, server):
    """Its parts stay where they are, and the long one lets it by."""
    watch.goto(f"{server}/?seed=1&length=128&steps=128&k=64&lanes=mdlm,edlm,ar")
    watch.get_by_role("button", name="Begin it").click()
    progress = watch.locator("[data-testid=stProgress]")
    expect(progress).to_contain_text("Writing:", timeout=SLOW)
    other = visitors.new_page()
    other.set_viewport_size({"width": 1400, "height": 900})
    other.goto(f"{server}/diagnose?run=2-blanks&look=trust")
    charts = other.locator("[data-testid=stVegaLiteChart]")
    expect(charts).to_have_count(4, timeout=SLOW)
    other.get_by_role("button", name="Run with that").first.dblclick()
    expect(other.get_by_text(re.compile("Waiting: 1 before you"))).to_be_visible()
    assert [chart.bounding_box()["width"] > 900 for chart in charts.all()] == [True] * 4
    expect(other.get_by_text("Computed just now")).to_be_visible(timeout=SLOW)
    expect(progress).to_contain_text("Writing:")
    watch.get_by_role("button", name="Stop", exact=True).click()
    expect(watch.get_by_text("Stopped early")).to_be_visible(timeout=30_000)


TRANSLATE = """() => {
    const walk = document.createTreeWalker(document.querySelector('[data-testid=stApp]'), NodeFilter.SHOW_TEXT, {
        acceptNode: (text) => text.data.trim() && !text.parentElement.closest('style, script, [translate=no]')
            ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT,
    });
    const texts = [];
    while (walk.nextNode()) texts.push(walk.currentNode);
    for (const text of texts) {
        const outer = document.createElement('font'), inner = document.createElement('font');
        inner.textContent = text.data.toUpperCase();
        outer.append(inner);
        text.replaceWith(outer);
    }
    return texts.length;
}"""  # what Chrome's translator does to a page


def test_a_translated_page_can_be_left_and_goes_on(watch):
    settle(watch)
    assert watch.evaluate(TRANSLATE) > 30
    watch.get_by_role("link", name=re.compile("diagnose", re.IGNORECASE)).click()
    watch.wait_for_selector(".theatre .draft")
    settle(watch)
    assert watch.evaluate(TRANSLATE) > 30
    watch.get_by_role("slider").first.press("ArrowRight")
    settle(watch)
    watch.get_by_role("link", name=re.compile("watch", re.IGNORECASE)).click()
    watch.wait_for_selector(".stage .lane")
    settle(watch)
    assert watch.errors == []


def test_what_has_the_focus_is_not_under_the_header(watch):
    settle(watch)
    watch.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    watch.locator(".stage button, .stage input").last.focus()
    for _ in range(25):
        watch.keyboard.press("Shift+Tab")
        hidden = watch.evaluate(
            """() => {
                let at = document.activeElement;
                while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                const header = document.querySelector('[data-testid=stHeader]').getBoundingClientRect();
                const box = at.getBoundingClientRect();
                return !document.querySelector('[data-testid=stHeader]').contains(at) && box.top < header.bottom - 1
                    && box.height > 0 ? at.outerHTML.slice(0, 200) : null;
            }"""
        )
        assert hidden is None


def arrive(page, server, path):
    page.set_default_timeout(90_000)
    page.goto(f"{server.url}/{path}?run={THIRD}")
    page.wait_for_selector(".stage .lane, .theatre .draft")
    stands(page)


def stands(page):
    """The shell, around the third run."""
    settle(page)
    expect(page.get_by_role("link", name="Diagnose")).to_be_visible()
    expect(page.locator("[data-testid=stSidebarNav]")).to_have_count(0)
    assert page.locator("[data-testid=stMainBlockContainer]").bounding_box()["width"] > 1000
    assert f"run={THIRD}" in page.url
    assert page.locator("h1").count() == 1


def test_one_shell_on_every_path_at_the_first_visit_and_after_a_restart(own_server, page, visitors):
    """A server that nobody has visited, by each path; then another one under both open tabs."""
    watch, diagnose = page, visitors.new_page()
    own_server.start()
    arrive(watch, own_server, "watch")
    watch.goto("about:blank")
    own_server.stop()
    own_server.start()
    arrive(diagnose, own_server, "diagnose")
    arrive(watch, own_server, "watch")
    own_server.stop()
    own_server.start()
    for tab in (watch, diagnose):
        tab.wait_for_function("document.querySelector('[data-testid=stConnectionStatus]') === null")
        tab.get_by_role("slider").first.press("ArrowRight")
        stands(tab)
    own_server.stop()
