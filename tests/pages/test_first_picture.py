"""No page loads torch before its first picture: started in a fresh interpreter, the model held back."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

VISIT = """
import sys
from streamlit.testing.v1 import AppTest
from edlm_core.work.local import Local

Local._serve = lambda self: self.ready.set()  # the thread that would load the model does nothing
page, key, *sections = sys.argv[1:]
app = AppTest.from_file("app.py", default_timeout=300).run()
app.switch_page(page)
for section in sections or [None]:
    if section:
        app.session_state[key] = section
    app.run()
    for button in [button for button in app.button if str(button.key).startswith("skip_")]:
        button.click().run()  # what is shown after a guess
    assert not app.exception, app.exception
    assert not app.error, app.error
    heavy = {"torch", "transformers", "tokenizers", "safetensors"} & set(sys.modules)
    print(section, *sorted(heavy))
"""
SECTIONS = ["drafts", "comparison", "pairs", "what_if", "together", "trust", "correction", "many", "meter"]
SCENES = ["1", "2", "3", "4", "5", "museum"]
PAGES = {  # with the key of the session that chooses a part of it, and its parts
    "pages/watch.py": ["-"],
    "pages/diagnose.py": ["d_section", *SECTIONS],
    "pages/measure.py": ["-"],
    "pages/learn.py": ["l_scene", *SCENES],
}


def test_every_page_is_tried():
    assert set(PAGES) == {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_loads_torch_before_its_first_picture(page):
    visit = subprocess.run(
        [sys.executable, "-c", VISIT, page, *PAGES[page]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert visit.returncode == 0, visit.stderr
    assert visit.stdout.splitlines() == [str(section) for section in PAGES[page][1:] or [None]]
