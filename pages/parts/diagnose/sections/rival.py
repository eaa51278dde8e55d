"""Why not this draft?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from edlm_core.diagnosis.rival import compare, decisive
from edlm_core.work.tasks import Substitute

from ...app.i18n import gettext as _
from ...app.i18n import probability, signed, times
from ...app.words import quoted
from ...widgets import questions
from ...widgets.figure import figure, picked
from ...widgets.frame import Spec, filled
from ...widgets.theatre import theatre
from ..charts.rival import comparison_chart, comparison_table
from ..view import View, drawn, select
from .drafts import hold

state = st.session_state


def draft_picker(view: View, label: str, key: str) -> None:
    """Choose the draft that is looked at, all but the taken one."""
    others = [k for k in range(len(view.pool.weight)) if k != view.pool.chosen]
    state[key] = view.draft if view.draft in others else others[0]

    def pick() -> None:
        # The browser answers with a label. One of the step before, whose weights were others, is no choice.
        if state[key] in others:
            select(draft=state[key])

    def named(k: int) -> str:
        text = _("Draft {k}: weight {weight}, the first draw") if k == 0 else _("Draft {k}: weight {weight}")
        return text.format(k=k + 1, weight=probability(view.pool.weight[k]))

    st.selectbox(
        label,
        others,
        key=key,
        on_change=pick,
        format_func=named,
    )


def show(view: View) -> None:
    pool = view.pool
    if len(pool.weight) < 2:
        st.info(_("Only one draft at this step: the energy does not act here."), icon=":material/info:")
        return
    draft_picker(view, _("Held against the taken draft"), "w_rival")
    comparison = compare(pool, pool.chosen, view.draft)
    names = tuple(_("Draft {k}").format(k=k + 1) for k in (comparison.one, comparison.other))
    st.markdown(_verdict(view, names, comparison.difference))
    if comparison.parts is None:
        st.info(
            _(
                "Which words made the difference is not known: this file is of version 1 and has no energy by word. "
                "Run it again to see."
            ),
            icon=":material/info:",
        )
    else:
        table = comparison_table(pool, comparison)

        def jump() -> None:
            for point in picked("comparison", "place"):
                select(position=int(point["position"]) - 1)

        top = decisive(comparison, 3)
        largest = ", ".join(f"{quoted(table.one[i])} ({signed(table.part[i], 1)})" for i in top)
        figure(
            "comparison",
            _("Which words made the difference?"),
            _bars(view, table),
            table,
            _(
                "Above 0: for the taken draft, below: for the other. The parts sum to the whole, exactly. Pale bars: "
                "the same word in both, judged after another past. Click a bar to see the place."
            ),
            now=_("Together {sum} nats; most at {largest}.").format(
                sum=signed(comparison.parts.sum(), 2), largest=largest
            ),
            on_select=jump,
        )
    theatre(
        pool,
        autoregressive=view.autoregressive,
        draft=view.draft,
        position=view.position,
        on_hold=hold,
        only=(pool.chosen, view.draft),
        key="theatre_two",
    )
    _leave_one_out(view, names)


def _bars(view: View, table: pd.DataFrame) -> Spec:
    """The picture is made once a run; from draft to draft and step to step only its rows change. What stands below is
    the text as it was in the end."""
    text = view.text
    spec = drawn("comparison_chart", tuple(text), view, lambda: comparison_chart(text, view.palette))
    return filled(spec, bars=table, here=[{"position": view.position + 1}])


def _verdict(view: View, names: tuple[str, ...], difference: float) -> str:
    values = {"one": names[0], "other": names[1], "times": times(abs(difference)), "nats": signed(difference, 2)}
    taken = _("**{one}**, which was taken, weighs {times} times as much as **{other}** (log w {nats} nats).")
    passed = _("**{other}** weighs {times} times as much, yet **{one}** was drawn (log w {nats} nats).")
    return (taken if difference >= 0 else passed).format(**values)


def _leave_one_out(view: View, names: tuple[str, ...]) -> None:
    """The check that holds for any energy: one word at a time put back."""
    if view.request is None:
        return
    pool = view.pool
    key = ("loo", view.draft, view.here)
    st.markdown("## " + _("And if only one word were taken from the other draft?"))
    questions.button(
        _("Ask the energy"),
        key,
        lambda: Substitute(view.place(), pool.chosen, view.draft),
        run=view.run,
        help=_("Leaves one position out at a time: holds for any energy, but the effects need not sum to the whole."),
    )
    found = questions.answer(key)
    if found is None:
        return
    effect = found.sum(1) / pool.temperature
    table = pd.DataFrame(
        {
            "position": np.arange(1, len(effect) + 1),
            "part": effect.round(3),
            "one": view.words(pool.chosen),
            "other": view.words(view.draft),
            "differs": pool.candidate[pool.chosen] != pool.candidate[view.draft],
        }
    )
    whole = compare(pool, pool.chosen, view.draft).difference
    most = int(effect.argmax())
    figure(
        "loo",
        _("What does each word of the taken draft bring, alone?"),
        _bars(view, table),
        table,
        _(
            "Each bar: what {one} would lose if it had this one word of {other}. Changed one at a time, the words "
            "come to {sum} nats; changed all at once, to {whole}. They need not agree: words lean on each other, so "
            "that one alone in a foreign text is missed more, or less, than along with its neighbours."
        ).format(one=names[0], other=names[1], sum=signed(effect.sum(), 1), whole=signed(whole, 1)),
    )
    st.markdown(_("Most: {word} at position {i}.").format(word=quoted(view.words(pool.chosen)[most]), i=most + 1))
