"""Figures as a brief writes them: value, interval, target, state. No torch."""

from __future__ import annotations

import math

from ...messages import N_, Counted
from ..board import Line
from ..estimates import Estimate
from ..kpis import Kpi
from ..targets import State
from .voice import Voice

STATES = {
    State.MET: N_("met"),
    State.MISSED: N_("not met"),
    State.OPEN: N_("cannot tell yet"),
    State.ABSENT: N_("not measured here"),
}
BETWEEN, FROM, UP_TO = N_("{value} ({low} to {high})"), N_("{value} (from {low})"), N_("{value} (up to {high})")
ALONE = N_("{value} (no interval)")
AT_MOST, AT_LEAST = N_("at most {value}"), N_("at least {value}")
MORE = Counted(
    "more",
    "cannot tell yet: about {n} text more",
    "cannot tell yet: about {n} texts more",
)
MORE_AT_LEAST = Counted(
    "more",
    "cannot tell yet: at least {n} text more",
    "cannot tell yet: at least {n} texts more",
)


def amount(voice: Voice, kpi: Kpi, value: float) -> str:
    """As the table has it: a share in per cent."""
    return voice.percent(value, kpi.digits) if kpi.share else voice.number(value, kpi.digits)


def with_interval(voice: Voice, kpi: Kpi, found: Estimate, *, unit: bool = True) -> str:
    """The value with its unit and its 95 % interval, as far as there is one."""
    low, high = math.isfinite(found.low), math.isfinite(found.high)
    message = BETWEEN if low and high else FROM if low else UP_TO if high else ALONE
    ends = {
        name: amount(voice, kpi, end) for name, end in (("low", found.low), ("high", found.high)) if math.isfinite(end)
    }
    value = amount(voice, kpi, found.value)
    return voice.say(message, value=voice.say(kpi.unit, value=value) if unit else value, **ends)


def target(voice: Voice, line: Line) -> str:
    return voice.say(AT_MOST if line.kpi.lower else AT_LEAST, value=amount(voice, line.kpi, line.target))


def state(voice: Voice, line: Line) -> str:
    found = line.verdict
    if found.more is None:
        return voice.say(STATES[found.state])
    return voice.say(MORE_AT_LEAST if found.at_least else MORE, more=found.more, n=voice.number(found.more, 0))
