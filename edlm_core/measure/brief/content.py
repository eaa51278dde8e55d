"""What stands in a brief, whatever it is written as. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ...catalogue import JUDGES, self_judged
from ...messages import N_, Counted
from ..board import Board, Line
from ..command_line import sweep_command
from ..filled import Filled, cloze_command
from ..kpis import Sample
from ..targets import State, attained
from . import figures, sentences
from .voice import ENGLISH, Voice

TITLE = N_("Is it good enough for a pilot?")
NAMED = N_("{name}: is it good enough for a pilot?")
SUBTITLE = N_("{own}, with {other} beside it; measured up to {date}.")
SUBTITLE_ALONE = N_("{own}; measured up to {date}.")
HEADER = (N_("What is asked"), N_("target"), N_("measured, with 95% interval"), N_("which means"))
PICTURE = N_(
    "How far towards its target each figure is: 100% reaches it, to the right is better; bars are 95% intervals."
)
NOT_MEASURED, HOW = N_("What was not measured"), N_("How it was measured")
MISSING = N_("{what}: {way}")
ALL_MEASURED = N_("Every figure of the board was measured.")
NOTHING_ELSE = N_("Nor what a reader thinks of the texts, what the model knows, or what another machine would take.")
NOTE = Counted(
    "n",
    "{name}: {n} text of the setting {cell}, seed {first}; weights {weights}, {device}, {dtype}, threads: {threads}, "
    "{processor}, {date}.",
    "{name}: {n} texts of the setting {cell}, seeds {first} to {last}; weights {weights}, {device}, {dtype}, threads: "
    "{threads}, {processor}, {date}.",
)
FILLED_NOTE = N_(
    "Blanks, {name}: {n} texts of {templates} templates, seeds from {first}; weights {weights}, {device}, {dtype}, "
    "threads: {threads}, {processor}, {date}."
)
RECORDED, HERE = N_("Recorded with the app, not measured here."), N_("Measured on this server.")
INTERVALS = N_(
    "Means by Student's t over texts, seconds over batches; waits by order statistics over batches; pairs by Wilson."
)
ROWS = N_("Rows, a line a text, as CSV: SHA-256 {sha}")
FLATTERED = N_("{judge} took part in writing {name}: its figure flatters, ask another judge.")
MOST_SAID = 10.0  # times a target; more is said as that


@dataclass(frozen=True)
class Noted:
    """Text, and the numbers of the notes that say where its figures come from."""

    text: str
    notes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Note:
    text: str
    command: str


@dataclass(frozen=True)
class Bar:
    """A row of the picture; 1 is the target. `low` and `high` may be infinite."""

    label: str
    state: State
    value: float
    low: float
    high: float
    said: str  # the value, at most MOST_SAID


@dataclass(frozen=True)
class Brief:
    language: str
    title: str
    subtitle: str
    say: tuple[Noted, ...]  # three sentences
    care: tuple[str, ...]  # what they must not be read without
    bars: tuple[Bar, ...]
    picture: str  # what it shows, in words
    header: tuple[str, ...]
    table: tuple[tuple[Noted, ...], ...]
    headings: tuple[str, str]  # of the two lists below
    missing: tuple[str, ...]
    how: tuple[str, ...]
    notes: tuple[Note, ...]  # the first is note 1


def brief(
    board: Board,
    found: Sequence[Line],
    samples: Sequence[Sample],
    names: Sequence[str],
    sha: str,
    voice: Voice = ENGLISH,
) -> Brief:
    """`found`: the board's lines. `samples` and their `names`: its setting, and the one beside it where it has one.
    `sha`: of the file of their rows."""
    own, other = samples[0], samples[1] if len(samples) > 1 else None
    by_name = {line.kpi.name: line for line in found}
    notes = [_note(voice, sample, name) for sample, name in zip(samples, names, strict=True)]
    cells = tuple(range(1, len(samples) + 1))
    filled: dict[int, int] = {}  # the note on a setting's blanks, by that on its texts
    for n, sample, name in zip(cells, samples, names, strict=True):
        if own.filled is not None and sample.filled is not None:
            notes.append(_filled_note(voice, sample.filled, name))
            filled[n] = len(notes)
    say = (
        Noted(sentences.quality(voice, board, names, own, other, by_name["nll"]), cells),
        Noted(sentences.speed(voice, board, own, other, by_name["rate"]), cells),
        Noted(sentences.advice(voice, found), tuple(filter(None, (1, filled.get(1))))),
    )
    date = max(_day(row["created"]) for sample in samples for row in sample.rows)
    subtitle = SUBTITLE if other is not None else SUBTITLE_ALONE
    return Brief(
        language=voice.language,
        title=voice.say(NAMED, name=board.name) if board.name else voice.say(TITLE),
        subtitle=voice.say(subtitle, own=names[0], other=names[-1], date=date),
        say=say,
        care=tuple(_flattered(voice, board, samples, names)),
        bars=tuple(_bar(voice, line) for line in found if line.found is not None),
        picture=voice.say(PICTURE),
        header=tuple(map(voice.say, HEADER[:3])) + tuple(names[1:]) + (voice.say(HEADER[3]),),
        table=tuple(_row(voice, line, filled, beside=other is not None) for line in found if line.found is not None),
        headings=(voice.say(NOT_MEASURED), voice.say(HOW)),
        missing=tuple(_missing(voice, own, found)),
        how=(voice.say(RECORDED if board.source else HERE), voice.say(INTERVALS), voice.say(ROWS, sha=sha)),
        notes=tuple(notes),
    )


def _row(voice: Voice, line: Line, filled: dict[int, int], *, beside: bool) -> tuple[Noted, ...]:
    def figure(n: int) -> Noted:
        found = line.found if n == 1 else line.beside
        if found is None:
            return Noted(voice.say(figures.STATES[State.ABSENT]))
        note = filled.get(n, n) if line.kpi.name == "filled" else n
        return Noted(figures.with_interval(voice, line.kpi, found, unit=n == 1), (note,))

    label, state = Noted(voice.gettext(line.kpi.label)), Noted(figures.state(voice, line))
    measured = [figure(1), figure(2)] if beside else [figure(1)]
    return (label, Noted(figures.target(voice, line)), *measured, state)


def _bar(voice: Voice, line: Line) -> Bar:
    assert line.found is not None  # noqa: S101, only what was measured is drawn
    ends = [
        attained(end, line.target, lower=line.kpi.lower) for end in (line.found.value, line.found.low, line.found.high)
    ]
    said = voice.percent(min(ends[0], MOST_SAID), 0)
    return Bar(voice.gettext(line.kpi.label), line.verdict.state, ends[0], min(ends), max(ends), said)


def _missing(voice: Voice, own: Sample, found: Sequence[Line]) -> Iterator[str]:
    for line in found:
        if line.found is None:
            label, way = voice.gettext(line.kpi.label), voice.say(line.kpi.help, command=cloze_command(own.rows[0]))
            yield voice.say(MISSING, what=label, way=way)
    if all(line.found is not None for line in found):
        yield voice.say(ALL_MEASURED)
    yield voice.say(NOTHING_ELSE)


def _flattered(voice: Voice, board: Board, samples: Sequence[Sample], names: Sequence[str]) -> Iterator[str]:
    judge = voice.gettext(JUDGES[board.judge].label)
    for sample, name in zip(samples, names, strict=True):
        if self_judged(board.judge, sample.rows[0]["sampler"], sample.rows[0]["energy"]):
            yield voice.say(FLATTERED, judge=judge, name=name)


def _note(voice: Voice, sample: Sample, name: str) -> Note:
    row, last = sample.rows[0], sample.rows[-1]
    where = {key: row[key] for key in ("cell", "device", "dtype", "threads")}
    text = voice.say(
        NOTE,
        name=name,
        n=len(sample.rows),
        first=row["seed"],
        last=last["seed"],
        weights=row["fingerprint"],
        processor=row["processor"] or "–",
        date=_day(last["created"]),
        **where,
    )
    return Note(text, sweep_command(row, len(sample.rows)))


def _filled_note(voice: Voice, found: Filled, name: str) -> Note:
    where = {key: getattr(found, key) for key in ("weights", "device", "dtype", "threads", "processor", "date")}
    text = voice.say(FILLED_NOTE, name=name, n=found.texts, templates=found.templates, first=found.first_seed, **where)
    return Note(text, found.command)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
