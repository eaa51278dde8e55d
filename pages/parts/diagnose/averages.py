"""What many runs are asked: the tasks of the section Many seeds, by its settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from edlm_core.catalogue import JUDGES
from edlm_core.config import Request
from edlm_core.work.tasks import MeterFactorisation, RunSweep

from ..app import cache
from ..app.i18n import gettext as _
from ..app.i18n import ngettext
from ..widgets import questions
from .view import View

SEEDS = (4, 16, 64)
TOGETHER = 8  # side by side
METER_STEPS, METER_SEEDS = (4, 8, 16, 32), 3
# The values beside the run's own that one setting takes. K = 1 is the run without a choice.
VALUES = {
    "num_candidates": (1, 2, 4, 8),
    "energy_temperature": (0.5, 1.0, 2.0, 4.0),
    "num_steps": (4, 8, 16, 32),
    "high": (0.25, 0.5, 0.75, 1.0),
}


def offers(view: View, names: Mapping[str, str]) -> Iterator[questions.Offer]:
    """Every question about a run that goes on by itself, but for lists of prompts; `names`: the sections'."""
    request = view.request
    if request is None:
        return
    for knob in VALUES:
        for seeds in SEEDS:
            home = questions.Home(names["many"], {"d_section": "many", "d_knob": knob, "d_seeds": seeds})
            task = sweep(view, request, knob, seeds)
            yield questions.Offer(key(view, knob, seeds), task, sweep_label(task), home)
    home = questions.Home(names["meter"], {"d_section": "meter"})
    yield questions.Offer(meter_key(view), meter_task(view, request), meter_label(), home)


def key(view: View, knob: str, seeds: int, prompts: Sequence[str] = ()) -> questions.Key:
    return "many", knob, seeds, view.id, view.lane_index, tuple(prompts)


def judge_of(view: View) -> str:
    available = cache.local(view.run.model.name).judges()
    return next(name for name in JUDGES if name in available)


def sweep(view: View, request: Request, knob: str, seeds: int, prompts: Sequence[str] = ()) -> RunSweep:
    """Value after value, the run's own among them, prompt after prompt."""
    values = sorted({*VALUES[knob], value_of(request, knob)})
    config = replace(request.config, num_chains=seeds)
    texts = [replace(request, prompt=prompt, config=config) for prompt in prompts or [request.prompt]]
    requests = tuple(_with(text, knob, value) for value in values for text in texts)
    return RunSweep(view.run.model.name, view.run.model.fingerprint, requests, (judge_of(view),), TOGETHER)


def sweep_label(task: RunSweep) -> str:
    count = sum(request.config.num_chains for request in task.requests)
    return ngettext("Run {count} seed", "Run {count} seeds", count).format(count=count)


def value_of(request: Request, knob: str) -> float:
    return request.config.window[1] if knob == "high" else getattr(request.config, knob)


def meter_key(view: View) -> questions.Key:
    return "meter", view.id, view.lane_index


def meter_task(view: View, request: Request) -> MeterFactorisation:
    model = view.run.model
    return MeterFactorisation(model.name, model.fingerprint, request, METER_STEPS, METER_SEEDS)


def meter_label() -> str:
    return _("Measure at T = {values}").format(values=", ".join(map(str, METER_STEPS)))


def _with(request: Request, knob: str, value: float) -> Request:
    config = request.config
    if knob == "high":
        return replace(request, config=replace(config, window=(min(config.window[0], value), value)))
    return replace(request, config=replace(config, **{knob: value}))
