"""Texts of the small worlds as sentences: places 2m and 2m + 1 are a pair that must agree, word 0 with word 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter

from ..app.i18n import gettext as _
from .sheet import Piece

MASK = 2


@dataclass(frozen=True)
class Story:
    """`words` by place, in the order of positions; `template` may name them in another one."""

    template: str
    words: dict[str, tuple[str, str]]

    def pieces(self, x: Sequence[int], new: frozenset[int] = frozenset()) -> list[Piece]:
        """A text, whole or with masks; `new` are positions that were written just now."""
        places, clashing = list(self.words), clashes(x)
        found: list[Piece] = []
        for text, name, _spec, _conversion in Formatter().parse(self.template):
            if text:
                found.append({"text": text, "kind": "plain"})
            if name:
                i = places.index(name)
                found.append(self._word(name, x[i], clash=i // 2 in clashing, new=i in new))
        return found

    def _word(self, name: str, token: int, *, clash: bool, new: bool) -> Piece:
        if token == MASK:
            return {"text": "", "kind": "mask"}
        return {"text": self.words[name][token], "kind": "clash" if clash else "new" if new else "word"}

    def sentence(self, x: Sequence[int]) -> str:
        return self.template.format(**{name: pair[x[i]] for i, (name, pair) in enumerate(self.words.items())})


def clashes(x: Sequence[int]) -> list[int]:
    """The pairs that are written and do not agree."""
    pairs = [(x[i], x[i + 1]) for i in range(0, len(x), 2)]
    return [m for m, (one, other) in enumerate(pairs) if MASK not in (one, other) and one != other]


def of_one_pair() -> Story:
    return Story(_("The {animal} {sound}."), {"animal": (_("dog"), _("cat")), "sound": (_("barks"), _("meows"))})


def of_three_pairs() -> Story:
    return Story(
        _("In {month}, in the {weather}, the {animal} {sound} at the {light} at {hour}."),
        {
            "month": (_("January"), _("July")),
            "weather": (_("snow"), _("heat")),
            "animal": (_("dog"), _("cat")),
            "sound": (_("barked"), _("meowed")),
            "light": (_("moon"), _("sun")),
            "hour": (_("midnight"), _("noon")),
        },
    )
