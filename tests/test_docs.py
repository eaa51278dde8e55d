"""What the documentation names is there: files, names, settings, commands, and each figure at its source."""

import argparse
import ast
import re
import shlex
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from edlm_core import __main__, catalogue, load_model
from edlm_core.config import SampleConfig

ROOT = Path(__file__).parent.parent
ABOUT = ("*.md", "docs/*.md", "assets/models/*/card.md")
TEXT = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for about in ABOUT
    for path in sorted(ROOT.glob(about))
}
README, COMMAND_LINE, SAMPLERS = TEXT["README.md"], TEXT["docs/cli.md"], TEXT["docs/samplers.md"]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PROSE = {name: FENCED.sub("", text) for name, text in TEXT.items()}


def blocks(text, *languages):
    return [block for language, block in FENCED.findall(text) if language in languages]


def absent(paths):
    return [path for path in paths if not (ROOT / path).exists()]


def test_the_front_door_is_short():
    assert len(README.encode()) <= 6 * 1024
    (code,) = blocks(README, "python")
    assert len(code.splitlines()) <= 10


# ── files ────────────────────────────────────────────────────────────────────────
def anchors(name):
    """Of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", PROSE[name], re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", TEXT)
def test_every_link_leads_somewhere(name):
    links = re.findall(r"\]\((?!https?://)([^)\s#]*)(?:#([^)\s]+))?\)", PROSE[name])
    at = [((ROOT / name).parent / path if path else ROOT / name, anchor) for path, anchor in links]
    assert absent(path for path, _ in at) == []
    lost = [anchor for path, anchor in at if anchor and anchor not in anchors(str(path.resolve().relative_to(ROOT)))]
    assert lost == []


def drawn(tree):
    """The paths of a drawn tree: names at the beginning of a line, two columns of indentation a level."""
    above = []
    for indent, names in re.findall(r"^( *)((?:[\w./]+, )*[\w./]+)(?:  |$)", tree, re.MULTILINE):
        del above[len(indent) // 2 :]
        yield from ("".join(above) + name for name in names.split(", "))
        above.append(names)


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md"])
def test_every_room_of_a_tree_exists(name):
    (tree,) = blocks(TEXT[name], "")
    paths = list(drawn(tree))
    assert {"app.py", "edlm_core/", "edlm_core/method/", "pages/", "assets/"} <= set(paths)
    assert absent(paths) == []


@pytest.mark.parametrize("name", TEXT)
def test_every_file_that_is_named_in_full_exists(name):
    named = re.findall(r"`((?:edlm_core|pages|tests|docs|assets)/[\w./]+)`", PROSE[name])
    assert absent(path for path in named if not path.startswith("assets/locale/")) == []  # a contributor writes these


def test_the_front_doors_make_targets_are_there():
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    (shell,) = blocks(README, "sh")
    assert set(re.findall(r"^make ([\w-]+)", shell, re.MULTILINE)) == {"run", "test"} & set(targets)


def test_the_contributors_make_targets_are_there():
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for code in blocks(TEXT["CONTRIBUTING.md"], "sh", "") for name in re.findall(r"make ([\w-]+)", code)}
    assert "check" in named <= set(targets)


# ── Python ───────────────────────────────────────────────────────────────────────
SNIPPETS = [(name, code) for name, text in TEXT.items() for code in blocks(text, "python")]


@pytest.mark.parametrize(("name", "code"), SNIPPETS)
def test_python_names_what_there_is(name, code):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            module = import_module(node.module)
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "SampleConfig":
            assert {keyword.arg for keyword in node.keywords} <= {field.name for field in fields(SampleConfig)}


def test_the_front_doors_python_runs(tiny_folder, monkeypatch, capsys):
    (code,) = blocks(README, "python")
    monkeypatch.setattr("edlm_core.load_model", lambda name: load_model(str(tiny_folder)), raising=False)
    exec(code, {})
    assert capsys.readouterr().out.startswith("t = 1.00  ESS ")


# ── commands ─────────────────────────────────────────────────────────────────────
def commands(text):
    """The arguments of every `python -m edlm_core …`, in a block or between backticks."""
    joined = text.replace("\\\n", " ")
    for line in re.findall(r"(?:^|`)python -m edlm_core ([^`\n]+)", joined, re.MULTILINE):
        yield shlex.split(line, comments=True)


ARGUMENTS = [(name, argv) for name, text in TEXT.items() for argv in commands(text)]


class Parsed(Exception):
    """In place of doing it."""


@pytest.mark.parametrize(("name", "argv"), ARGUMENTS, ids=lambda value: value if isinstance(value, str) else value[0])
def test_the_parser_takes_every_command(name, argv, monkeypatch):
    def parse(self, given):
        raise Parsed(argparse.ArgumentParser.parse_args(self, given).command)

    monkeypatch.setattr(__main__.OneLineParser, "parse_args", parse)
    with pytest.raises(Parsed, match=argv[0]):
        __main__.main(argv)


def test_every_command_is_described_and_shown():
    described = set(re.findall(r"^\| `(\w+)` \|", COMMAND_LINE, re.MULTILINE))
    assert described == {argv[0] for argv in commands(COMMAND_LINE)}
    with pytest.raises(SystemExit):
        __main__.main(["every", "command"])


def test_every_energy_is_described():
    table = SAMPLERS.partition("## Energies")[2].partition("## ")[0]
    assert re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE) == [*catalogue.ENERGIES, f"{catalogue.TEXT}FOLDER"]


# ── figures ──────────────────────────────────────────────────────────────────────
def test_each_figure_of_the_front_door_stands_in_the_document_that_it_names():
    rows = re.findall(r"^\| (.*\*\*.*) \| \[\w+\]\(([^)#]+)#[^)]+\) \|$", README, re.MULTILINE)
    assert len(rows) == 5
    assert sum(words.startswith("Unfavourable: ") for words, _ in rows) == 2
    for words, source in rows:
        figures = re.findall(r"\*\*(.+?)\*\*", words)
        assert [f for f in figures if not re.search(rf"(?<![\d.]){re.escape(f)}(?![\d.])", TEXT[source])] == []


def test_the_table_of_samplers_has_one_home():
    assert [name for name, text in TEXT.items() if "<!-- samplers:begin -->" in text] == ["docs/samplers.md"]
    assert "compare --num 128 --write docs/samplers.md" in SAMPLERS
