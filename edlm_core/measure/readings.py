"""What blind readers said, by lane: preferences, ratings, their intervals, and how far readers agree. No torch."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .blind import LEFT, SAME, Answer, Answers, Key, Pair
from .paired import Interval, mean_interval

RESAMPLES = 2000
RIGHT_ENGLISH = 4  # a rating from which a text counts as right


@dataclass(frozen=True)
class Preference:
    """How two lanes did against each other. A pair that several have read counts once, by the mean of its readers."""

    lane: str
    other: str
    pairs: int
    won: float  # pairs in which `lane` was the better text, a reader's average
    lost: float
    same: float
    share: tuple[float, float, float]  # won + same / 2 of all: estimate, 95 % bootstrap interval over the pairs


@dataclass(frozen=True)
class Rated:
    """How good a lane's texts are, 1 to 5; a text is rated by the mean of its readers."""

    lane: str
    texts: int
    rating: Interval
    right_english: Interval  # share of readings at RIGHT_ENGLISH or above


@dataclass(frozen=True)
class Analysis:
    readers: int
    preferences: tuple[Preference, ...]
    ratings: tuple[Rated, ...]
    agreement: float | None  # share of two readers' answers to one pair that say the same; None of one reader
    kappa: float | None  # Fleiss' kappa: the same beyond what chance would bring; None of one reader


def analyse(key: Key, readings: Sequence[Answers]) -> Analysis:
    by_pair: dict[int, list[Answer]] = defaultdict(list)
    for reading in readings:
        for answer in reading.answers:
            by_pair[answer.pair].append(answer)
    read = [(pair, by_pair[pair.number]) for pair in key.pairs if by_pair[pair.number]]
    lanes = list(dict.fromkeys(lane for pair, _answers in read for lane in sorted((pair.left_lane, pair.right_lane))))
    together = (_preference(lane, other, read) for lane, other in combinations(lanes, 2))
    votes = [Counter(answer.better for answer in answers) for _pair, answers in read if len(answers) > 1]
    return Analysis(
        readers=len(readings),
        preferences=tuple(preference for preference in together if preference is not None),
        ratings=tuple(_rated(lane, read) for lane in lanes),
        agreement=agreement(votes) if votes else None,
        kappa=fleiss_kappa(votes) if votes else None,
    )


def _preference(lane: str, other: str, read: Sequence[tuple[Pair, list[Answer]]]) -> Preference | None:
    shares = []  # (won, lost, same) of each pair
    for pair, answers in read:
        if {pair.left_lane, pair.right_lane} == {lane, other}:
            said = [_of(answer, pair, lane) for answer in answers]
            shares.append([said.count(result) / len(said) for result in (1.0, 0.0, 0.5)])
    if not shares:
        return None
    table = np.array(shares)
    won, lost, same = table.sum(0).tolist()
    score = table[:, 0] + table[:, 2] / 2
    rows = np.random.default_rng(0).integers(len(score), size=(RESAMPLES, len(score)))
    low, high = np.quantile(score[rows].mean(1), [0.025, 0.975])
    return Preference(lane, other, len(score), won, lost, same, (float(score.mean()), float(low), float(high)))


def _of(answer: Answer, pair: Pair, lane: str) -> float:
    """1 where the lane's text was the better one, 0 the other's, 0.5 neither."""
    if answer.better == SAME:
        return 0.5
    return float((answer.better == LEFT) == (pair.left_lane == lane))


def _rated(lane: str, read: Sequence[tuple[Pair, list[Answer]]]) -> Rated:
    ratings = [
        [answer.left if pair.left_lane == lane else answer.right for answer in answers]
        for pair, answers in read
        if lane in (pair.left_lane, pair.right_lane)
    ]
    right = [sum(rating >= RIGHT_ENGLISH for rating in text) / len(text) for text in ratings]
    return Rated(lane, len(ratings), mean_interval([sum(text) / len(text) for text in ratings]), mean_interval(right))


def agreement(votes: Sequence[Counter[str]]) -> float:
    """Of the pairs of readers of one item, the share that says the same, averaged over the items."""
    shares = [sum(n * (n - 1) for n in vote.values()) / (vote.total() * (vote.total() - 1)) for vote in votes]
    return sum(shares) / len(shares)


def fleiss_kappa(votes: Sequence[Counter[str]]) -> float:
    """(agreement - chance) / (1 - chance), chance from how often each answer is given (Fleiss 1971); 1 where all say
    the same everywhere."""
    given: Counter[str] = sum(votes, Counter())
    chance = sum((n / given.total()) ** 2 for n in given.values())
    return 1.0 if chance == 1 else (agreement(votes) - chance) / (1 - chance)
