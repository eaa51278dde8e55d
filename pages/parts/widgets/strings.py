"""What is read in the browser's own parts, in the visitor's language. The English stands in `assets/js/strings.json`:
by part and key one text, or a pair [singular, plural]. And how Babel finds what no Python file marks: see babel.cfg."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import IO, Any

from ..app.i18n import gettext, ngettext, numbers_in
from .bundle import JS

FILE = JS / "strings.json"
ENGLISH: dict[str, dict[str, str | list[str]]] = json.loads(FILE.read_text(encoding="utf-8"))
_COUNTS = 200  # a plural rule asks for the last two digits of a count, and whether it is a small one


def translated(part: str) -> dict[str, str | dict[str, Any]]:
    """A part's texts; those with a count as {forms, which}: `which` has the digit of the form for 0, 1, …, 199.
    And whose numbers are written."""
    return {key: in_language(text) for key, text in ENGLISH[part].items()} | {"numbers_in": numbers_in()}


def in_language(text: str | Sequence[str]) -> str | dict[str, Any]:
    """One of them, or a marked one of the core."""
    if isinstance(text, str):
        return gettext(text)
    *_by, singular, plural = text
    by_count = [ngettext(singular, plural, n) for n in range(_COUNTS)]
    forms = list(dict.fromkeys(by_count))
    return {"forms": forms, "which": "".join(str(forms.index(form)) for form in by_count)}


def extract(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str | None, str | tuple[str, ...], list[str]]]:
    """Babel's extraction from strings.json: (line, function, message or messages, comments)."""
    for number, line in enumerate(fileobj.read().decode().splitlines(), 1):
        key, _, value = line.strip().removesuffix(",").partition(": ")
        if not key.startswith('"') or value == "{":
            continue
        text = json.loads(value)
        plural = isinstance(text, list)
        yield number, "ngettext" if plural else None, tuple(text) if plural else text, [json.loads(key)]


def extract_title(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Babel's extraction from a run that comes with the app: its title, and what it says of how it was chosen."""
    run = json.load(fileobj)
    yield from ((1, None, run[name], []) for name in ("title", "about") if run.get(name))
