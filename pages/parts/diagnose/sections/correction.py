"""What did the energy change at every masked position?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from edlm_core.diagnosis.correction import correction_of, movers, over_steps
from edlm_core.diagnosis.decided import Decided, decided_by
from edlm_core.diagnosis.pool import Pool
from edlm_core.work.tasks import DrawPool

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number, probability
from ...app.words import quoted
from ...widgets import questions
from ...widgets.figure import figure, picked
from ...widgets.frame import filled
from ..charts.correction import (
    correction_chart,
    correction_table,
    decided_chart,
    decided_table,
    growth_chart,
    movers_chart,
    movers_table,
)
from ..view import View, drawn, remembered, select

state = st.session_state
POOL_SIZES = (64, 128, 256, 512)
MOST_DECISIVE = 12  # words shown


def show(view: View) -> None:
    names = {"excess": _("TV beyond chance"), "tv": _("TV"), "kl": _("KL, nats")}
    state.w_measure = state.setdefault("d_measure", "excess")
    measure = st.segmented_control(
        _("Distance of the two"),
        list(names),
        key="w_measure",
        format_func=names.__getitem__,
        required=True,
        on_change=lambda: state.update(d_measure=state.w_measure),
        help=_("TV: total variation, 0 to 1. Chance: what the same weights would do if shuffled among the drafts."),
    )
    key = (view.id, view.lane_index, len(view.pools))
    table = remembered("correction", key, lambda: correction_table(view.pools, over_steps(view.pools), view.text))
    chart = drawn(
        "correction_chart",
        (*key, measure),
        view,
        lambda: correction_chart(table, measure, names[measure], view.text, view.palette),
    )

    def jump() -> None:
        for cell in picked("correction", "cell"):
            numbers = [pool.step + 1 for pool in view.pools]
            select(step=numbers.index(int(cell["step"])), position=int(cell["position"]) - 1)

    most = table.loc[table[measure].idxmax()]
    figure(
        "correction",
        _("Where and when did the energy move the words?"),
        filled(chart, here=[{"step": view.pool.step + 1, "position": view.position + 1}]),
        table,
        _(
            "Each cell: how far the weighted drafts of a step are from the same drafts counted evenly, where a word "
            "was still open; a dot: it stood there already. Below, the words as they were in the end. Most at step "
            "{step}, where {word} came to stand. Estimated from {K} drafts. Click a cell to go there."
        ).format(step=int(most.step), word=quoted(most.word), K=len(view.pool.weight)),
        on_select=jump,
    )
    _movers(view.pool, _("Which words gained and lost most at this step?"), view, "movers")
    _bigger(view)


def _movers(pool: Pool, question: str, view: View, name: str) -> None:
    """Who gained and lost; where one draft has most of the weight, all its words gain alike, and the question is
    which of them won it."""
    ess = 1 / np.square(pool.weight).sum()
    decided = decided_by(pool) if pool.weight.max() > 0.5 else None
    if decided is not None:
        _decided(pool, decided, view, name)
        return
    found = movers(pool, correction_of(pool))
    if not found:
        st.caption(_("Nothing moved at this step."))
        return
    table = movers_table(pool, found)
    rows = len(table)
    chart = drawn(name, (rows,), view, lambda: movers_chart(rows, view.palette))
    figure(
        name,
        question,
        filled(chart, movers=table),
        table,
        ngettext(
            "Share of the {K} draft (ring) and of its weight (dot) that a word has, at the positions that moved "
            "most beyond chance.",
            "Share of the {K} drafts (ring) and of their weight (dot) that a word has, at the positions that moved "
            "most beyond chance.",
            len(pool.weight),
        ).format(K=len(pool.weight)),
        now=_("ESS {ess}.").format(ess=number(ess, 2)),
    )


def _decided(pool: Pool, decided: Decided, view: View, name: str) -> None:
    table = decided_table(pool, decided)
    K = len(pool.weight)
    rows = min(MOST_DECISIVE, len(pool.x_t))  # whatever the step: the picture keeps its height
    chart = drawn(f"{name}_decided", (rows,), view, lambda: decided_chart(rows, view.palette))
    figure(
        f"{name}-decided",
        ngettext(
            "Which words won it for the best of {K} draft?", "Which words won it for the best of {K} drafts?", K
        ).format(K=K),
        filled(chart, decided=table.head(rows)),
        table,
        ngettext(
            "Bars: the {rows} word that counts most, against what the other drafts have in its place; full colour: "
            "this step writes it, pale: it is drawn again.",
            "Bars: the {rows} words that count most, each against what the other drafts have in its place; full "
            "colour: this step writes it, pale: it is drawn again.",
            rows,
        ).format(rows=rows),
        now=_(
            "Draft {k} has {weight} of the weight, so all its words gain alike. The energy puts it {lead} nats before "
            "the other drafts, on average; {written} of them are in the words that this step writes."
        ).format(
            k=decided.draft + 1,
            weight=probability(pool.weight[decided.draft]),
            lead=number(decided.lead, 1),
            written=number(decided.written, 1),
        ),
    )


def _bigger(view: View) -> None:
    request = view.request
    if request is None:
        return
    st.markdown("## " + _("Would more drafts say the same?"))
    state.w_pool = state.setdefault("d_pool", POOL_SIZES[1])
    count = st.segmented_control(
        _("Drafts"), POOL_SIZES, key="w_pool", required=True, on_change=lambda: state.update(d_pool=state.w_pool)
    )
    pool = ask_pool(view, int(count), "correction")
    if pool is not None:
        question = ngettext(
            "With {K} draft, which words gain and lose most?",
            "With {K} drafts, which words gain and lose most?",
            len(pool.weight),
        )
        _movers(pool, question.format(K=len(pool.weight)), view, "big_movers")
        growth = growth_table(pool, view.position)
        figure(
            "growth",
            _("Has the estimate settled?"),
            growth_chart(growth, view.palette),
            growth,
            _(
                "ESS over the first K of the drafts. Where it stays near 1, one draft keeps deciding: more of them "
                "find a better best one, and no average over them."
            ),
        )


def ask_pool(view: View, count: int, where: str) -> Pool | None:
    """The button for a bigger pool at this step, and what is there of it."""
    key = ("pool", where, count, view.here)
    questions.button(
        ngettext("Draw {K} draft", "Draw {K} drafts", count).format(K=count),
        key,
        lambda: DrawPool(view.place(), count),
        run=view.run,
        help=_("At this step only, with the run's own noise: the first ones are those above."),
    )
    return questions.answer(key)


def growth_table(pool: Pool, position: int) -> pd.DataFrame:
    """ESS and TV at a position, as the pool grows by doubling."""
    sizes = [2**n for n in range(2, 10) if 2**n < len(pool.weight)] + [len(pool.weight)]
    rows = []
    for K in sizes:
        w = pool.weight[:K] / max(pool.weight[:K].sum(), np.finfo(float).tiny)
        tokens = np.unique(pool.candidate[:K, position], return_inverse=True)[1]
        tv = abs(np.bincount(tokens, w) - np.bincount(tokens) / K).sum() / 2
        rows.append({"K": K, "ess": 1 / np.square(w).sum(), "tv": tv})
    return pd.DataFrame(rows).round(4)
