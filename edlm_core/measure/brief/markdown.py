"""A brief as Markdown: for a mail, a ticket or a wiki. No torch."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...characters import one_line
from .content import Brief, Noted


def markdown(brief: Brief) -> str:
    missing, how = brief.headings
    blocks = [
        f"# {_text(brief.title)}",
        _text(brief.subtitle),
        "\n".join(f"{n}. {_noted(sentence)}" for n, sentence in enumerate(brief.say, start=1)),
        *(f"> {_text(line)}" for line in brief.care),
        "\n".join([_row(map(_text, brief.header)), _row(["---"] * len(brief.header)), *_rows(brief)]),
        f"## {_text(missing)}",
        "\n".join(f"- {_text(line)}" for line in brief.missing),
        f"## {_text(how)}",
        "\n".join(f"- {_text(line)}" for line in brief.how),
        "\n".join(
            f"[^{n}]: {_text(note.text)} `{one_line(note.command)}`" for n, note in enumerate(brief.notes, start=1)
        ),
    ]
    return "\n\n".join(blocks) + "\n"


def _rows(brief: Brief) -> Iterable[str]:
    return (_row(map(_noted, row)) for row in brief.table)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _noted(noted: Noted) -> str:
    return _text(noted.text) + "".join(f"[^{n}]" for n in noted.notes)


def _text(text: str) -> str:
    """As it is, whatever signs it holds, but for what stands between backticks."""
    parts = re.split(r"(`[^`]*`)", one_line(text))
    return "".join(part if part.startswith("`") else re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", part) for part in parts)
