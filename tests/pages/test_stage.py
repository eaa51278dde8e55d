"""The browser's side as Python hands it over: words, modules, colours, and a saved page that is safe."""

import io
import json
import re
import tomllib
from types import SimpleNamespace

import pytest
from msgspec import structs

from edlm_core.catalogue import SAMPLERS
from edlm_core.messages import Counted
from edlm_core.runs.run_file import load_run
from pages.parts.app import i18n
from pages.parts.app.cache import ASSETS
from pages.parts.app.theme import DARK, LIGHT, component_css
from pages.parts.widgets import stage, strings
from pages.parts.widgets.bundle import BadModule, join

ROOT = ASSETS.parent
CODE = {path: path.read_text(encoding="utf-8") for path in (ASSETS / "js").rglob("*.js")}


# ── words ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("part", ["stage", "theatre"])
def test_no_word_is_defined_for_nothing(part):
    code = "\n".join(text for path, text in CODE.items() if path.parent.name == part)
    quoted = set(re.findall(r'"(\w+)"', code)) | set(re.findall(r"\b(\w+):", code))
    built = set(re.findall(r"`(\w+_)\$\{", code))  # put together from a prefix and a name
    unused = set(strings.ENGLISH[part]) - quoted
    assert {key for key in unused if not key.startswith(tuple(built))} == set()


def test_the_words_are_translated_with_the_page(monkeypatch):
    loud = SimpleNamespace(gettext=str.upper, ngettext=lambda one, many, n: (one if n == 1 else many).upper())
    monkeypatch.setattr(i18n, "_translation", lambda name: loud)
    said = strings.translated("stage")
    assert said["play"] == "PLAY"
    counted = said["narrate_step"]
    assert [counted["forms"][int(counted["which"][n])] for n in (1, 2)] == [
        "STEP {N} OF {T}: ONE PLACE IS FILLED IN.",
        "STEP {N} OF {T}: {COUNT} PLACES ARE FILLED IN AT ONCE.",
    ]


def test_babel_finds_every_text_once_with_its_key():
    found = list(strings.extract(io.BytesIO(strings.FILE.read_bytes()), {}, [], {}))
    texts = [text for part in strings.ENGLISH.values() for text in part.values()]
    assert [list(message) if function else message for _, function, message, _ in found] == texts
    line, function, message, comments = found[0]
    assert (line, function, message, comments) == (3, None, "Stage", ["stage"])


def test_both_numbers_of_a_text_have_no_other_placeholders_than_the_plural():
    pairs = [text for part in strings.ENGLISH.values() for text in part.values() if isinstance(text, list)]
    assert pairs
    pairs += [sampler.about[1:] for sampler in SAMPLERS.values() if isinstance(sampler.about, Counted)]
    for singular, plural in pairs:
        assert set(re.findall(r"\{\w+\}", singular)) <= set(re.findall(r"\{\w+\}", plural))


# ── modules ──────────────────────────────────────────────────────────────────────
def written(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder


def test_modules_are_joined_behind_what_they_import(tmp_path):
    folder = written(
        tmp_path,
        c="export const one = 1;\n",
        b='import { one } from "./c.js";\nexport function two() { return one + one; }\n',
        a='import { two } from "./b.js";\nimport { one } from "./c.js";\nexport default () => two() + one;\n',
    )
    assert join("a.js", folder) == (
        "const one = 1;\n\nfunction two() { return one + one; }\n\nexport default () => two() + one;\n"
    )


@pytest.mark.parametrize(
    ("b", "why"),
    [
        ('import { x } from "./a.js";\nexport const y = x;\n', "a circle, got a.js → b.js → a.js"),
        ("export const z = 1;\n", "a.js: expected b.js to export y"),
        ("export const y = 1;\nconst x = 1;\n", "a.js: expected a new name, got x, which b.js declares"),
        ("const y = 1;\nexport { y };\n", "b.js: .*got export { y }"),
        ('export const y = 1;\nexport * from "./c.js";\n', r"b.js: .*got export \*"),
        ('import d from "./d.js";\nexport const y = d;\n', "b.js: .*got import d"),
        ("export const [y, w] = [1, 2];\n", r"b.js: .*got export const \[y"),
        ('import { q } from "./gone.js";\nexport const y = q;\n', "b.js: .*import of gone.js"),
    ],
)
def test_what_cannot_be_joined_is_refused(tmp_path, b, why):
    written(tmp_path, a='import { y } from "./b.js";\nexport const x = y;\n', b=b)
    with pytest.raises(BadModule, match=why):
        join("a.js", tmp_path)


@pytest.mark.parametrize("entry", ["stage/component.js", "stage/player.js", "theatre/component.js"])
def test_a_joined_script_imports_nothing(entry):
    script = join(entry)
    assert not re.search(r"^import ", script, re.MULTILINE)
    assert len(re.findall(r"^export ", script, re.MULTILINE)) == (0 if "player" in entry else 1)


# ── colours ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["stage", "theatre", "page"])
def test_a_sheet_asks_for_colours_that_the_palette_has_and_names_none_itself(name):
    sheet = (ASSETS / "page.css" if name == "page" else ASSETS / name / f"{name}.css").read_text(encoding="utf-8")
    given = set(re.findall(r"--([\w-]+):", sheet + component_css(".x")))
    asked = {used for used in re.findall(r"var\(--([\w-]+)", sheet) if not used.startswith("st-")}
    set_by_script = {"unwritten", "at", "cell"}
    assert asked <= given | set_by_script
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", sheet)


def test_no_script_names_a_colour():
    assert [path.name for path, text in CODE.items() if re.search(r'"#[0-9a-fA-F]{6}"', text)] == []


@pytest.mark.parametrize(("theme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_streamlits_theme_has_the_palettes_colours(theme, palette):
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"][theme]
    names = {
        "backgroundColor": palette.paper,
        "secondaryBackgroundColor": palette.panel,
        "textColor": palette.ink,
        "borderColor": palette.line,
        "linkColor": palette.link,
    }
    assert {name: config[name] for name in names} == names


# ── the saved page ───────────────────────────────────────────────────────────────
def test_a_run_cannot_break_out_of_the_saved_page():
    run = load_run((ASSETS / "runs" / "1-repair.json").read_bytes())
    hostile = "</script><script>alert(1)</script>/*SCRIPT*/{{CSP}}"
    page = stage.player(structs.replace(run, title=hostile, vocabulary=[hostile] * len(run.vocabulary))).decode()
    assert page.count("<script") == 2
    data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL).group(1)
    assert json.loads(data)["run"]["title"] == hostile


# ── what the component is given ──────────────────────────────────────────────────
def test_a_run_is_encoded_once_and_joined_with_what_changes():
    run = load_run((ASSETS / "runs" / "1-repair.json").read_bytes())
    _, played = stage._encoded(run, "en")
    assert stage._encoded(run, "en")[1] is played
    assert stage._encoded(structs.replace(run, title="Another"), "en")[1] is not played
    data = json.loads(stage._together({"id": "x", "start": None}, played))
    assert list(data) == ["id", "start", "run", "strings", "glossary", "facts", "samplers"]
    assert data["samplers"]["edlm"]["self_judged"] == ["ar"]
