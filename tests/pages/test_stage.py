"""The stage's words: defined once, all used, all translated, and safe inside a page."""

import json
import re

from edlm_core.catalogue import SAMPLERS
from edlm_core.runs.run_file import load_run
from pages.parts.app import i18n
from pages.parts.app.cache import ASSETS
from pages.parts.widgets import stage

SOURCE = (ASSETS / "stage" / "stage.js").read_text(encoding="utf-8")


def test_every_word_that_the_stage_asks_for_is_defined():
    asked = set(re.findall(r'\bs\("(\w+)"', SOURCE))
    assert len(asked) > 40
    assert asked <= set(stage.ENGLISH)


def test_no_word_is_defined_for_nothing():
    code = SOURCE[SOURCE.index("/* strings:end */") :]
    quoted = set(re.findall(r'"(\w+)"', code)) | set(re.findall(r"\b(\w+):", code))
    built = ("legend_", "strip_", "map_", *SAMPLERS)  # put together from a prefix and a name
    assert {key for key in stage.ENGLISH if key not in quoted and not key.startswith(built)} == set()


def test_the_words_are_translated_with_the_page(monkeypatch):
    monkeypatch.setattr(i18n, "_translation", lambda name: type("T", (), {"gettext": lambda self, m: m.upper()})())
    assert stage.strings()["play"] == "PLAY"


def test_a_run_cannot_break_out_of_the_saved_page():
    run = load_run((ASSETS / "runs" / "1-repair.json").read_bytes())
    hostile = "</script><script>alert(1)</script>/*SCRIPT*/{{CSP}}"
    page = stage.player(run | {"title": hostile, "vocabulary": [hostile] * len(run["vocabulary"])}).decode()
    assert page.count("<script") == 2
    data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL).group(1)
    assert json.loads(data)["run"]["title"] == hostile
