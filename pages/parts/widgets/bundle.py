"""ES modules of `assets/js` as one script: what a component of Streamlit and a saved page can hold.

`join` follows the imports from an entry, depth first, so that each module stands once and after all that it imports.
All share one scope: a name is declared once in the whole script, and imported under its own name.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ..app.cache import ASSETS

JS = ASSETS / "js"
_IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "(\.[^"]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) (\w+))", re.MULTILINE)
_DECLARED = re.compile(r"^(?:export (?:default )?)?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
_OTHER = re.compile(r"^(?:import\b(?! \{[\w, ]+\} from)|export (?!default )|(?:const|let) [\[{]).*", re.MULTILINE)


class BadModule(ValueError):
    """A module that can't be joined with the others; the message says why."""


@cache
def join(entry: str, folder: Path = JS) -> str:
    """The script of `entry`, a path below `folder`; only the entry's own `export default` is left of the exports.

    Raises BadModule where a module is missing, imports in a circle, imports what is not exported, or declares a name
    that another one has."""
    modules = [(path, path.read_text(encoding="utf-8")) for path in order(folder / entry)]
    _check_names(modules)
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for _, text in modules)


def order(entry: Path) -> list[Path]:
    """The entry's modules, each after those that it imports."""
    done: dict[Path, None] = {}

    def visit(path: Path, above: tuple[Path, ...]) -> None:
        if path in above:
            raise BadModule(f"{path.name}: expected imports without a circle, got {_chain((*above, path))}")
        if path in done:
            return
        if not path.is_file():
            raise BadModule(f"{above[-1].name}: expected a file, got an import of {path.name}, which is none")
        for _, target in _IMPORT.findall(path.read_text(encoding="utf-8")):
            visit((path.parent / target).resolve(), (*above, path))
        done[path] = None

    visit(entry.resolve(), ())
    return list(done)


def _check_names(modules: list[tuple[Path, str]]) -> None:
    """Imports are exported, declarations are unique, and nothing is left that joining does not understand."""
    exported: dict[Path, set[str]] = {}
    declared: dict[str, Path] = {}
    for path, text in modules:
        for names, target in _IMPORT.findall(text):
            source = (path.parent / target).resolve()
            if missing := set(names.split(", ")) - exported[source]:
                raise BadModule(f"{path.name}: expected {source.name} to export {', '.join(sorted(missing))}")
        exported[path] = set(_EXPORT.findall(text))
        for name in _DECLARED.findall(text):
            if name in declared:
                raise BadModule(f"{path.name}: expected a new name, got {name}, which {declared[name].name} declares")
            declared[name] = path
        if odd := _OTHER.search(_EXPORT.sub("", text)):
            raise BadModule(
                f'{path.name}: expected import {{ a, b }} from "./c.js", export before a declaration and '
                f"one name a declaration, got {odd.group()}"
            )


def _chain(paths: tuple[Path, ...]) -> str:
    return " → ".join(path.name for path in paths)
