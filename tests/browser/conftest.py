"""A real server and a real Chromium. With CI=true a missing browser is installed, or the tests fail."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from ..pseudo import write_locale

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The app as `make run` starts it, on a free port, with a language that nobody speaks: its address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address=localhost", f"--server.port={port}"],
            cwd=ROOT,
            env=os.environ
            | {
                "EDLM_DATA": str(folder),  # a store with nothing in it
                "EDLM_LOCALES": str(write_locale(folder / "locales")),
            },
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    url = f"http://localhost:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            break
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.25)
    else:
        pytest.fail(f"the server did not answer: {log.read_text()}")
    yield url
    process.terminate()
    process.wait(20)
    assert "Traceback" not in log.read_text()


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


def settle(page) -> None:
    """Until the script has stopped running, and with it the polling for a model that is still loading."""
    page.wait_for_function(
        """() => {
            const state = document.querySelector('[data-testid=stApp]').dataset.testScriptState;
            window.quietSince = state === 'notRunning' ? (window.quietSince ?? performance.now()) : undefined;
            return window.quietSince !== undefined && performance.now() - window.quietSince > 1200;
        }"""
    )
