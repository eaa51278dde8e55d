"""Imports go one way: app -> pages -> pages/parts -> edlm_core, and inside the core from nouns to verbs."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import edlm_core

ROOT = Path(__file__).parent.parent
CORE = ROOT / "edlm_core"
APP = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """Full dotted names of everything a file imports, relative imports resolved; inside functions too."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


MODULES = {".".join(p.relative_to(CORE).with_suffix("").parts): p for p in CORE.rglob("*.py")}


def core_imports(name):
    """Which modules of the core a module of the core imports."""
    wanted = {i.removeprefix("edlm_core.") for i in imports(MODULES[name]) if i.startswith("edlm_core.")}
    return {module for i in wanted for module in (i, i.rpartition(".")[0]) if module in MODULES}


def everything(name):
    """The modules of the core that importing one brings in."""
    found, new = set(), {name}
    while new:
        found |= new
        new = set().union(*map(core_imports, new)) - found
    return found


@pytest.mark.parametrize("name", MODULES)
def test_the_core_knows_no_page_and_no_chart(name):
    forbidden = ("streamlit", "plotly", "altair", "pages", "app")
    assert not {i for i in imports(MODULES[name]) if i.split(".")[0] in forbidden}


def test_parts_know_no_page_and_no_page_knows_the_app():
    for path in APP:
        known = {i for i in imports(path) if i.split(".")[0] in ("app", "pages")}
        if path.name != "app.py":
            assert all(i.startswith("pages.parts") for i in known), path


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("config", set()), ("schedules", set()), ("noise", set()), ("tokenizer", set()), ("kernels", set()),
        ("traces", set()), ("importance", set()), ("proposals", set()),
        ("transformer", {"kernels"}), ("denoiser", {"transformer"}), ("language_models", {"transformer"}),
        ("losses", {"schedules", "transformer"}),
        ("energy", {"language_models", "proposals", "transformer"}),
        ("rules", {"energy", "importance", "noise", "proposals"}),
        ("timetable", {"config", "noise", "rules", "schedules"}),
        (
            "sampling",
            {"config", "denoiser", "energy", "importance", "noise", "proposals", "rules", "schedules", "timetable"},
        ),
        ("partition", {"denoiser", "energy", "importance", "metrics", "proposals"}),
    ],
)  # fmt: skip
def test_the_method_rests_on_its_own_nouns_alone(name, allowed):
    assert core_imports(name) <= allowed


def test_only_the_command_line_imports_the_exact_worlds():
    worlds = {"exact", "enumeration", "markov", "comparison"}
    users = {name for name in MODULES if worlds & core_imports(name)} - worlds
    assert users == {"commands.exact", "commands.compare"}
    assert not [path for path in APP if {i.split(".")[1] for i in imports(path) if i.startswith("edlm_core.")} & worlds]


@pytest.mark.parametrize("name", MODULES)
def test_no_module_imports_itself_by_a_detour(name):
    assert not [other for other in core_imports(name) if name in everything(other)]


@pytest.mark.parametrize("name", ["config", "costs", "traces"])
def test_a_page_can_be_drawn_without_torch(name):
    heavy = ("torch", "transformers", "tokenizers", "safetensors")
    assert not [i for m in everything(name) for i in imports(MODULES[m]) if i.split(".")[0] in heavy]


@pytest.mark.parametrize("path", [*MODULES.values(), *APP], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_unpickles_or_evaluates_what_it_reads(path):
    modules = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
    assert not {i for i in imports(path) if i.split(".")[0] in modules}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "compile", "__import__", "torch.load", "torch.jit.load", "np.load")


@pytest.mark.parametrize("name", edlm_core.__all__)
def test_every_public_name_loads(name):
    assert getattr(edlm_core, name).__name__ == name


def test_another_name_is_an_attribute_error_like_any_other():
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = edlm_core.nonsense
    with pytest.raises(ImportError):
        import_module("edlm_core.nonsense")
