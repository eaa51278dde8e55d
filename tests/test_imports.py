"""Imports go one way, room by room: docs/architecture.md has the reasons."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = ROOT / "edlm_core"
APP = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
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


@cache
def core_imports(name):
    """Which modules of the core a module of the core imports."""
    wanted = {i.removeprefix("edlm_core.") for i in imports(MODULES[name]) if i.startswith("edlm_core.")}
    named = {module for i in wanted for module in (i, i.rpartition(".")[0])}
    return {module for i in named for module in (i, f"{i}.__init__") if module in MODULES}


@cache
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


# Which rooms a room may look into. Every room may look into itself, and at the conventions in edlm_core/__init__.py.
FOUNDATION = {
    "catalogue",
    "characters",
    "config",
    "displayed",
    "durations",
    "files",
    "json_files",
    "messages",
    "model_refs",
    "processor",
    "refusals",
    "settings",
}
METHOD = FOUNDATION | {"method"}
MODELS = METHOD | {"models"}
RUNS = MODELS | {"runs"}
ROOMS = {
    "messages": set(),
    "characters": set(),
    "displayed": {"characters"},
    "durations": {"messages"},
    "refusals": {"messages", "characters", "refusals"},
    "files": {"refusals"},
    "json_files": {"files", "refusals"},
    "settings": {"refusals"},
    "catalogue": {"catalogue", "messages", "refusals", "settings"},
    "config": {"catalogue", "messages", "refusals", "settings"},
    "model_refs": set(),
    "processor": set(),
    "glossary": {"messages"},
    "method": METHOD,
    "models": MODELS,
    "training": MODELS | {"training"},
    "runs": RUNS,
    "diagnosis": RUNS | {"diagnosis"},
    "worlds": MODELS | {"worlds"},
    "measure": RUNS | {"worlds", "measure"},
    "work": RUNS | {"training", "diagnosis", "measure", "work"},
    "service": RUNS | {"work", "service"},
    "commands": RUNS | {"training", "diagnosis", "worlds", "measure", "work", "service", "commands"},
}
PARTS = {
    "app": {"app"},
    "widgets": {"app", "widgets"},
    "watch": {"app", "widgets", "watch"},
    "diagnose": {"app", "widgets", "diagnose"},
    "measure": {"app", "widgets", "measure"},
    "learn": {"app", "widgets", "learn"},
}


def test_every_module_of_the_core_has_its_room():
    assert {name.split(".")[0] for name in MODULES} == {*ROOMS, "__init__", "__main__"}


@pytest.mark.parametrize("name", MODULES)
def test_the_core_looks_one_way(name):
    room = name.split(".")[0]
    seen = {other.split(".")[0] for other in core_imports(name)} - {"__init__"}
    assert seen <= ROOMS.get(room, {"characters", "commands", "refusals"} if room == "__main__" else set())


@pytest.mark.parametrize("path", APP, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_pages_look_one_way(path):
    """app.py -> pages -> what a page draws with -> widgets -> app: no page knows another, and none knows the shell."""
    known = {i for i in imports(path) if i.split(".")[0] in ("app", "pages")}
    if path.name == "app.py":
        assert all(i.startswith("pages.parts.app") for i in known)
    elif path.parent.name == "pages":
        assert {i.split(".")[2] for i in known} <= {"app", "widgets", path.stem}
    else:
        assert {i.split(".")[2] for i in known} <= PARTS[path.relative_to(ROOT).parts[2]]


def test_only_what_speaks_of_them_imports_the_exact_worlds():
    users = {name.split(".")[0] for name in MODULES if any(o.startswith("worlds") for o in core_imports(name))}
    assert users == {"worlds", "commands", "measure"}
    readers = {path for path in APP if any(i.startswith("edlm_core.worlds") for i in imports(path))}
    assert {path.relative_to(ROOT).parts[:3] for path in readers} == {("pages", "parts", "learn")}


@pytest.mark.parametrize("name", MODULES)
def test_no_module_imports_itself_by_a_detour(name):
    assert not [other for other in core_imports(name) if name in everything(other)]


TORCH_FREE = [
    "catalogue.__init__",
    "config",
    "model_refs",
    "runs.costs",
    "runs.run_file",
    "measure.board",
    "measure.brief.sheet",
    "measure.brief.slide",
    "measure.command_line",
    "measure.frontier",
    "measure.opponents",
    "measure.over_time",
    "measure.paired",
    "measure.plan",
    "measure.presets",
    "measure.recorded",
    "measure.trial_row",
    "measure.versus",
    "work.board_samples",
    "work.cells",
    "work.recorded",
    "worlds.bounds",
    "worlds.candidates",
    "worlds.clashes",
    "worlds.enumeration",
    "worlds.exhibits",
    "worlds.reveals",
    "worlds.world",
]


@pytest.mark.parametrize("name", TORCH_FREE)
def test_a_page_can_be_drawn_without_torch(name):
    heavy = ("torch", "transformers", "tokenizers", "safetensors")
    assert not [i for m in everything(name) for i in imports(MODULES[m]) if i.split(".")[0] in heavy]


def test_tasks_and_executors_load_without_torch():
    """What a task needs it imports when it starts."""
    names = ("tasks", "local", "detached", "store", "child")
    load = f"import sys, {', '.join(f'edlm_core.work.{name}' for name in names)}; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", load], cwd=ROOT, text=True) == "False\n"


@pytest.mark.parametrize("path", [*MODULES.values(), *APP], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_unpickles_or_evaluates_what_it_reads(path):
    modules = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
    assert not {i for i in imports(path) if i.split(".")[0] in modules}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "compile", "__import__", "torch.load", "torch.jit.load", "np.load")
