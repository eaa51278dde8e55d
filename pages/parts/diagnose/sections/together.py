"""Are words revealed together less coherent than words revealed apart? Of the text that the run wrote."""

from __future__ import annotations

import streamlit as st

from edlm_core.diagnosis.coherence import Coupled, Split, split, written_at
from edlm_core.work.tasks import CoupleText

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number, signed
from ...app.words import quoted
from ...widgets import questions
from ...widgets.figure import figure
from ..charts.together import by_distance_chart, by_distance_table, text_pairs_table
from ..view import View, remembered

AGAINST = -0.05  # nats: beyond what is 0.0 when it is written


def show(view: View) -> None:
    st.markdown("## " + _("Are words revealed together less coherent than words revealed apart?"))
    if view.request is None:
        st.caption(_("The model that wrote this run is not here, so the energy can't be asked again."))
        return
    key = ("together", view.id, view.lane_index)
    questions.button(
        _("Ask the energy"),
        key,
        lambda: CoupleText(view.place(len(view.pools) - 1)),
        run=view.run,
        help=_("Changes every word of the finished text once, and asks what the energy makes of each of the others."),
    )
    found = questions.answer(key)
    if found is None:
        st.caption(
            _(
                "Every pair of words of the finished text: what does each do for the other, and were they drawn at "
                "the same step, neither knowing of the other, or one after the other?"
            )
        )
        return
    coupled = Coupled(view.lane.sampler, view.run.config.seed, found, written_at(view.pools))
    answer = remembered("together", (*key, len(view.pools)), lambda: split(coupled))
    if answer is None:
        st.caption(_("Every step of this run wrote one word, or one step all of them: there is nothing to compare."))
        return
    st.markdown(sentence(answer))
    table = text_pairs_table(coupled, view.text, [pool.step + 1 for pool in view.pools])
    by_distance = by_distance_table(table)
    figure(
        "together",
        _("What do two words do for each other, by how far apart they are?"),
        by_distance_chart(by_distance, view.palette),
        table,
        _(
            "Above 0 the two words support each other, below they contradict each other; mean over pairs, with 95% "
            "intervals as if pairs were independent. Each word is changed to what the denoiser likes best before "
            "anything is written. The CSV has every pair, its steps and its distance."
        ),
    )
    st.markdown("## " + _("Which words that were revealed together fit least?"))
    against = table[table.together & (table.nats <= AGAINST)].nsmallest(5, "nats")
    if against.empty:
        st.caption(_("None of them contradicts another."))
        return
    st.markdown(
        "\n".join(
            "- "
            + _("{a} and {b}, written at step {step}, {distance} apart: {nats} nats").format(
                a=quoted(row.word_i),
                b=quoted(row.word_j),
                step=row.step_i,
                distance=row.distance,
                nats=signed(row.nats, 1),
            )
            for row in against.itertuples()
        )
    )


def sentence(answer: Split) -> str:
    """The answer with its numbers; what chance would show stands beside it."""
    values = {name: signed(getattr(answer, name), 2) for name in ("difference", "low", "high")}
    if answer.difference != answer.difference:
        verdict = _("At no distance are there pairs of both kinds, so the two can't be compared at equal distance.")
    elif not answer.beyond_chance:
        verdict = _(
            "At equal distance the difference is {difference}, within what chance shows ({low} to {high} if the same "
            "steps are dealt to the words anew): this text alone doesn't tell. **Many seeds** may."
        )
    elif answer.difference < 0:
        verdict = _(
            "**Yes**: at equal distance they are {difference} nats apart, beyond what chance shows ({low} to {high} "
            "if the same steps are dealt to the words anew)."
        )
    else:
        verdict = _(
            "**No, more so**: at equal distance they are {difference} nats apart, beyond what chance shows ({low} to "
            "{high} if the same steps are dealt to the words anew)."
        )
    return f"{means(answer.together, answer.num_together, answer.apart, answer.num_apart)} {verdict.format(**values)}"


def means(together: float, num_together: int, apart: float, num_apart: int) -> str:
    """Mean nats of a pair of either kind, and of how many."""
    one = ngettext(
        "Revealed together **{nats} nats** a pair ({n} pair).",
        "Revealed together **{nats} nats** a pair ({n} pairs).",
        num_together,
    ).format(nats=signed(together, 2), n=number(num_together, 0))
    other = ngettext(
        "Revealed apart **{nats} nats** ({n} pair).", "Revealed apart **{nats} nats** ({n} pairs).", num_apart
    ).format(nats=signed(apart, 2), n=number(num_apart, 0))
    return f"{one} {other}"
