"""Every visible string passes through here. English is the source; a second language is one folder,
`assets/locale/<language>/LC_MESSAGES/explorer.mo`, and no change in a page."""

from __future__ import annotations

import gettext as _gettext
from functools import lru_cache
from pathlib import Path

import streamlit as st

LOCALES = Path(__file__).parents[3] / "assets" / "locale"
_KNOWN = frozenset(path.name for path in LOCALES.glob("*") if path.is_dir())


def language() -> str:
    """The visitor's language: `?lang=` if it is there, else the browser's, else English."""
    wanted = [st.query_params.get("lang", ""), str(st.context.locale or "")]
    for tag in wanted:
        for name in (tag, tag.split("-")[0]):
            if name in _KNOWN:
                return name
    return "en"


@lru_cache(maxsize=32)
def _translation(name: str) -> _gettext.NullTranslations:
    return _gettext.translation("explorer", LOCALES, [name], fallback=True)


def gettext(message: str) -> str:
    """The message in the visitor's language, or as it is."""
    return _translation(language()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form that a count of `n` takes in the visitor's language."""
    return _translation(language()).ngettext(singular, plural, n)
