"""Tables as CSV files that a spreadsheet opens as they are meant: words stay words, letters stay letters."""

from __future__ import annotations

import csv
import io
import itertools
import unicodedata
from collections.abc import Iterable
from typing import Any

_BEGIN_FORMULAS = ("=", "+", "-", "@")
_BEGIN_CELLS = ("\t", "\r", "\n")  # a spreadsheet may drop these, and whatever it likes after them


def csv_file(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it. A cell without a value, None or NaN, is empty."""
    out = io.StringIO()
    table = csv.writer(out)
    for row in itertools.chain([header], rows):
        table.writerow([_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def as_text(text: str) -> str:
    """Spreadsheets run a cell that begins like a formula; an apostrophe keeps it text. They skip blanks and characters
    without a width before they look, and read full-width signs as the plain ones."""
    first = next((c for c in text if unicodedata.category(c)[0] not in "ZC"), "")
    formula = unicodedata.normalize("NFKC", first)[:1] in _BEGIN_FORMULAS
    return "'" + text if formula or text.startswith(_BEGIN_CELLS) else text


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return as_text(value)
    return "" if value is None or value != value else value
