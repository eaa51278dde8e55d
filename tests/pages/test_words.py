"""Words: all of them in one catalogue, whole sentences, in the visitor's language, with their numbers."""

import ast
import json
import re
from types import SimpleNamespace

import pytest
from babel.messages.frontend import CommandLineInterface
from msgspec.structs import replace

from edlm_core.config import Request, SampleConfig
from edlm_core.messages import Counted
from edlm_core.refusals import MESSAGES, PARTS, Refusal
from edlm_core.runs.recording import Recording
from edlm_core.runs.run_file import load_run, save_run
from edlm_core.work.executor import refusal_of
from pages.parts.app import cache, i18n, refused
from pages.parts.app.shown import Shown

from ..pseudo import LANGUAGE, ROOT, TEMPLATE, pseudo, unbracketed, write_locale

SECTIONS = ("drafts", "comparison", "pairs", "what_if", "together", "trust", "correction", "many", "meter")
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
HOME = ROOT / "pages" / "parts" / "app" / "i18n.py"
TRANSLATES = ("_", "gettext", "ngettext")
MARKED = (
    "label",
    "short",
    "help",
    "about",
    "step",
    "law",
    "meaning",
)  # attributes whose texts are marked where they are written down
CODE = {"tales", "float32", "CPU", "mdlm", "edlm", "ar"}


# ── the catalogue ────────────────────────────────────────────────────────────────
def test_the_catalogue_for_translators_is_up_to_date(tmp_path, monkeypatch):
    """If not: make words."""
    recipe = re.search(r"babel\.messages\.frontend (.*?) --output", (ROOT / "Makefile").read_text(), re.DOTALL)
    options = recipe[1].replace("\\\n", " ").replace('"EDLM Explorer"', "EDLM").split()
    monkeypatch.chdir(ROOT)
    CommandLineInterface().run(["pybabel", *options, "--output", str(tmp_path / "now.pot"), "."])
    assert entries((tmp_path / "now.pot").read_text()) == entries(TEMPLATE.read_text())


def entries(template):
    """Without the header, which has the time."""
    return template.split("\n\n", 1)[1]


def test_every_text_of_a_refusal_is_in_the_catalogue():
    template = " ".join(re.findall(r'^(?:msgid(?:_plural)? )?"(.*)"$', TEMPLATE.read_text(), re.MULTILINE))
    squeezed = re.sub(r"\s+", "", template.replace('\\"', '"'))
    texts = [
        (code, m[1:] if isinstance(m, Counted) else [m])
        for code, m in (*MESSAGES.items(), *PARTS.items(), *refused.MESSAGES.items())
    ]
    assert not [code for code, forms in texts for text in forms if re.sub(r"\s+", "", text) not in squeezed]


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATES:
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_translated_can_be_found_by_who_translates(path):
    """A text in the source, or one that is marked where it stands."""
    if path == HOME or path.name == "strings.py":
        return
    for call in calls(ast.parse(path.read_text())):
        count = 2 if call.func.id == "ngettext" else 1
        for text in call.args[:count]:
            literal = isinstance(text, ast.Constant) and isinstance(text.value, str)
            marked = isinstance(text, ast.Attribute) and text.attr in MARKED
            choice = isinstance(text, ast.Subscript) and isinstance(text.value, ast.Name) and text.value.id == "choices"
            assert literal or marked or choice, f"{path.name}:{call.lineno}: {ast.unparse(call)}"


