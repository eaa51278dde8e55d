"""Which words of this step's drafts do not fit together?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from edlm_core.diagnosis.pairs import pairs_of
from edlm_core.work.tasks import Substitute

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number, times
from ...app.words import quoted
from ...widgets import questions
from ...widgets.figure import figure, picked
from ...widgets.frame import filled
from ...widgets.theatre import theatre
from ..charts.pairs import (
    coupling_chart,
    coupling_table,
    pairs_table,
    strength_chart,
    strength_table,
    with_steps,
)
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
    _choose_pairs(view)
    _in_this_draft(view)
    _in_all_drafts(view)


def _choose_pairs(view: View) -> None:
    """Of which pairs all of this section speaks."""
    names = {"all": _("All pairs"), "together": _("Written at the same step"), "apart": _("At different steps")}
    most = len(view.pool.x_t) - 1
    state.w_pairs_of = state.setdefault("d_pairs_of", "all")
    state.w_distance = min(most, state.get("d_distance") or most)
    draft, kind, distance = st.columns([3, 4, 3], vertical_alignment="bottom")
    with draft:
        draft_picker(view, _("Draft"), "w_pair_draft")
    kind.segmented_control(
        _("Pairs"),
        list(names),
        key="w_pairs_of",
        format_func=names.__getitem__,
        required=True,
        on_change=lambda: state.update(d_pairs_of=state.w_pairs_of),
    )
    distance.slider(
        _("At most so many words apart"),
        1,
        most,
        key="w_distance",
        on_change=lambda: state.update(d_distance=state.w_distance),
    )


def _chosen(view: View, table: pd.DataFrame) -> pd.DataFrame:
    """Those of a table of pairs that were chosen, with the steps that wrote them."""
    table = with_steps(table, view.written)
    kinds = {"all": table.together | True, "together": table.together, "apart": ~table.together}
    return table[kinds[state.d_pairs_of] & (table.distance <= state.w_distance)]


def _in_this_draft(view: View) -> None:
    pool, request = view.pool, view.request
    st.markdown("## " + _("Which words of this draft work against each other?"))
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
        table = _chosen(view, coupling_table(found, words))
        against = table[table.nats < 0].head(LISTED)
        pairs = [(int(row.i) - 1, int(row.j) - 1) for row in against.itertuples()]
        if not pairs:
            st.caption(_("Of these pairs, no word makes the other less welcome."))
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
            st.markdown(_sentence(view, words, spots, float(found[i, j])))
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

        short, top = [word.strip() or "␣" for word in words], max([1.0, *table.nats.abs()])
        chart = drawn("couplings_chart", (*short, top), view, lambda: coupling_chart(short, top, view.palette))
        here = [{"i": spots[0] + 1, "j": spots[1] + 1}] if spots else []
        figure(
            "couplings",
            _("Which word answers to which?"),
            filled(chart, cells=table, here=here),
            table,
            _(
                "Row: the word that is changed; column: the word that answers. Orange, below 0: the first makes the "
                "other less welcome. An autoregressive energy answers only to the right."
            ),
            on_select=jump,
        )


def _sentence(view: View, words: list[str], spots: tuple[int, ...], nats: float) -> str:
    """What one pair does to each other, and whether the step could have known."""
    i, j = spots
    values = {"a": quoted(words[i]), "b": quoted(words[j]), "nats": number(abs(nats), 1), "times": times(abs(nats))}
    likelihood = _(
        "{a} makes {b} about **{times} times less likely** than it would be behind another word ({nats} nats)."
    )
    favour = _("{a} costs {b} **{nats} nats** of the energy's favour: about {times} times the weight.")
    said = likelihood if view.autoregressive else favour
    together = _("Both were written at step {step}, neither knowing of the other.")
    apart = _("They were written at steps {one} and {other}, so the later one could know of the earlier.")
    given = _("One of them was there from the start.")
    one, other = (int(view.written[n]) for n in spots)
    when = given if 0 in (one, other) else together if one == other else apart
    return f"{said} {when}".format(**values, step=one, one=one, other=other)


def _in_all_drafts(view: View) -> None:
    st.markdown("## " + _("Do the drafts as a whole show coupled words?"))
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
    table = _chosen(view, pairs_table(pool, pairs))
    strongest = table.head(1).to_dict("records")
    now = _(
        "{sure} of {tested} pairs stand out beyond chance; the other {rest} are not confident of their words, or too "
        "rare. Estimated from {K} drafts."
    ).format(sure=pairs.sure, tested=pairs.tested, rest=possible - pairs.tested, K=len(pool.weight))
    if strongest:
        first = strongest[0]
        surest = _("Surest: {a} and {b}, {nats} nats ({low} to {high}).").format(
            a=quoted(first["word_i"]),
            b=quoted(first["word_j"]),
            **{name: number(first[name], 1) for name in ("nats", "low", "high")},
        )
        now = f"{surest} {now}"
    text = view.text
    chart = drawn(
        "pairs_chart", (view.id, view.lane_index, len(view.pools)), view, lambda: strength_chart(text, view.palette)
    )
    figure(
        "pairs",
        _("How strongly is each pair of words coupled?"),
        filled(
            chart,
            cells=_chosen(view, strength_table(pairs.strength, text)),
            here=[{"i": first["i"], "j": first["j"]} for first in strongest],
        ),
        table,
        _("Each cell: a pair of positions, by the words that came to stand there. Framed: the surest."),
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
            "low": st.column_config.NumberColumn(_("95% from"), format="localized"),
            "high": st.column_config.NumberColumn(_("to"), format="localized"),
            "share_i": st.column_config.NumberColumn(_("share i"), format="percent"),
            "share_j": st.column_config.NumberColumn(_("share j"), format="percent"),
            "both": _("drafts with both"),
            "step_i": _("written at step"),
            "step_j": _("and"),
            "together": st.column_config.CheckboxColumn(_("same step")),
            "distance": _("distance"),
        },
    )
    st.caption(
        _(
            "Below 0: the two words together are worth less to the energy than they are apart. The interval is for one "
            "pair; among so many, some stand out by chance."
        )
    )
