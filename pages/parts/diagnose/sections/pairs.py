"""Which words do not fit together?"""

from __future__ import annotations

import streamlit as st

from edlm_core.diagnosis.pairs import pairs_of
from edlm_core.work.tasks import Substitute

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number
from ...app.words import quoted
from ...widgets import questions
from ...widgets.figure import figure, picked
from ...widgets.frame import filled
from ...widgets.theatre import theatre
from ..charts.pairs import coupling_chart, coupling_table, pairs_table, strength_chart, strength_table
from ..view import View, drawn, select
from .correction import POOL_SIZES, ask_pool
from .drafts import hold
from .rival import draft_picker

state = st.session_state
LISTED = 6


def show(view: View) -> None:
    if len(view.pool.weight) < 2:
        st.info(_("Only one draft at this step: the energy does not act here."), icon=":material/info:")
        return
    draft_picker(view, _("Draft"), "w_pair_draft")
    _in_this_draft(view)
    _in_all_drafts(view)


def _in_this_draft(view: View) -> None:
    pool, request = view.pool, view.request
    st.markdown("##### " + _("Which words of this draft work against each other?"))
    spots: tuple[int, ...] = ()
    found = None
    if request is None:
        st.caption(_("The model that wrote this run is not here, so the energy can't be asked again."))
    else:
        key = ("couplings", view.draft, view.here)
        questions.button(
            _("Find the pair"),
            key,
            lambda: Substitute(view.place(), view.draft),
            run=view.run,
            help=_("Changes every word once to the denoiser's next choice: what does the energy make of the others?"),
        )
        found = questions.answer(key)
    if found is not None:
        words = view.words(view.draft)
        table = coupling_table(found, words)
        against = table[table.nats < 0].head(LISTED)
        pairs = [(int(row.i) - 1, int(row.j) - 1) for row in against.itertuples()]
        if not pairs:
            st.caption(_("No word of this draft makes another less welcome."))
        else:
            held = state.get("d_pair")
            spots = held if held in pairs else pairs[0]
            state.w_pair = pairs.index(spots)
            st.pills(
                _("The pairs that cost most"),
                range(len(pairs)),
                key="w_pair",
                required=True,
                on_change=lambda: state.update(d_pair=pairs[state.w_pair], d_position=pairs[state.w_pair][1]),
                format_func=lambda n: (
                    f"{quoted(words[pairs[n][0]])} – {quoted(words[pairs[n][1]])} −{number(-found[pairs[n]], 1)}"
                ),
            )
            i, j = spots
            st.markdown(
                _(
                    "{a} at position {i} takes {nats} nats from {b} at position {j}: with another word there, {b} "
                    "would be e^{nats} times as welcome to the energy."
                ).format(a=quoted(words[i]), b=quoted(words[j]), i=i + 1, j=j + 1, nats=number(abs(found[i, j]), 1))
            )
    theatre(
        pool,
        autoregressive=view.autoregressive,
        draft=view.draft,
        on_hold=hold,
        only=(view.draft,),
        spots=spots,
        position=spots[1] if spots else view.position,
        key="theatre_pair",
    )
    if found is not None:

        def jump() -> None:
            for cell in picked("couplings", "pair"):
                state.d_pair = (int(cell["i"]) - 1, int(cell["j"]) - 1)
                select(position=int(cell["j"]) - 1)

        L, top = len(pool.x_t), max([1.0, *table.nats.abs()])
        chart = drawn("couplings_chart", (L, top), view, lambda: coupling_chart(L, top, view.palette))
        here = [{"i": spots[0] + 1, "j": spots[1] + 1}] if spots else []
        figure(
            "couplings",
            _("Which word answers to which?"),
            filled(chart, cells=table, here=here),
            table,
            _(
                "Row i: the word that is changed; column j: the word that answers. Orange, below 0: the word at i "
                "makes the one at j less welcome. An autoregressive energy answers only to the right."
            ),
            on_select=jump,
        )


def _in_all_drafts(view: View) -> None:
    st.markdown("##### " + _("Do the drafts as a whole show coupled positions?"))
    pool = view.pool
    if view.request is not None:
        state.w_pair_pool = state.setdefault("d_pair_pool", POOL_SIZES[2])
        count = st.segmented_control(
            _("Drafts"),
            POOL_SIZES,
            key="w_pair_pool",
            required=True,
            on_change=lambda: state.update(d_pair_pool=state.w_pair_pool),
        )
        pool = ask_pool(view, int(count), "pairs") or pool
    pairs = pairs_of(pool)
    possible = pairs.masked * (pairs.masked - 1) // 2
    if not pairs.ranked:
        st.caption(
            ngettext(
                "Nothing to say from {K} draft: {confident} of {M} masked positions are confident of a word, and no "
                "two of them have all four combinations often enough. Draw more, or take a later step.",
                "Nothing to say from {K} drafts: {confident} of {M} masked positions are confident of a word, and no "
                "two of them have all four combinations often enough. Draw more, or take a later step.",
                len(pool.weight),
            ).format(K=len(pool.weight), confident=pairs.confident, M=pairs.masked)
        )
        return
    table = pairs_table(pool, pairs)
    first = pairs.ranked[0]
    now = ngettext(
        "Strongest: positions {i} and {j}, {nats} nats ({low} to {high}). {sure} of {tested} pairs stand out beyond "
        "chance; the other {rest} are not confident of their words, or too rare. Estimated from {K} draft.",
        "Strongest: positions {i} and {j}, {nats} nats ({low} to {high}). {sure} of {tested} pairs stand out beyond "
        "chance; the other {rest} are not confident of their words, or too rare. Estimated from {K} drafts.",
        len(pool.weight),
    ).format(
        i=first.i + 1,
        j=first.j + 1,
        nats=number(first.interaction, 1),
        low=number(first.low, 1),
        high=number(first.high, 1),
        sure=pairs.sure,
        tested=pairs.tested,
        rest=possible - pairs.tested,
        K=len(pool.weight),
    )
    L = len(pool.x_t)
    chart = drawn("pairs_chart", (L,), view, lambda: strength_chart(L, view.palette))
    figure(
        "pairs",
        _("How strongly is each pair of positions coupled?"),
        filled(chart, cells=strength_table(pairs.strength), here=[{"i": first.i + 1, "j": first.j + 1}]),
        table,
        _("Each cell: a pair of positions. Framed: the strongest."),
        now=now,
    )
    st.dataframe(
        table.round({"nats": 1, "low": 1, "high": 1}),
        hide_index=True,
        height=min(400, 38 + 35 * len(table)),
        key="pairs_list",
        column_config={
            "i": _("position i"),
            "word_i": _("one word"),
            "j": _("position j"),
            "word_j": _("other word"),
            "nats": st.column_config.NumberColumn(_("together (nats)"), format="localized"),
            "low": st.column_config.NumberColumn(_("95 % from"), format="localized"),
            "high": st.column_config.NumberColumn(_("to"), format="localized"),
            "share_i": st.column_config.NumberColumn(_("share i"), format="percent"),
            "share_j": st.column_config.NumberColumn(_("share j"), format="percent"),
            "both": _("drafts with both"),
        },
    )
    st.caption(
        _(
            "Below 0: the two words together are worth less to the energy than they are apart. The interval is for one "
            "pair; among so many, some stand out by chance."
        )
    )
