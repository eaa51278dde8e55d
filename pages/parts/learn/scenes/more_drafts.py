"""Scene 4: the text grows, one draft takes all the weight, more drafts stop helping; mending pair by pair goes on."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from edlm_core.worlds.clashes import Clashes

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number
from ...widgets.figure import figure, palette
from ...widgets.glossary import meaning
from ..asking import Question, check, predict, share_of
from ..charts.lines import here, lines_chart, lines_table
from ..sheet import sheet
from ..why import figures, prose, why

state = st.session_state
QUESTIONS = ("more", "more_needed")
MOST, DRAFTS, SHOWN = 16, (2, 4, 8, 16, 32, 64), 8
FIRST, LONGER = 3, 13  # pairs of the check


def mended(K: int, pairs: int) -> float:
    """Share of texts without a contradiction where each pair is written by itself, as one of K drafts of the pair."""
    return float(Clashes(1).taken(K)[0]) ** pairs


def needed() -> float:
    """How many drafts have as many a say at LONGER pairs as 8 have at FIRST, where there are many."""
    return 8 * Clashes(FIRST).worth / Clashes(LONGER).worth


def show() -> None:
    prose(
        _(
            "Eight drafts were a great help for three pairs. A page has hundreds. Keep eight drafts, make the text "
            "longer, and watch who has a say: the *effective sample size*, ESS, is 8 where all drafts weigh the same, "
            "and 1 where one takes all."
        )
    )
    asked = Question(
        "more",
        _("Eight drafts of a text with ten pairs. How many of the eight have a say?"),
        [n / 2 for n in range(2, 17)],
        Clashes(10).having_a_say(8),
        written=lambda guess: number(guess, 1),
        exactly=lambda answer: number(answer, 2),
        near=1,
    )
    if not predict(asked):
        return
    _play()
    check(
        Question(
            "more_needed",
            _("How many drafts of 13 pairs are worth as much as 8 drafts of 3 pairs?"),
            [8, 24, 80, 240, 800, 2400, 8000, 24000],
            needed(),
            written=lambda guess: number(guess),
            exactly=lambda answer: number(answer),
        ),
        _(
            "Each further pair takes the same factor, {factor}, off what a draft is worth: ten pairs take it ten "
            "times. No number of drafts keeps up with the length of a text."
        ).format(factor=number(Clashes(1).worth, 2)),
    )


def _play() -> None:
    controls, picture = st.columns([5, 7], gap="large")
    with controls:
        M = st.slider(_("Pairs of words still open"), 1, MOST, 6, key="w_more_pairs")
        K = st.select_slider(_("Drafts K"), DRAFTS, 8, key="w_more_K", help=meaning("draft"))
        law = Clashes(M)
        right = np.random.default_rng(3).random((max(DRAFTS), MOST))[:K, :M] < 0.5
        log_w = law.log_w[(~right).sum(1)]
        weight = np.exp(log_w - log_w.max())
        weight /= weight.sum()
        figures(
            {
                _("drafts with a say"): _("{ess} of {K}").format(ess=number(law.having_a_say(K), 2), K=number(K)),
                _("spread of log-weights, nats"): number(
                    float(np.sqrt(law.drawn @ law.log_w**2 - (law.drawn @ law.log_w) ** 2)), 2
                ),
                _("free of contradictions"): share_of(law.taken(K)[0]),
            }
        )
        best = int(weight.argmax())
        sheet(
            "more",
            _("Drafts as their pairs: a dot agrees, a cross contradicts"),
            [
                {
                    "pieces": [{"text": "", "kind": "fit" if fits else "off"} for fits in right[k]],
                    "weight": float(weight[k]),
                    "after": share_of(round(float(weight[k]), 3)),
                }
                for k in range(min(K, SHOWN))
            ],
        )
        if best >= SHOWN:
            st.caption(
                ngettext(
                    "Shown are {n} of {K} drafts; the heaviest is another one.",
                    "Shown are {n} of {K} drafts; the heaviest is another one.",
                    SHOWN,
                ).format(n=SHOWN, K=number(K))
            )
    with picture:
        _chart(K, M)
    _why(K, M)


def _chart(K: int, M: int) -> None:
    laws = [Clashes(m) for m in range(1, MOST + 1)]
    table = lines_table(
        range(1, MOST + 1),
        {
            "language": np.array([law.true[0] for law in laws]),
            "local": np.array([mended(K, law.pairs) for law in laws]),
            "whole": np.array([law.taken(K)[0] for law in laws]),
            "one": np.array([law.drawn[0] for law in laws]),
        },
    )
    names = {
        "language": _("in the language"),
        "local": _("pair by pair, K drafts each"),
        "whole": _("one of K whole drafts"),
        "one": _("any draft"),
    }
    colours = {"language": "quiet", "local": "accent", "whole": "energy", "one": "alone"}
    figure(
        "more",
        _("How many texts are free of contradictions, by their length?"),
        lines_chart(
            table,
            names,
            colours,
            palette(),
            x=_("pairs of words"),
            y=_("free of contradictions"),
            now=M,
            share=True,
        ),
        table,
        _("Exact at every length: texts are summed up by their number of contradictions."),
        now=here(),
    )


def _why(K: int, M: int) -> None:
    law = Clashes(M)
    values = {
        "M": number(M),
        "K": number(K),
        "worth": share_of(law.worth),
        "factor": number(Clashes(1).worth, 3),
        "whole": share_of(law.taken(K)[0]),
        "local": share_of(mended(K, M)),
        "language": share_of(law.true[0]),
        "one": share_of(float(Clashes(1).taken(K)[0])),
        "sd": number(math.sqrt(M) * abs(law.log_w[0] - law.log_w[-1]) / M / 2, 2),
    }
    why(
        story=_(
            "The longer the text, the rarer a draft that is right throughout; among eight, one is the least bad and "
            "takes all the weight, though it is full of contradictions itself. More drafts hardly help, for what has "
            "to happen is rare *many times over*. Mending a little at a time does help: keep the text, draw one pair "
            "anew several times, take one, go on to the next. Each choice is small, and so eight drafts are plenty."
        ),
        numbers=_(
            "With {M} pairs {worth} of many drafts have a say. One of {K} whole drafts is free of contradictions "
            "{whole} of the time; pair by pair, with {K} drafts of each, {local}; the language {language}. What it "
            "costs: a network call a pair where whole drafts take one. And a bias that stays: a pair mended with {K} "
            "drafts agrees {one} of the time, not 99%."
        ).format(**values),
        maths=_(
            "Each pair multiplies E w² by the same factor, so what a draft is worth falls by {factor} a pair, and the "
            "log-weights spread with the square root of the length: {sd} nats here. Beyond about 2 nats the weights "
            "tell little. Gibbs steps and correctors escape this, because they weigh few words at a time."
        ).format(**values),
        formulas=[
            r"\frac{\mathrm{ESS}}{K} \to \frac{1}{\mathbb{E}_q w^2} = \left(\frac{1}{2 c^2 + 2 (1 - c)^2}\right)^{M}",
            r"\mathrm{sd}(\log w) = \frac{\sqrt{M}}{2} \log \frac{c}{1 - c}",
        ],
    )
