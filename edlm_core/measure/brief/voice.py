"""In which language a brief speaks, and how it writes numbers. No torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...messages import Counted


def _english(singular: str, plural: str, n: int) -> str:
    return singular if n == 1 else plural


@dataclass(frozen=True)
class Voice:
    """English, if nothing else is said; a page gives its visitor's."""

    language: str = "en"
    gettext: Callable[[str], str] = str
    ngettext: Callable[[str, str, int], str] = _english
    number: Callable[[float, int], str] = lambda value, digits: f"{value:,.{digits}f}"
    percent: Callable[[float, int], str] = lambda share, digits: f"{share:.{digits}%}"

    def say(self, message: str | Counted, **values: Any) -> str:
        """A whole sentence, filled in."""
        if isinstance(message, Counted):
            return self.ngettext(message.singular, message.plural, values[message.by]).format(**values)
        return self.gettext(message).format(**values)


ENGLISH = Voice()
