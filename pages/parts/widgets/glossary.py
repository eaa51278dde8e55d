"""The glossary in the visitor's language: `help=meaning("ess")` beside a word, all of it for the browser's side."""

from __future__ import annotations

from edlm_core.glossary import GLOSSARY

from ..app.i18n import gettext as _


def meaning(name: str) -> str:
    """Of a word of the glossary, for a tooltip."""
    return _(GLOSSARY[name].meaning)


def glossary() -> dict[str, tuple[str, str]]:
    """Each word and what it means, by name."""
    return {name: (_(term.label), _(term.meaning)) for name, term in GLOSSARY.items()}
