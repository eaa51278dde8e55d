"""What a visitor of Measure looks at: settings that may be compared, by a judge, at a cost. It outlives a change of
page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import streamlit as st
from sqlalchemy import RowMapping

from edlm_core.catalogue import JUDGES, SAMPLERS
from edlm_core.measure.opponents import conditions, heard
from edlm_core.measure.paired import Interval
from edlm_core.settings import Choice
from edlm_core.work.cells import CellFigures, calls, texts

from ..app.i18n import gettext as _
from ..app.i18n import number, shortest
from ..app.links import CONFIG
from ..app.words import plain
from .sources import Source
from .sources import choose as choose_source

state = st.session_state
COSTS = ("seconds", "passes", "scored")


@dataclass
class View:
    source: Source
    cells: dict[str, CellFigures]  # by name
    judge: str
    cost: str
    names: dict[str, str]  # what the visitor calls each cell

    @property
    def measure(self) -> str:
        """The column of what the judge says."""
        return f"judge_nll_{self.judge}"

    def setting(self, cell: str) -> dict[str, Any]:
        """The row of its first text."""
        return self.cells[cell].row

    def texts(self, cell: str) -> dict[int, RowMapping]:
        """Its rows by seed."""
        return texts(self.source.trials, cell)

    def cost_of(self, cell: str) -> Interval:
        """On average; of what is counted, and not timed, there is no interval."""
        if self.cost == "seconds":
            return self.cells[cell].measured["seconds"]
        counted = self._calls[cell]
        if self.cost == "scored":
            return counted["scored"], 0.0
        return counted["denoiser_calls"] + counted["energy_calls"], 0.0

    @cached_property
    def _calls(self) -> dict[str, dict[str, float]]:
        return calls(self.source.trials)


def cost_names() -> dict[str, str]:
    return {
        "seconds": _("seconds a text"),
        "passes": _("network calls, a batch"),
        "scored": _("drafts scored, a text"),
    }


def choose(sources: list[Source]) -> View:
    """What was chosen for another source is kept where it is a choice here. Which conditions, is asked where there are
    several."""
    columns = st.columns(3)
    source = choose_source(sources, columns[0])
    groups = _groups(source.cells)
    keys = list(groups)
    if wanted := state.pop("m_wanted", None):  # the setting of a board that was just opened
        state.m_group = next((n for n, key in enumerate(keys) if wanted in {one.cell for one in groups[key]}), 0)
    n = 0
    if len(keys) > 1:
        n = _select(st, "group", _("Made under"), range(len(keys)), lambda n: _described(groups[keys[n]]))
    cells = groups[keys[n]]
    judges = [judge for judge in JUDGES if any(f"judge_nll_{judge}" in one.measured for one in cells)]
    judge = _select(columns[1], "judge", _("Judge"), judges, lambda name: _(JUDGES[name].label))
    costs = cost_names()
    cost = _select(columns[2], "cost", _("Cost"), COSTS, costs.__getitem__)
    kept = {one.cell: one for one in cells if f"judge_nll_{judge}" in one.measured}
    return View(source, kept, judge, cost, names_of(list(kept.values())))


def _select(place: Any, name: str, label: str, options: Sequence[Any], words: Any) -> Any:
    kept, widget = f"m_{name}", f"w_m_{name}"
    if state.get(kept) not in options:
        state[kept] = options[0]
    state[widget] = state[kept]
    return place.selectbox(
        label,
        options,
        key=widget,
        format_func=words,
        on_change=lambda: state.update({kept: state[widget]}),
    )


def _groups(cells: Sequence[CellFigures]) -> dict[tuple[Any, ...], list[CellFigures]]:
    """Settings that may be compared, those with most texts first."""
    groups: dict[tuple[Any, ...], list[CellFigures]] = {}
    for one in cells:
        if any(f"judge_nll_{judge}" in one.measured for judge in JUDGES):
            groups.setdefault(conditions(one.row), []).append(one)
    return dict(sorted(groups.items(), key=lambda item: -sum(one.texts for one in item[1])))


def _described(cells: Sequence[CellFigures]) -> str:
    first = cells[0].setting
    where = _("model {model}, weights {weights}, length {length}, {device}, {dtype}, threads: {threads}").format(
        model=first.model,
        weights=first.fingerprint,
        length=first.length,
        device=first.processor or first.device,
        dtype=first.dtype,
        threads=first.threads,
    )
    return where if first.prompt is None else _("{where}, “{prompt}”").format(where=where, prompt=first.prompt)


def made(view: View) -> str:
    """Where the texts come from, for below a figure."""
    some = next(iter(view.cells.values())).setting
    dates = sorted(one.setting.created for one in view.cells.values())
    return _("Texts: {n}. Settings: {settings}. Made by {where}. Last written {date}.").format(
        n=number(sum(one.texts for one in view.cells.values())),
        settings=len(view.cells),
        where=plain(_described([view.cells[some.cell]])),
        date=day(dates[-1]),
    )


def day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


# ── what a setting is called ─────────────────────────────────────────────────────
def names_of(cells: Sequence[CellFigures]) -> dict[str, str]:
    """By what it listens to: sampler, T and K always, anything else where two settings of the sampler differ in it."""
    names = {one.cell: _name(one, cells) for one in cells}
    twice = {name for name, n in Counter(names.values()).items() if n > 1}
    return {cell: f"{name} ({cell[:6]})" if name in twice else name for cell, name in names.items()}


def _name(one: CellFigures, cells: Sequence[CellFigures]) -> str:
    setting = one.row
    beside = [other.row for other in cells if other.setting.sampler == one.setting.sampler]
    parts = [_(SAMPLERS[setting["sampler"]].label)]
    for name in heard(setting["sampler"]):
        if name == "num_steps":
            parts.append(f"T = {setting[name]}")
        elif name == "num_candidates":
            parts.append(f"K = {setting[name]}")
        elif len({other[name] for other in beside}) > 1:
            parts.append(_value(name, setting[name]))
    return ", ".join(parts)


def _value(name: str, value: Any) -> str:
    described = CONFIG.get(name)
    if isinstance(described, Choice):
        choices = described.choices
        return _(choices[value])
    if described is None:
        return f"{name} {value}"
    return f"{_(described.label)} {shortest(value) if isinstance(value, float) else value}"
