"""Why do few steps fail? What drawing together costs, by the number of steps; and whether it shows in the texts."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from edlm_core.config import MAX_CANDIDATES, Request
from edlm_core.diagnosis.together import WORDS
from edlm_core.runs.costs import Rates

from ...app import cache
from ...app.i18n import gettext as _
from ...app.i18n import ngettext, percent
from ...widgets import questions
from ...widgets.figure import figure
from .. import averages
from ..charts.many import meter_chart, meter_table, meter_totals, outcome_chart
from ..view import View
from .cost import cost, seconds_of


def show(view: View) -> None:
    if view.request is None:
        st.info(_("The model that wrote this run is not here, so no more runs can be made."), icon=":material/info:")
        return
    _meter(view, view.request)


def _meter(view: View, request: Request) -> None:
    st.markdown("## " + _("Why do few steps fail?"))
    st.caption(
        _("Words revealed at the same step are drawn without knowing of each other. How much would they have known?")
    )
    key = averages.meter_key(view)
    model = view.run.model
    expected = _meter_seconds(request, cache.local(model.name).rates)
    questions.button(
        averages.meter_label(),
        key,
        run=view.run,
        task=lambda: averages.meter_task(view, request),
        help=ngettext(
            "{n} run at each T; every two neighbours that a step reveals together are asked about.",
            "{n} runs at each T; every two neighbours that a step reveals together are asked about.",
            averages.METER_SEEDS,
        ).format(n=averages.METER_SEEDS),
        seconds=expected,
    )
    st.caption(cost(expected))
    found = questions.answer(key)
    if not found:
        return
    table, totals = meter_table(found), meter_totals(found)
    runs = int(totals.runs.min())
    reading = _(
        "Mutual information of the neighbours among a step's words, summed, under the energy-corrected law with all "
        "else held as in the taken draft: what drawing them independently ignores. 0 where a step reveals one word. "
        "Over the {words} likeliest words of each place, which have {mass} of the probability: a low estimate of the "
        "total correlation."
    ).format(words=WORDS, mass=percent(table.mass[table.revealed > 1].mean()))
    figure(
        "meter",
        _("How much do the words revealed together depend on each other?"),
        meter_chart(table, view.palette),
        table,
        reading,
    )
    figure(
        "meter-total",
        _("What does a whole run lose, by its number of steps?"),
        outcome_chart(totals, _("steps T"), _("sum over the run (nats)"), view.palette),
        totals,
        ngettext(
            "The sum over a run, of {n} run.", "The sum over a run, mean and 95% interval of {n} runs.", runs
        ).format(n=runs),
    )


def _meter_seconds(request: Request, rates: Rates) -> float:
    """At T steps about L - T places have a neighbour revealed with them, and every pair of words of both is read."""
    config = request.config
    total = 0.0
    for T in averages.METER_STEPS:
        pairs = max(1, (config.length - T) * WORDS**2 // T)  # a step
        drafts = replace(config, num_chains=1, num_steps=T, num_candidates=min(MAX_CANDIDATES, pairs))
        written = replace(request, config=replace(config, num_steps=T, num_chains=1))
        total += averages.METER_SEEDS * seconds_of([written, Request("edlm", request.energy, drafts)], rates)
    return total
