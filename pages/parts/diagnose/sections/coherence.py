"""Are words revealed together less coherent? On average over many texts, without the energy and with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from edlm_core.catalogue import PLAIN
from edlm_core.config import MAX_CANDIDATES, Request
from edlm_core.diagnosis.coherence import Coupled, Split, split
from edlm_core.measure.paired import mean_interval
from edlm_core.work.task import task_id
from edlm_core.work.tasks import CoupleTexts

from ...app import cache
from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number, signed
from ...app.theme import Palette
from ...widgets import questions
from ...widgets.controls import sampler_in_full
from ...widgets.figure import figure
from ..charts.together import by_distance_chart, by_distance_table, text_pairs_table
from ..view import View
from . import measured
from .cost import cost, seconds_of
from .together import means

state = st.session_state
TEXTS = 8


def show(view: View, request: Request) -> None:
    st.markdown("## " + _("Are words revealed together less coherent than words revealed apart?"))
    model, rates = view.run.model, cache.local(view.run.model.name).rates
    samplers = dict.fromkeys([PLAIN.name, request.sampler])
    requests = tuple(
        replace(request, sampler=sampler, config=replace(request.config, num_chains=1, seed=request.config.seed + n))
        for sampler in samplers
        for n in range(TEXTS)
    )
    task = CoupleTexts(model.name, model.fingerprint, requests)
    # To read a text once for each of its words takes as long as a step of as many drafts.
    config = replace(
        request.config, num_chains=1, num_steps=1, num_candidates=min(MAX_CANDIDATES, request.config.length)
    )
    expected = seconds_of([*requests, *len(requests) * [Request("edlm", request.energy, config)]], rates)
    key = ("coherence", view.id, view.lane_index)
    questions.button(
        ngettext("Ask of {n} text", "Ask of {n} texts", len(requests)).format(n=len(requests)),
        key,
        run=view.run,
        task=lambda: task,
        help=_("As many by independent draws as by this run's sampler, on the same seeds."),
        seconds=expected,
        outlives=True,
    )
    st.caption(cost(expected))
    found = questions.answer(key)
    if found:
        state.measured.add(task_id(task))
        show_found(found, view.palette)
        if not questions.is_open(key):
            measured.remember(task)


def show_found(found: Sequence[Coupled], palette: Palette) -> None:
    """A sentence a sampler, and the pairs by distance."""
    tables = []
    for sampler in dict.fromkeys(one.sampler for one in found):
        texts = [one for one in found if one.sampler == sampler]
        st.markdown(sentence(sampler, [answer for one in texts if (answer := split(one)) is not None]))
        tables += [_pairs(one) for one in texts]
    table = pd.concat(tables, ignore_index=True)
    for sampler, pairs in table.groupby("sampler", sort=False):
        figure(
            f"coherence-{sampler}",
            _("{sampler}: what do two words do for each other, by how far apart they are?").format(
                sampler=sampler_in_full(sampler)
            ),
            by_distance_chart(by_distance_table(pairs), palette),
            pairs,
            _("Mean nats a pair over all texts, with 95% intervals as if pairs were independent. Above 0: support."),
        )


def _pairs(one: Coupled) -> pd.DataFrame:
    blank = [""] * len(one.step)
    table = text_pairs_table(one, blank, [n + 1 for n in range(int(one.step.max()) + 1)])
    return table.drop(columns=["word_i", "word_j"]).assign(sampler=one.sampler, seed=one.seed)


def sentence(sampler: str, answers: Sequence[Split]) -> str:
    """Of one sampler's texts: mean coupling of the pairs, and the difference at equal distance with its interval."""
    name = sampler_in_full(sampler)
    compared = [one.difference for one in answers if not math.isnan(one.difference)]
    if len(compared) < 2:
        return _("**{sampler}**: too few of these texts have pairs of both kinds to compare.").format(sampler=name)
    mean, half = mean_interval(compared)
    n, m = (sum(getattr(one, kind) for one in answers) for kind in ("num_together", "num_apart"))
    verdicts = {
        "less": _("**{sampler}: yes, less coherent.**"),
        "more": _("**{sampler}: no, more coherent.**"),
        "open": _("**{sampler}: these texts do not tell.**"),
    }
    verdict = verdicts["less" if mean + half < 0 else "more" if mean - half > 0 else "open"]
    texts = ngettext(
        "At equal distance the difference is {difference} ({low} to {high}, {n} text).",
        "At equal distance the difference is {difference} ({low} to {high}, {n} texts).",
        len(compared),
    ).format(
        difference=signed(mean, 2), low=signed(mean - half, 2), high=signed(mean + half, 2), n=number(len(compared), 0)
    )
    together = sum(one.together * one.num_together for one in answers) / n
    apart = sum(one.apart * one.num_apart for one in answers) / m
    return f"{verdict.format(sampler=name)} {means(together, n, apart, m)} {texts}"
