"""Which sweep is wanted: one with a name, or a small grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from edlm_core.catalogue import JUDGES, PLAIN, SAMPLERS
from edlm_core.config import MAX_CHAINS, MAX_PAGE_LENGTH, Request, SampleConfig
from edlm_core.measure.grid import grid
from edlm_core.measure.presets import PRESETS
from edlm_core.refusals import Refusal
from edlm_core.work.sweep_task import MAX_CELLS

from ..app import cache
from ..app.i18n import gettext as _
from ..app.links import CONFIG
from .kept import kept

state = st.session_state
OFFERED = ("first-look", "frontier", "claim")
GRID = "grid"
LEAST = 2  # texts of a setting: of one there is no interval


class Wanted(NamedTuple):
    model: str
    requests: tuple[Request, ...]
    title: str  # a preset's name, or nothing
    judges: tuple[str, ...]  # of no name: all that are installed


def choose() -> Wanted:
    """Raises Refusal where what is written is none."""
    names = {name: _(PRESETS[name].label) for name in OFFERED} | {GRID: _("A grid of my own")}
    choice, many, who = st.columns([4.6, 1.3, 2.4], vertical_alignment="bottom")
    name = choice.segmented_control(
        _("Which texts"), list(names), format_func=names.__getitem__, required=True, **kept("sweep", OFFERED[0])
    )
    models = cache.model_names()
    model = models[0]
    if len(models) > 1:
        model = st.selectbox(_("Model"), models, **kept("sweep_model", model))
    usual = PRESETS[name].num if name in PRESETS else 32
    num = many.number_input(_("Texts of each"), LEAST, MAX_CHAINS, **kept(f"sweep_num_{name}", usual))
    judges = who.multiselect(
        _("Judges"),
        list(JUDGES),
        format_func=lambda name: _(JUDGES[name].label),
        placeholder=_("all that are installed"),
        **kept("sweep_judges", []),
    )
    if name in PRESETS:
        st.caption(_(PRESETS[name].about))
        return Wanted(model, tuple(PRESETS[name].requests(num)), name, tuple(judges))
    return Wanted(model, tuple(_grid(num)), "", tuple(judges))


def _grid(num: int) -> list[Request]:
    samplers, steps, candidates, length = st.columns([3, 1.4, 1.4, 1.4])
    chosen = samplers.multiselect(
        _("Samplers"),
        list(SAMPLERS),
        format_func=lambda name: _(SAMPLERS[name].label),
        **kept("sweep_samplers", [PLAIN.name, "corrector"]),
    )
    example = _("Numbers with commas between them, or a span such as 4-8.")
    T = steps.text_input(_(CONFIG["num_steps"].label), help=example, **kept("sweep_steps", "8, 16"))
    K = candidates.text_input(_(CONFIG["num_candidates"].label), help=example, **kept("sweep_candidates", "8"))
    L = length.number_input(_(CONFIG["length"].label), 8, MAX_PAGE_LENGTH, **kept("sweep_length", 64))
    return requests_of(chosen, numbers("num_steps", T), numbers("num_candidates", K), L, num)


def numbers(name: str, text: str) -> list[int]:
    """ "4, 8, 16-32" as values of a setting, each once. Raises Refusal."""
    setting, found = CONFIG[name], list[int]()
    for part in text.replace(",", " ").split():
        low, dash, high = part.partition("-")
        first, last = (setting.read(setting.keys[0], end, None) for end in (low, high if dash else low))
        found += range(first, last + 1)
    if not found:
        raise Refusal("sweep-values", name=setting.keys[0], example=8)
    return list(dict.fromkeys(found))


def requests_of(
    samplers: Sequence[str], steps: Sequence[int], candidates: Sequence[int], length: int, num: int
) -> list[Request]:
    """Every combination, from the same seeds. Raises Refusal."""
    if not samplers:
        raise Refusal("sweep-samplers")
    if (got := len(samplers) * len(steps) * len(candidates)) > MAX_CELLS:
        raise Refusal("sweep-cells", most=MAX_CELLS, got=got)
    base = Request(config=SampleConfig(length=length, reveal="dilated", num_chains=num))
    return grid(base, sampler=samplers, num_steps=steps, num_candidates=candidates)
