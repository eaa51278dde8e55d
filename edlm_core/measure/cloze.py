"""Blanks with a known answer: do words drawn together fit together? Checked by rule, so that no judge is needed. No
torch: a model fills them in `filling_in.py`.

"The story is about {name} and {his} red ball." leaves two words open. What stands in braces is a role; each word that
can play it has meanings ("Lily": she, "Sam": she or he), and a rule says which meanings agree. A filling is

- fitting: every blank holds a word of its role, and they agree;
- contradicting: words of their roles that do not agree ("Lily" and "his");
- off: a word of another kind, or a piece of one.

Templates and words are `assets/cloze.json`: 225 templates, five rules, three levels (the blanks side by side; far
apart; three or more of them). Words of the right kind that the lists lack count as off, whoever wrote them: shares are
there to be compared.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..config import Request
from .paired import RESAMPLES, Interval, mean_interval, paired_difference

FILE = Path(__file__).parents[2] / "assets" / "cloze.json"
_ROLE = re.compile(r"\{(\w+)\}")


class Filling(StrEnum):
    FITTING = "fitting"
    CONTRADICTING = "contradicting"
    OFF = "off"


@dataclass(frozen=True)
class Template:
    rule: str  # a name of RULES
    level: int  # 1 to 3
    text: str

    @property
    def roles(self) -> tuple[str, ...]:
        """Of the blanks, in their order."""
        return tuple(_ROLE.findall(self.text))

    @property
    def prompt(self) -> str:
        """As a request's prompt has it: an underscore a blank."""
        return _ROLE.sub("_", self.text)

    def filled(self, words: Sequence[str]) -> str:
        left = iter(words)
        return _ROLE.sub(lambda _: next(left), self.text)

    def check(self, words: Sequence[str]) -> Filling:
        """What these words make of the template, a word a blank."""
        meanings = [_meanings()[role].get(word, frozenset()) for role, word in zip(self.roles, words, strict=True)]
        if not all(meanings):
            return Filling.OFF
        return Filling.FITTING if RULES[self.rule](words, meanings) else Filling.CONTRADICTING


Rule = Callable[[Sequence[str], Sequence[frozenset[str]]], bool]


def _share_a_meaning(words: Sequence[str], meanings: Sequence[frozenset[str]]) -> bool:
    return bool(frozenset.intersection(*meanings))


def _are_the_same(words: Sequence[str], meanings: Sequence[frozenset[str]]) -> bool:
    return len(set(words)) == 1


def _are_opposites(words: Sequence[str], meanings: Sequence[frozenset[str]]) -> bool:
    """Two by two: one at the upper end (+) of what the other is at the lower end of (-)."""
    ends = str.maketrans("+-", "-+")
    twos = zip(meanings[::2], meanings[1::2], strict=True)
    return all(any(meaning.translate(ends) in other for meaning in one) for one, other in twos)


def _count_up(words: Sequence[str], meanings: Sequence[frozenset[str]]) -> bool:
    numbers = [int(next(iter(meaning))) for meaning in meanings]
    return all(after == before + 1 for before, after in pairwise(numbers))


RULES: dict[str, Rule] = {
    "pronoun": _share_a_meaning,  # a person and what is said of her or him
    "number": _share_a_meaning,  # one or many: count, noun and verb
    "again": _are_the_same,  # a thing that was mentioned before
    "opposite": _are_opposites,
    "counting": _count_up,
}


@cache
def templates() -> tuple[Template, ...]:
    return tuple(
        Template(rule, int(level), text)
        for rule, levels in _file()["templates"].items()
        for level, texts in levels.items()
        for text in texts
    )


@cache
def _file() -> dict[str, dict[str, dict[str, Any]]]:
    return json.loads(FILE.read_text(encoding="utf-8"))


@cache
def _meanings() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Role -> word -> what it can mean there."""
    roles: dict[str, dict[str, frozenset[str]]] = {}
    for role, meanings in _file()["roles"].items():
        words = roles.setdefault(role, {})
        for meaning, listed in meanings.items():
            for word in listed.split():
                words[word] = words.get(word, frozenset()) | {meaning}
    return roles


@dataclass(frozen=True)
class Cloze:
    """What one request made of the templates: `fillings` has a row a template, in it a text a seed."""

    request: Request
    templates: tuple[Template, ...]
    fillings: tuple[tuple[Filling, ...], ...]
    texts: tuple[tuple[str, ...], ...]

    def share(self, filling: Filling = Filling.FITTING, rule: str = "", level: int = 0) -> Interval:
        """Of the fillings of all templates, or those of a rule or a level: mean and half-width of the 95 % interval,
        over templates, since the texts of one template are alike."""
        return mean_interval(self._shares(filling, rule, level))

    def agreement(self) -> tuple[float, float, float]:
        """Of the fillings whose words play their roles, the share that agrees, and its 95 % bootstrap interval over
        templates; nan where there is none."""
        counts = np.array([[row.count(Filling.FITTING), row.count(Filling.CONTRADICTING)] for row in self.fillings])
        drawn = np.random.default_rng(0).integers(len(counts), size=(RESAMPLES, len(counts)))
        shares = _agreeing(counts[drawn].sum(1))
        low, high = np.nanquantile(shares, [0.025, 0.975]) if np.isfinite(shares).any() else (math.nan, math.nan)
        return float(_agreeing(counts.sum(0))), float(low), float(high)

    def has(self, rule: str = "", level: int = 0) -> bool:
        """Whether there are templates enough of a rule or a level for an interval."""
        return len(self._shares(Filling.FITTING, rule, level)) > 1

    def difference(self, other: Cloze, rule: str = "", level: int = 0) -> Interval:
        """How much larger the share that fits is than another request's, template by template."""
        return paired_difference(
            self._shares(Filling.FITTING, rule, level),
            other._shares(Filling.FITTING, rule, level),
        )

    def _shares(self, filling: Filling, rule: str, level: int) -> list[float]:
        rows = zip(self.templates, self.fillings, strict=True)
        return [
            row.count(filling) / len(row)
            for template, row in rows
            if rule in ("", template.rule) and level in (0, template.level)
        ]


def _agreeing(counts: np.ndarray) -> np.ndarray:
    """(…, 2) fitting and contradicting -> (…): the share of the first, nan of none."""
    whole = counts.sum(-1)
    return np.divide(counts[..., 0], whole, out=np.full(whole.shape, math.nan), where=whole > 0)
