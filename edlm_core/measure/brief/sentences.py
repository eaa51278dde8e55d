"""Three sentences to be said aloud: quality, speed and cost, and what follows. They come from the numbers: an
unfavourable one makes an unfavourable sentence, and what can't be told is said so. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from ...catalogue import JUDGES
from ...messages import N_, Counted
from ..board import Board, Line
from ..kpis import Sample, cost_of, seconds_of
from ..paired import wilson
from ..targets import State, attained
from ..versus import Versus, versus
from .figures import amount, with_interval
from .voice import Voice

BETTER = N_(
    "{own} reads better than {other}: in {share} of {n} pairs of texts (95% interval {low} to {high}), judged by "
    "{judge}."
)
WORSE = N_(
    "{own} reads worse than {other}: it is the better one in only {share} of {n} pairs of texts (95% interval {low} to "
    "{high}), judged by {judge}."
)
NOT_TOLD = N_(
    "Whether {own} reads better than {other} cannot be told yet: it does in {share} of {n} pairs of texts (95% "
    "interval {low} to {high}), judged by {judge}."
)
QUALITY = {
    State.MET: N_("{own} reads as well as was asked: {value} by {judge}, target {target}."),
    State.MISSED: N_("{own} does not read as well as was asked: {value} by {judge}, target {target}."),
    State.OPEN: N_("Whether {own} reads as well as was asked cannot be told yet: {value} by {judge}, target {target}."),
    State.ABSENT: N_("How well {own} reads has not been measured by {judge}."),
}
SLOWER = N_(
    "It takes {ratio} times as long (nine batches in ten: {low} to {high}): {seconds} s a text, so that 1,000 texts "
    "cost {cost} at {price} an hour."
)
QUICKER = N_(
    "It takes only {ratio} times as long (nine batches in ten: {low} to {high}): {seconds} s a text, so that 1,000 "
    "texts cost {cost} at {price} an hour."
)
AS_QUICK = N_(
    "Whether it is slower cannot be told: it takes {ratio} times as long (nine batches in ten: {low} to {high}), "
    "{seconds} s a text, so that 1,000 texts cost {cost} at {price} an hour."
)
SPEED = {
    State.MET: N_("It is quick enough: {rate}, target {target}; 1,000 texts cost {cost} at {price} an hour."),
    State.MISSED: N_("It is too slow: {rate}, target {target}; 1,000 texts cost {cost} at {price} an hour."),
    State.OPEN: N_(
        "Whether it is quick enough cannot be told yet: {rate}, target {target}; 1,000 texts cost "
        "{cost} at {price} an hour."
    ),
}
GO = Counted(
    "n",
    "First a pilot on a limited use, measured by quality and speed: the {n} target that was measured is met.",
    "First a pilot on a limited use, measured by quality and speed: all {n} targets that were measured are met.",
)
WAIT = Counted(
    "open",
    "At most a small pilot on a limited use, measured by quality and speed: {open} of {n} targets cannot be told yet, "
    "the others are met.",
    "At most a small pilot on a limited use, measured by quality and speed: {open} of {n} targets cannot be told yet, "
    "the others are met.",
)
UNTOLD = Counted(
    "n",
    "Too early for a pilot, even on a limited use: whether the {n} target that was measured is met cannot be told yet.",
    "Too early for a pilot, even on a limited use: of none of the {n} targets that were measured it can be told yet "
    "whether it is met.",
)
NOT_YET = Counted(
    "missed",
    "Not a pilot yet: {missed} of {n} targets is not met, “{worst}”; mend that, and measure quality and speed again.",
    "Not a pilot yet: {missed} of {n} targets are not met, “{worst}” most of all; mend that, and measure quality and "
    "speed again.",
)


def quality(voice: Voice, board: Board, names: Sequence[str], own: Sample, other: Sample | None, line: Line) -> str:
    """Against the other setting, on texts paired by seed; without one, against the target of `line`."""
    judge = voice.gettext(JUDGES[board.judge].label)
    pairs = _paired(board, own, other)
    if pairs is not None:
        lost, _ = wilson(sum(difference > 0 for difference in pairs.differences), pairs.n)  # equal texts are even
        message = BETTER if pairs.low > 0.5 else WORSE if lost > 0.5 else NOT_TOLD
        shares = {name: voice.percent(getattr(pairs, name), 0) for name in ("share", "low", "high")}
        return voice.say(message, own=names[0], other=names[1], n=voice.number(pairs.n, 0), judge=judge, **shares)
    value = with_interval(voice, line.kpi, line.found) if line.found is not None else ""
    target = amount(voice, line.kpi, line.target)
    return voice.say(QUALITY[line.verdict.state], own=names[0], value=value, judge=judge, target=target)


def speed(voice: Voice, board: Board, own: Sample, other: Sample | None, line: Line) -> str:
    seconds, cost, pairs = seconds_of(own), cost_of(own), _paired(board, own, other)
    values = {"price": voice.number(board.price, 2), "cost": voice.number(cost.value, 2) if cost else "–"}
    if pairs is not None and seconds is not None:
        message = SLOWER if pairs.ratio_low > 1 else QUICKER if pairs.ratio_high < 1 else AS_QUICK
        ends = {"ratio": pairs.ratio, "low": pairs.ratio_low, "high": pairs.ratio_high}
        values |= {name: voice.number(end, 1 if end >= 1 else 2) for name, end in ends.items()}
        return voice.say(message, seconds=voice.number(seconds.value, 2), **values)
    target, kpi = amount(voice, line.kpi, line.target), line.kpi
    rate = with_interval(voice, kpi, line.found) if line.found is not None else "–"
    return voice.say(SPEED[line.verdict.state], rate=rate, target=target, **values)


def advice(voice: Voice, lines: Sequence[Line]) -> str:
    """What was not measured is no target that was missed, nor one that was met."""
    known = [line for line in lines if line.found is not None]
    missed = [line for line in known if line.verdict.state is State.MISSED]
    unsure = [line for line in known if line.verdict.state is State.OPEN]
    if missed:
        worst = min(missed, key=_attained)
        label = voice.gettext(worst.kpi.label)
        return voice.say(NOT_YET, missed=len(missed), n=len(known), worst=label)
    if unsure == known:
        return voice.say(UNTOLD, n=len(known))
    if unsure:
        return voice.say(WAIT, open=len(unsure), n=len(known))
    return voice.say(GO, n=len(known))


def _attained(line: Line) -> float:
    return attained(line.found.value, line.target, lower=line.kpi.lower) if line.found is not None else 0.0


def _paired(board: Board, own: Sample, other: Sample | None) -> Versus | None:
    if other is None:
        return None
    first, second = ({row["seed"]: row for row in sample.rows} for sample in (own, other))
    return versus(first, second, f"judge_nll_{board.judge}")