@pytest.mark.parametrize("path", sorted((ROOT / "pages" / "parts").rglob("*.py")), ids=lambda path: path.name)
def test_nothing_is_translated_when_a_module_is_imported(path):
    """It would stay in the language of the server's first visitor."""
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    assert not [call.lineno for call in calls(tree) if id(call) not in inside]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_glued(path):
    """Beside a translated text stands at most markup, never a word; and no text begins or ends in the middle."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
            inside = list(calls(node))
            own = {id(constant) for call in inside for constant in ast.walk(call)}
            beside = [
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in own
            ]
            place = f"{path.name}:{node.lineno}"
            assert len(inside) <= 1, place
            assert not inside or not re.search("[a-zA-Z]", "".join(beside)), place
    for call in calls(tree):
        for text in call.args:
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                assert not re.match(r"[,;:]|\s+[A-Z]", text.value), text.value
                assert text.value == text.value.rstrip(), text.value


# ── numbers ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", ["1,234.50", "+0.1", "-0.1", "0.125", "2", "12.5%"]),
        ("de", ["1.234,50", "+0,1", "-0,1", "0,125", "2", "12,5\xa0%"]),
        ("fr-CA", ["1\xa0234,50", "+0,1", "-0,1", "0,125", "2", "12,5\xa0%"]),
        ("en-XA", ["1,234.50", "+0.1", "-0.1", "0.125", "2", "12.5%"]),
    ],
)
def test_numbers_are_written_as_the_visitor_writes_them(monkeypatch, tag, expected):
    monkeypatch.setattr(i18n, "language", lambda: tag)
    written = [
        i18n.number(1234.5, 2),
        i18n.signed(0.1, 1),
        i18n.signed(-0.1, 1),
        i18n.shortest(0.125),
        i18n.shortest(2.0),
        i18n.percent(0.125, 1),
    ]
    assert written == expected
    assert i18n.number(float("nan"), 2) == "–"


def test_a_weight_is_never_called_zero(monkeypatch):
    monkeypatch.setattr(i18n, "language", lambda: "en")
    shares = (0.0, 0.0004, 0.0006, 0.0512, 0.126, 0.9996)
    assert [i18n.probability(p) for p in shares] == ["<0.1%", "<0.1%", "0.1%", "5.1%", "13%", "100%"]


def test_a_text_that_is_empty_stays_empty(foreign):
    """A catalogue keeps its own header under the empty text."""
    assert i18n.gettext("") == ""
    run = cache.bundled_runs()["1-repair"]
    assert i18n.title_of(run) == pseudo(run.title)
    own = replace(run, title="My own")
    assert i18n.title_of(own) == "My own"
    assert i18n.title_of(replace(own, branch=3)) == pseudo("{title} (branch after step {n})").format(
        title="My own", n=3
    )


# ── in another language ──────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def locales(tmp_path_factory):
    return write_locale(tmp_path_factory.mktemp("locales"))


@pytest.fixture
def foreign(locales, monkeypatch):
    monkeypatch.setattr(i18n, "LOCALES", locales)
    monkeypatch.setattr(i18n, "language", lambda: LANGUAGE)  # AppTest asks for labels also where there is no visitor
    i18n._translation.cache_clear()
    yield
    i18n._translation.cache_clear()


@pytest.fixture(scope="module")
def run(tales):
    config = SampleConfig(length=16, num_steps=4, num_candidates=6, seed=2)
    recording = Recording(tales, [Request(s, "ar", config, "Tom") for s in ("mdlm", "edlm")], "A story from nothing")
    list(recording.steps())
    return load_run(save_run(recording.result()))


@pytest.fixture
def app(app, foreign, shared, monkeypatch):
    monkeypatch.setattr(cache, "local", lambda model: shared)
    return app


def read(app):
    """All texts of the page that a visitor reads, and those of its controls."""
    kinds = [app.title, app.markdown, app.caption, app.info, app.warning, app.error]
    yield from (element.value for kind in kinds for element in kind)
    for kind in ("button", "selectbox", "slider", "select_slider", "number_input", "text_input", "toggle", "radio"):
        for element in app.get(kind):
            yield element.label
            yield from getattr(element, "options", [])
            yield getattr(element, "help", "") or ""
    for element in app.get("button_group"):
        yield from element.options
    for element in app.get("vega_lite_chart"):
        yield element.proto.alt
        yield from texts_of(json.loads(element.proto.spec))


def texts_of(spec):
    """What a chart says: titles, a hint's names, a legend's. A hint without a title would show a column's name."""
    for node in nodes(spec):
        if "tooltip" in node:
            hints = node["tooltip"] if isinstance(node["tooltip"], list) else [node["tooltip"]]
            yield from (hint.get("title") or f"{hint} has no title" for hint in hints if "field" in hint)
        if isinstance(node.get("title"), str):
            yield node["title"]
        if node.get("field") in ("kind", "zone", "measure") and "scale" in node:
            names = (node.get("legend") or {}).get("labelExpr")
            yield from json.loads(names.removesuffix("[datum.value]")).values() if names else node["scale"]["domain"]


