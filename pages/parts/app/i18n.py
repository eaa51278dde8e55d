"""Every visible string passes through here. English is the source; another language is one folder,
`assets/locale/<language>/LC_MESSAGES/explorer.mo`, and no change in a page. `EDLM_LOCALES` names another folder of
languages, for whoever tries a translation."""

from __future__ import annotations

import gettext as _gettext
import math
import os
from functools import lru_cache
from pathlib import Path

import streamlit as st
from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from edlm_core import refusals
from edlm_core.durations import spoken
from edlm_core.measure.brief.voice import Voice
from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import Run

from .refused import LABELS, MESSAGES

LOCALES = Path(os.environ.get("EDLM_LOCALES") or Path(__file__).parents[3] / "assets" / "locale")
_KNOWN = frozenset(["en", *(path.name for path in LOCALES.glob("*") if path.is_dir())])


def language() -> str:
    """The visitor's language: the one that was asked for if it is there, else the browser's, else English."""
    wanted = [st.session_state.get("language", ""), str(st.context.locale or "")]
    for tag in wanted:
        for name in (tag, tag.split("-")[0]):
            if name in _KNOWN:
                return name
    return "en"


@lru_cache(maxsize=32)
def _translation(name: str) -> _gettext.NullTranslations:
    return _gettext.translation("explorer", LOCALES, [name], fallback=True)


def languages() -> dict[str, str]:
    """All that there are and the visitor's, each by its own name."""
    return {name: _own_name(name) for name in sorted(_KNOWN | {language()})}


def _own_name(name: str) -> str:
    locale = _locale(name)
    known = str(locale) == name.replace("-", "_")
    return (known and locale.get_display_name()) or name


# ── words ────────────────────────────────────────────────────────────────────────
def gettext(message: str) -> str:
    """The message in the visitor's language, or as it is."""
    return _translation(language()).gettext(message) if message else ""  # of "" a catalogue has its own header


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form that a count of `n` takes in the visitor's language."""
    return _translation(language()).ngettext(singular, plural, n)


def voice() -> Voice:
    """The visitor's language, for what the core writes."""
    return Voice(language(), gettext, ngettext, number, percent)


def in_words(refusal: Refusal) -> str:
    """Why something can't be done, and what to do, in the visitor's language."""
    return refusals.in_words(refusal, _translation(language()), MESSAGES, LABELS)


def title_of(run: Run) -> str:
    """A run's title: of a run that came with the app in the visitor's language, any other as it is."""
    title = gettext(run.title)
    if run.branch is None:
        return title
    return gettext("{title} (branch after step {n})").format(title=title or gettext("A run"), n=run.branch)


# ── numbers ──────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=32)
def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def number(value: float, digits: int = 0) -> str:
    """With so many digits after the point, or the comma."""
    return _written(value, _whole() + _behind(digits))


def signed(value: float, digits: int = 0) -> str:
    """The same with a plus sign where it is not below zero."""
    pattern = _whole() + _behind(digits)
    return _written(value, f"+{pattern};-{pattern}")


def shortest(value: float) -> str:
    """With the digits that it has, six at most."""
    return number(value, len(f"{value:g}".partition(".")[2]))


def times(nats: float) -> str:
    """e^nats as one says it: two digits, and no more than there is sense in."""
    if nats > math.log(1e6):
        return gettext("more than a million")
    ratio = math.exp(nats)
    digits = max(0, 1 - math.floor(math.log10(ratio))) if ratio < 10 else 0
    return number(float(f"{ratio:.2g}"), digits)


def percent(share: float, digits: int = 0) -> str:
    """A share of one, in per cent."""
    pattern = _locale(language()).percent_formats[None].pattern
    return _written(share, pattern.replace("##0", "##0" + _behind(digits)))


def probability(p: float) -> str:
    """One that is never quite zero, a draft's weight for instance. As `assets/js/numbers.js` writes it."""
    if p < 0.0005:
        return f"<{percent(0.001, 1)}"
    return percent(p, 0 if p >= 0.1 else 1)


def time_of(seconds: float) -> str:
    """As a person says it: 40 s, 28 min."""
    return spoken(seconds, gettext)


def numbers_in() -> str:
    """The language whose numbers are written, as a browser wants to be told."""
    return str(_locale(language())).replace("_", "-")


def vega_locale() -> dict[str, object]:
    """How a chart writes numbers, as d3 wants to be told."""
    symbols = _locale(language()).number_symbols["latn"]
    return {"decimal": symbols["decimal"], "thousands": symbols["group"], "grouping": [3], "currency": ["", ""]}


def _whole() -> str:
    return _locale(language()).decimal_formats[None].pattern.partition(".")[0]


def _behind(digits: int) -> str:
    return "." + "0" * digits if digits else ""


def _written(value: float, pattern: str) -> str:
    return "–" if math.isnan(value) else format_decimal(value, pattern, _locale(language()))
