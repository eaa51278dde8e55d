"""Blind reading: texts side by side whose writers nobody can tell, and what readers made of them. No torch.

A sheet has pairs of texts, drawn from one seed a pair, two lanes each; which lane is on the left and the order of the
pairs are shuffled. The key says who wrote what. A reader says of each pair which text is the better one, and of each
text how good it is, 1 to 5.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import combinations, cycle, islice

import msgspec
import numpy as np

from ..json_files import parse_json
from ..refusals import Refusal

RATINGS = {
    5: "a person could have written it",
    4: "right English, odd in its sense",
    3: "one slip in grammar or sense",
    2: "broken in several places",
    1: "hardly English",
}
LEFT, RIGHT, SAME = "left", "right", "same"
MAX_PAIRS = 1000
MAX_BYTES = 4 << 20  # of a file of answers


class Pair(msgspec.Struct, frozen=True):
    """Two texts of one seed, as they stand on the sheet."""

    number: int  # from 1
    seed: int
    left: str
    right: str
    left_lane: str
    right_lane: str


class Key(msgspec.Struct, frozen=True):
    """Who wrote what. `sheet` is the fingerprint of what readers see: answers to another sheet are refused."""

    sheet: str
    about: dict[str, str]  # model, weights and settings
    pairs: list[Pair]


class Answer(msgspec.Struct, frozen=True):
    pair: int
    better: str  # left, right or same
    left: int  # 1 to 5
    right: int


class Answers(msgspec.Struct, frozen=True):
    """What one reader made of a sheet; pairs may be left out."""

    sheet: str
    reader: str
    answers: list[Answer]


def lane_pairs(lanes: Sequence[str], num: int) -> list[tuple[str, str]]:
    """Which two lanes are held against each other in pair n: all combinations in turn."""
    return list(islice(cycle(combinations(lanes, 2)), num))


def shuffled(texts: Mapping[str, Sequence[str]], num: int, first_seed: int) -> list[Pair]:
    """`num` pairs of the n-th texts of two lanes, in an order and on sides that tell nothing. `texts` has num texts a
    lane, text n drawn from first_seed + n."""
    rng = np.random.default_rng(first_seed)
    drawn = []
    for n, (one, other) in enumerate(lane_pairs(list(texts), num)):
        left, right = (one, other) if rng.random() < 0.5 else (other, one)
        drawn.append((first_seed + n, texts[left][n], texts[right][n], left, right))
    return [Pair(number, *drawn[n]) for number, n in enumerate(rng.permutation(num).tolist(), start=1)]


def fingerprint(pairs: Sequence[Pair]) -> str:
    """Of what a reader sees: 12 hexadecimal digits."""
    seen = json.dumps([[pair.number, pair.left, pair.right] for pair in pairs], ensure_ascii=False)
    return hashlib.sha256(seen.encode()).hexdigest()[:12]


def read_key(data: bytes) -> Key:
    """Raises Refusal."""
    return parse_json(data, Key)


def read_answers(data: bytes, key: Key) -> Answers:
    """A file saved by the page, or lines `pair better left right` such as `12 left 4 2`; checked against the key's
    sheet. Raises Refusal."""
    answers = parse_json(data, Answers) if data.lstrip().startswith(b"{") else _lines(data, key)
    if answers.sheet != key.sheet:
        raise Refusal("blind-other-sheet", expected=key.sheet, got=answers.sheet[:40])
    numbers = {pair.number for pair in key.pairs}
    for answer in answers.answers:
        if answer.pair not in numbers or answer.better not in (LEFT, RIGHT, SAME):
            raise Refusal("blind-answer", got=f"{answer.pair} {answer.better[:20]}", most=len(key.pairs))
        if not {answer.left, answer.right} <= RATINGS.keys():
            raise Refusal("blind-answer", got=f"{answer.pair} {answer.left} {answer.right}", most=len(key.pairs))
        numbers.remove(answer.pair)  # once each
    return answers


def _lines(data: bytes, key: Key) -> Answers:
    answers = []
    for line in data.decode("utf-8", "replace").splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 4 or not all(word.isdecimal() and len(word) < 6 for word in (words[0], *words[2:])):
            raise Refusal("blind-answer", got=line[:40], most=len(key.pairs))
        answers.append(Answer(int(words[0]), words[1].lower(), int(words[2]), int(words[3])))
    return Answers(key.sheet, "reader", answers)
