"""A real server and a real Chromium. With CI=true a missing browser is installed, or the tests fail."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pages.parts.diagnose.explore import SECTIONS

from ..pseudo import write_locale

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
LEVELS = {"step": "This step", "run": "This run", "runs": "Many runs"}  # of Diagnose's sections
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


SLOW = 300_000  # ms: what a model does may take minutes in a dtype that is not its processor's
expect.set_options(timeout=30_000)  # ms: nothing here is about speed, and two cores may be busy


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def install_chromium() -> None:
    """Debian's own first; where there is no apt, the build that Playwright brings."""
    if shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False)
    if find_chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=True)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    if find_chromium() is None:
        if os.environ.get("CI", "").lower() not in ("true", "1"):
            pytest.skip("no Chromium found: apt install chromium")
        install_chromium()
    found = find_chromium()
    return {"args": QUIET} | ({"executable_path": found} if found else {})


class Server:
    """The app as `make run` starts it, on a free port, with a language that nobody speaks."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "log"
        self.environment = os.environ | {
            "EDLM_DATA": str(folder),  # a store with nothing in it
            "EDLM_LOCALES": str(write_locale(folder / "locales")),
        }

    def start(self):
        command = ["-m", "streamlit", "run", "app.py", "--server.address=localhost", f"--server.port={self.port}"]
        with self.log.open("a") as out:
            self.process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=out, stderr=subprocess.STDOUT
            )
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.25)
        pytest.fail(f"the server did not answer: {self.log.read_text()}")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        assert "Traceback" not in self.log.read_text()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of one for all tests."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def own_server(tmp_path):
    """One for a test that starts and stops it."""
    server = Server(tmp_path)
    yield server
    if server.process.poll() is None:
        server.process.kill()


@pytest.fixture(scope="session")
def visitors(browser):
    """One context for all pages that need none of their own: what the browser has once fetched and compiled of
    Streamlit it has for all. The app keeps nothing in it."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(visitors):
    yield visitors.new_page()
    for page in visitors.pages:
        page.close()


@pytest.fixture
def watch(page, server):
    """The Watch page, open, with every error of the browser's console collected in `page.errors`."""
    collect_errors(page)
    open_page(page, server)
    return page


def collect_errors(page) -> None:
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)


def open_page(page, url: str) -> None:
    page.set_default_timeout(90_000)
    page.goto(url)
    page.wait_for_selector(".stage .lane")


SETTLED = """() => {
    const state = document.querySelector('[data-testid=stApp]').dataset.testScriptState;
    window.quiet = state === 'notRunning' ? (window.quiet ?? 0) + 1 : 0;
    return window.quiet > 8;
}"""


def settle(page) -> None:
    """Until the script has stopped running, and with it the polling for a model that is still loading: quiet for some
    looks in a row from now on, since what was just clicked takes a moment to reach the server. A page that is too busy
    to reach it is too busy to be looked at."""
    page.evaluate("window.quiet = 0")
    page.wait_for_function(SETTLED, polling=50, timeout=SLOW)


def look_at(page, name, said=str) -> None:
    """A section of Diagnose; `said` puts its label into the visitor's language."""
    section = SECTIONS[name]
    for label in (LEVELS[section.level], section.label):
        page.get_by_role("radio", name=said(label), exact=True).click()
    page.wait_for_url(re.compile(f"look={name}(&|$)"))  # it is written last
    settle(page)


def fits(page) -> None:
    """Nothing sticks out to the right, of the page or of a part of ours, as soon as it has found its place."""
    page.wait_for_function(
        """() => document.documentElement.scrollWidth <= window.innerWidth
            && [...document.querySelectorAll('.stage, .theatre')].every(
                (part) => part.scrollWidth <= part.clientWidth)"""
    )


def serious_violations(page) -> list[str]:
    """Of accessibility: what axe finds, and where first."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:300]}" for v in found if v["impact"] in ("serious", "critical")]
