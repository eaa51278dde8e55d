"""Words and their neighbours, as the stories have them that a model learned from: what in a text is no word, and which
words stand side by side as they never do there. No judge, no torch.

A model's folder has them in `words.json`: each word that the stories have at least `SEEN` times, and behind it the
words that follow it in them that often. `python -m edlm_core train words --data FOLDER` writes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from ..displayed import END_OF_TEXT
from ..json_files import read_own
from ..model_refs import model_refs

FILE = "words.json"
MAX_BYTES = 32 << 20
SEEN = 2  # a slip of the pen in one story makes no word
_LETTERS = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
_RUN = re.compile(rf"{_LETTERS}(?: {_LETTERS})*")  # words with one blank between, and nothing else
_CUT_OFF = re.compile(r"[\w'’]+$")  # a text may end in the middle of its last word


@dataclass(frozen=True)
class Words:
    followers: Mapping[str, frozenset[str]]  # of every known word

    def broken(self, text: str) -> float | None:
        """The share of its words that the stories don't have; None of a text without a word."""
        return _share([word not in self.followers for run in runs(text) for word in run])

    def coherent(self, text: str) -> float | None:
        """Of the pairs of neighbouring words, both known, the share that stand so in the stories; None of no pair. A
        broken word has no say in it: it counts once, as broken."""
        pairs = (pair for run in runs(text) for pair in pairwise(run))
        return _share([b in self.followers[a] for a, b in pairs if a in self.followers and b in self.followers])


def runs(text: str) -> Iterator[list[str]]:
    """The words of a text, in lower case, a list for each stretch without a sign or a line break between."""
    whole = _CUT_OFF.sub("", text)
    for match in _RUN.finditer(whole.replace(END_OF_TEXT, "\n").lower()):
        yield match[0].replace("’", "'").split(" ")


def learned(stories: Iterable[str], seen: int = SEEN) -> dict[str, str]:
    """What `words.json` says: word -> its followers, with blanks between."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for story in stories:
        for run in runs(story):
            words.update(run)
            pairs.update(pairwise(run))
    behind: dict[str, list[str]] = {word: [] for word, n in sorted(words.items()) if n >= seen}
    for (a, b), n in sorted(pairs.items()):
        if n >= seen:
            behind[a].append(b)
    return {word: " ".join(followers) for word, followers in behind.items()}


def words_of(model: str) -> Words | None:
    """Of a model by name or folder; None where its folder has none. Raises Refusal where the file is damaged."""
    known = model_refs().get(model)
    path = (known.folder if known is not None else Path(model)) / FILE
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=2)
def _read(path: Path, written: int) -> Words:
    """`written`: a newer file is read anew."""
    listed = read_own(path, dict[str, str], MAX_BYTES)
    return Words({word: frozenset(followers.split()) for word, followers in listed.items()})


def _share(found: Sequence[bool]) -> float | None:
    return sum(found) / len(found) if found else None