def nodes(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from nodes(inner)


def english(app):
    """Words that have not been translated."""
    plain = (re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text) for text in read(app))
    return {text: words for text in plain if (words := set(unbracketed(text)) - CODE)}


@pytest.mark.parametrize("section", SECTIONS)
def test_no_english_is_left_on_diagnose(app, run, section):
    app.run()
    app.switch_page("pages/diagnose.py")
    app.session_state.visit.shown = Shown("planted", run, replay=True)
    app.session_state.d_section = section
    app.run()
    assert not app.exception
    assert english(app) == {}
    for button in [button for button in app.button if str(button.key).startswith("ask_")]:
        if section not in ("many", "meter"):  # whose questions take minutes
            app.button(key=button.key).click().run()
            assert not app.exception
            assert english(app) == {}


def test_no_english_is_left_on_watch(app):
    app.run()
    assert not app.exception
    assert english(app) == {}


def test_no_english_is_left_on_learn(app):
    app.run()
    app.switch_page("pages/learn.py")
    for n, scene in enumerate(("1", "2", "3", "4", "5", "museum")):
        app.session_state.l_scene, app.session_state.l_depth = scene, ("story", "numbers", "maths")[n % 3]
        app.run()
        skip = next(button.key for button in app.button if str(button.key).startswith("skip_"))
        app.button(key=skip).click().run()
        assert not app.exception
        assert english(app) == {}


def test_a_setting_that_is_refused_says_so_in_the_visitors_language(app):
    app.query_params["steps"], app.query_params["model"], app.query_params["run"] = "0", "no such", "none"
    app.run()
    told = [error.value for error in app.error]
    assert len(told) == 3
    assert not [text for text in told if unbracketed(text)]


def test_a_file_that_is_refused_says_so_in_the_visitors_language(app):
    app.run()
    damaged = json.loads(save_run(cache.bundled_runs()["1-repair"]))
    damaged["lanes"][0]["chosen"][0] = 999
    for content in (b"{", json.dumps(damaged).encode()):
        app.file_uploader[0].set_value(("my file.json", content, "application/json")).run()
        assert app.error
        assert not [error.value for error in app.error if unbracketed(error.value)]


def test_a_task_that_fails_says_so_in_the_visitors_language(app, run):
    app.run()
    app.switch_page("pages/diagnose.py")
    app.session_state.visit.shown = Shown("planted", run, replay=True)
    app.session_state.d_section = "what_if"
    app.run()
    app.text_input(key="w_word").set_value("incomprehensibilities").run()
    key = next(button.key for button in app.button if "branch_word" in str(button.key))
    app.button(key=key).click().run()
    told = [error.value for error in app.error]
    assert len(told) == 1
    assert not unbracketed(told[0])


def test_a_refusal_takes_the_form_of_its_count(monkeypatch):
    few = SimpleNamespace(gettext=str, ngettext=lambda one, many, n: "few {most}" if n % 10 in (2, 3, 4) else many)
    monkeypatch.setattr(i18n, "_translation", lambda name: few)
    assert i18n.in_words(Refusal("lanes-many", most=3, got=4)) == "few 3"
    assert i18n.in_words(Refusal("lanes-many", most=5, got=6)) == str(Refusal("lanes-many", most=5, got=6))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("an English sentence"), "task-unexpected"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"), "task-memory"),
        (MemoryError(), "task-memory"),
        (OSError(28, "No space left on device"), "task-system"),
        (Refusal("run-gone", name="abc"), "run-gone"),
    ],
)
def test_a_failure_travels_as_a_code(error, code):
    assert refusal_of(error).code == code
    assert "English" not in str(refusal_of(error))
