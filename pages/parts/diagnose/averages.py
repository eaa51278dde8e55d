"""What many runs are asked: the tasks of the section Many seeds, by its settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from edlm_core.catalogue import JUDGES
from edlm_core.config import Request
from edlm_core.work.tasks import MeterFactorisation, RunSweep

from ..app import cache
from ..app.i18n import gettext as _
from ..app.i18n import ngettext
from ..widgets import questions
from .view import View

SEEDS = (32, 64, 128)
TOGETHER = 8  # side by side
METER_STEPS, METER_SEEDS = (4, 8, 16, 32), 3
# The values beside the run's own that one setting takes.
VALUES = {
    "num_candidates": (2, 4, 8, 16),
    "energy_temperature": (0.5, 1.0, 2.0, 4.0),
    "num_steps": (4, 8, 16, 32),
    "high": (0.25, 0.5, 0.75, 1.0),
}


def offers(view: View, name: str) -> Iterator[questions.Offer]:
    """Every question of this section, whose name is `name`, about a run."""
    request = view.request
    if request is None:
        return
    for knob in VALUES:
        for seeds in SEEDS:
            home = questions.Home(name, {"d_section": "many", "d_knob": knob, "d_seeds": seeds})
            task = sweep(view, request, knob, seeds)
            yield questions.Offer(key(view, knob, seeds), task, sweep_label(knob, seeds), home)
    home = questions.Home(name, {"d_section": "many"})
    yield questions.Offer(meter_key(view), meter_task(view, request), meter_label(), home)


def key(view: View, knob: str, seeds: int) -> questions.Key:
    return "many", knob, seeds, view.id, view.lane_index


def judge_of(view: View) -> str:
    available = cache.local(view.run.model.name).judges()
    return next(name for name in JUDGES if name in available)


def sweep(view: View, request: Request, knob: str, seeds: int) -> RunSweep:
    requests = tuple(_with(request, knob, value, seeds) for value in VALUES[knob])
    return RunSweep(view.run.model.name, view.run.model.fingerprint, requests, (judge_of(view),), TOGETHER)


def sweep_label(knob: str, seeds: int) -> str:
    count = seeds * len(VALUES[knob])
    return ngettext("Run {count} seed", "Run {count} seeds", count).format(count=count)


def meter_key(view: View) -> questions.Key:
    return "meter", view.id, view.lane_index


def meter_task(view: View, request: Request) -> MeterFactorisation:
    model = view.run.model
    return MeterFactorisation(model.name, model.fingerprint, request, METER_STEPS, METER_SEEDS)


def meter_label() -> str:
    return _("Measure at T = {values}").format(values=", ".join(map(str, METER_STEPS)))


def _with(request: Request, knob: str, value: float, seeds: int) -> Request:
    config = replace(request.config, num_chains=seeds)
    if knob == "high":
        return replace(request, config=replace(config, window=(min(config.window[0], value), value)))
    return replace(request, config=replace(config, **{knob: value}))
