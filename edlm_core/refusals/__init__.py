"""How the core says no: a code and values. Whoever shows a refusal puts it into words, in the reader's language.

    raise Refusal("steps", got=0, least=1, most=1024)

Each code has one message in this folder, in English, which says what was expected, what came and what to do; `in_words`
fills it in, through a translation if one is given. `str` of a refusal is the English text, for the command line and for
logs. A page has messages of its own for what a visitor may meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from ..characters import one_line
from ..messages import Counted
from .measure import MESSAGES as OF_MEASURES
from .models import MESSAGES as OF_MODELS
from .parts import MESSAGES as PARTS
from .runs import MESSAGES as OF_RUNS
from .service import MESSAGES as OF_THE_SERVICE
from .training import MESSAGES as OF_TRAINING
from .work import MESSAGES as OF_WORK

ENGLISH = NullTranslations()
MESSAGES = OF_RUNS | OF_WORK | OF_THE_SERVICE | OF_MODELS | OF_MEASURES | OF_TRAINING
SETTINGS = ("name", "setting")  # values that name a setting


class Refusal(ValueError):
    """What was asked for can't be done, for a reason that the visitor can mend. `values` fill the message of `code`;
    a value may itself be a refusal."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def __str__(self) -> str:
        return in_words(self)


def in_words(
    refusal: Refusal,
    language: NullTranslations = ENGLISH,
    messages: Mapping[str, str | Counted] = MESSAGES,
    labels: Mapping[str, str] | None = None,
) -> str:
    """One line without control characters, whatever the values quote: the message of the refusal's code in a
    language, filled in. A code that `messages` lacks has the one of the command line; `labels` says what the reader
    calls the settings, by the names that refusals have for them."""

    def said(name: str, value: Any) -> Any:
        if isinstance(value, Refusal):
            return in_words(value, language, messages, labels)
        return language.gettext(labels[value]) if labels and name in SETTINGS and value in labels else value

    values = {name: said(name, value) for name, value in refusal.values.items()}
    message = messages.get(refusal.code) or MESSAGES.get(refusal.code) or PARTS[refusal.code]
    if isinstance(message, Counted):
        text = language.ngettext(message.singular, message.plural, int(values[message.by]))
    else:
        text = language.gettext(message)
    return one_line(text.format(**values))
