"""Score my text: how likely is it, by whom, and what may each figure be compared with?"""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from edlm_core.catalogue import PLAIN
from edlm_core.config import MAX_PAGE_LENGTH
from edlm_core.displayed import in_sentence, in_table
from edlm_core.measure.scored import EXACT, Figure, Scored
from edlm_core.work.tasks import ScoreText

from ..app import cache
from ..app.i18n import gettext as _
from ..app.i18n import ngettext, number, signed
from ..app.theme import Palette
from ..app.visit import Visit
from ..app.words import plain, quoted
from ..widgets.figure import figure, palette
from ..widgets.frame import framed, word_axis
from . import asking
from .kept import kept
from .view import View

UNEXPECTED = 3  # tokens that are named


def show(visit: Visit, view: View | None) -> None:
    models = cache.model_names()
    model = models[0]
    if len(models) > 1:
        model = st.selectbox(_("Model"), models, **kept("score_model", model))
    text = st.text_area(
        _("A text of at most {most} tokens").format(most=MAX_PAGE_LENGTH),
        height=120,
        placeholder=_("Once upon a time there was a little girl named Lily."),
        **kept("score_text", ""),
    )
    found: Scored | None = asking.button(_("Score it"), "score", model, ScoreText(model, text), visit)
    if found is None or not found.figures:
        return
    for place, one in zip(st.columns(len(found.figures)), found.figures, strict=True):
        with place.container(border=True):
            name, kind, compare = words_of(one, found)
            st.metric(name, figure_text(one))
            st.caption(f"{kind} {compare}")
    st.markdown(gain(found))
    table = tokens_table(found)
    figure(
        "tokens",
        _("Which words are unexpected?"),
        tokens_chart(table, found, palette()),
        table,
        f"{unexpected(found)} {conditions(found, model)}",
    )


def figure_text(one: Figure) -> str:
    """Nats per token; of a bound with the interval of its draws."""
    if one.draws < 2:
        return number(one.mean, 3)
    return _("{mean} ± {half}").format(mean=number(one.mean, 3), half=number(one.half, 3))


def words_of(one: Figure, found: Scored) -> tuple[str, str, str]:
    """A figure's name, what it is, and what it may be compared with."""
    if one.kind == EXACT:
        return (
            _("NLL, autoregressive model"),
            _("Exact, nats per token."),
            _("Compare it with the exact NLL of other left-to-right models on the same tokens."),
        )
    drawn = ngettext("From {n} round of draws.", "From {n} rounds of draws.", one.draws).format(n=one.draws)
    if one.name == "nelbo":
        return (
            _("NELBO, denoiser"),
            _("An upper bound on its NLL, run in ever smaller steps. {drawn}").format(drawn=drawn),
            _("Compare it with the NELBO of other masked diffusion models. Above an exact NLL it proves nothing."),
        )
    name = (
        _("Bound, independent words, T = {T}").format(T=found.steps)
        if one.name == PLAIN.name
        else _("Bound, EDLM, T = {T}, K = {K}").format(T=found.steps, K=found.candidates)
    )
    return (
        name,
        _("An upper bound on the NLL of the sampler as it is run. {drawn}").format(drawn=drawn),
        _("Compare the two bounds of this T with each other: they share the order in which words are shown."),
    )


def gain(found: Scored) -> str:
    """What the energy makes of the bound, in a sentence."""
    if found.gain is None:
        return ""
    mean, half = found.gain
    if mean + half < 0:
        text = _("**The energy makes this text likelier**: the bound is {mean} nats per token ({low} to {high}) lower.")
    elif mean - half > 0:
        text = _("**The energy makes the bound worse**: it is {mean} nats per token ({low} to {high}) higher.")
    else:
        text = _(
            "**Not told apart**: with the energy the bound differs by {mean} nats per token ({low} to {high}, 95%)."
        )
    if mean + half < 0:
        return text.format(mean=number(-mean, 3), low=number(-mean - half, 3), high=number(-mean + half, 3))
    return text.format(mean=signed(mean, 3), low=signed(mean - half, 3), high=signed(mean + half, 3))


def tokens_table(found: Scored) -> pd.DataFrame:
    words = in_table(found.tokens)
    return pd.DataFrame(
        {"position": range(1, len(words) + 1), "token": words, "nll": [round(nll, 4) for nll in found.nll]}
    )


def tokens_chart(table: pd.DataFrame, found: Scored, palette: Palette) -> alt.LayerChart:
    words = [word.strip() or "␣" for word in found.tokens]
    bars = (
        alt.Chart(table)
        .mark_bar(color=palette.accent)
        .encode(
            x=alt.X("position:O", axis=word_axis(words)),
            y=alt.Y("nll:Q", title=_("NLL, nats")),
            tooltip=[
                alt.Tooltip("position:O", title=_("position")),
                alt.Tooltip("token:N", title=_("token")),
                alt.Tooltip("nll:Q", title=_("NLL, nats"), format=".3f"),
            ],
        )
    )
    mean = pd.DataFrame({"mean": [sum(found.nll) / len(found.nll)]})
    rule = alt.Chart(mean).mark_rule(color=palette.energy, strokeWidth=2).encode(y="mean:Q")
    return framed(alt.layer(bars, rule), palette, 240)


def unexpected(found: Scored) -> str:
    """The chart in words."""
    order = sorted(range(len(found.nll)), key=lambda n: -found.nll[n])[:UNEXPECTED]
    named = ", ".join(
        _("{word} ({nll})").format(word=quoted(in_sentence(found.tokens[n])), nll=number(found.nll[n], 1))
        for n in order
    )
    return _(
        "NLL of each token given those before it, by the autoregressive model, exact. Least expected: {words}. The "
        "line is the mean."
    ).format(words=named)


def conditions(found: Scored, model: str) -> str:
    return ngettext(
        "{n} token; model {model}, weights {weights}.", "{n} tokens; model {model}, weights {weights}.", len(found.nll)
    ).format(n=len(found.nll), model=plain(model), weights=found.weights)
