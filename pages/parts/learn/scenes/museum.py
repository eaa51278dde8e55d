"""Museum of faults: what published code got wrong, each a switch on an exact law, and how long nobody would notice."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from edlm_core.messages import N_
from edlm_core.worlds import exhibits
from edlm_core.worlds.exhibits import Effect
from edlm_core.worlds.world import total_variation

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number
from ...widgets.figure import figure, palette
from ..asking import Question, predict
from ..charts.bars import shares_chart, shares_table
from ..why import figures, prose

state = st.session_state
PAIRS, DRAFTS, AGREE = 3, 8, 0.99
RARE, STEPS = 1e-5, 1024
SAMPLES = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]


class Exhibit(NamedTuple):
    label: str  # marked here, as is what follows; put into the visitor's language where it is drawn
    about: str  # what was written, and where
    law: str  # what it does
    step: str  # the test that kills it
    effect: Callable[[], Effect] | None  # None where no law is wrong but a figure
    things: Callable[[], Sequence[str]]


def _counts() -> list[str]:
    return [ngettext("{n} contradiction", "{n} contradictions", n).format(n=number(n)) for n in range(PAIRS + 1)]


def _texts() -> list[str]:
    """The likeliest of the small world's, as letters."""
    return ["".join("ABC"[v] for v in exhibits.small_world().sequences[n]) for n in _likeliest()]


def _likeliest() -> np.ndarray:
    return np.argsort(-exhibits.small_world().joint, kind="stable")[:6]


def _residual() -> Effect:
    effect = exhibits.probability_residual(32)
    return Effect(*(np.append(law[_likeliest()], law.sum() - law[_likeliest()].sum()) for law in effect))


EXHIBITS = {
    "sign": Exhibit(
        N_("The wrong sign"),
        N_("Drafts are weighed by exp(+E) where exp(−E) is meant: one character in the code."),
        N_("The draft that contradicts itself most is taken, the more surely the more drafts there are."),
        N_("The distance to the exact law must fall with every further draft. With the sign flipped it rises."),
        lambda: exhibits.flipped_sign(PAIRS, DRAFTS),
        _counts,
    ),
    "unused": Exhibit(
        N_("Drafts drawn and not used"),
        N_("Eight drafts are drawn and weighed, and then the first one is kept whatever it weighs."),
        N_("All the work is paid for, and the texts are those of the blind writer."),
        N_("With eight drafts the law must not be that of one: how often is a draft other than the first one taken?"),
        lambda: exhibits.unused_drafts(PAIRS, DRAFTS),
        _counts,
    ),
    "residual": Exhibit(
        N_("Probabilities for log-probabilities"),
        N_(
            "The energy subtracts the denoiser's probability of a word where its logarithm belongs. Here in a language "
            "of three places and the words A, B and C."
        ),
        N_(
            "What the denoiser likes is counted twice: texts are too sure of themselves. A judge even likes them "
            "better, so that perplexity praises the fault."
        ),
        N_("A log-probability is never above 0; and the residual is compared with one that is added up by hand."),
        _residual,
        lambda: [*_texts(), _("any other")],
    ),
    "chains": Exhibit(
        N_("Chains that mix"),
        N_(
            "Two texts are written side by side, and `repeat` followed by `view` deals half of each one's drafts to "
            "the other."
        ),
        N_("Alone a text is right. Beside another that holds the other word, half of the pairs contradict themselves."),
        N_("A text must be the same alone and in any batch. A test with one text at a time can never find it."),
        lambda: exhibits.mixed_chains(2, DRAFTS, AGREE),
        lambda: [_("the pair agrees"), _("it contradicts itself")],
    ),
    "noise": Exhibit(
        N_("Coarse noise"),
        N_(
            "Words are drawn by a race of exponential times made from 24 random bits. Here: a word of probability 1 in "
            "100,000, in the middle of 1,024 steps."
        ),
        N_("Rare words starve, the more steps there are the more of them. Texts grow dull, and look more fluent."),
        N_("The law of the draw is compared at probabilities down to 1 in 10 million, for each number format."),
        lambda: exhibits.coarse_noise(RARE, STEPS),
        lambda: [_("the rare word"), _("any other")],
    ),
    "log_z": Exhibit(
        N_("log Z from one draft"),
        N_("log Z is the logarithm of a mean weight. The mean was taken over one draft alone."),
        N_("Reported texts look likelier than they are, by the divergence of the drafts from the language."),
        N_("Both ends of log Z must lie on both sides of the enumerated one."),
        None,
        list,
    ),
    "formula": Exhibit(
        N_("A formula taken for a bound"),
        N_("The published likelihood is read as an upper bound, as that of independent words is one."),
        N_("A perfect model gets less than the entropy, which is impossible for a bound."),
        N_("In a world that can be enumerated every bound must lie above the entropy."),
        None,
        list,
    ),
}
QUESTIONS = tuple(f"museum_{name}" for name in EXHIBITS)


def show() -> None:
    prose(
        _(
            "Each of these was published, and the texts that came of it looked like texts. Switch it on and see what "
            "it does to an exact law; first guess how many samples it takes until anybody could notice."
        )
    )
    name = st.pills(
        _("Exhibit"),
        list(EXHIBITS),
        key="w_museum",
        default="sign",
        required=True,
        format_func=lambda name: _(EXHIBITS[name].label),
        label_visibility="collapsed",
    )
    exhibit = EXHIBITS[name]
    prose(_(exhibit.about))
    if exhibit.effect is None:
        _of_a_figure(name)
        _labels(exhibit)
    elif predict(_question(name, exhibit.effect())):
        _of_a_law(name, exhibit, exhibit.effect())


def _labels(exhibit: Exhibit) -> None:
    prose(_("**What it does.** {words}").format(words=_(exhibit.law)))
    prose(_("**The test that kills it.** {words}").format(words=_(exhibit.step)))


def _question(name: str, effect: Effect) -> Question:
    """Of what the faulty sampler writes."""
    return Question(
        f"museum_{name}",
        _("How many samples does it take until the evidence is 1,000 to 1 that something is wrong, in the mean?"),
        SAMPLES,
        10 ** round(math.log10(max(1.0, effect.samples_to_notice))),
        written=lambda n: ngettext("{n} sample", "{n} samples", n).format(n=number(n)),
        exactly=lambda _nearest: ngettext("{n} sample", "{n} samples", math.ceil(effect.samples_to_notice)).format(
            n=number(math.ceil(effect.samples_to_notice))
        ),
    )


def _of_a_law(name: str, exhibit: Exhibit, effect: Effect) -> None:
    controls, picture = st.columns([5, 7], gap="large")
    with controls:
        on = st.toggle(_("The fault is in the code"), key=f"w_fault_{name}")
        now = effect.wrong if on else effect.right
        distance = total_variation(now, effect.right)
        figures(
            {
                _("distance to what it should be"): number(distance, 3 if name != "noise" else 7),
                _("samples to notice"): number(math.ceil(effect.samples_to_notice)) if on else _("no number of them"),
            }
        )
        _labels(exhibit)
    table = shares_table(exhibit.things(), {"true": effect.right, "taken": now})
    with picture:
        figure(
            "museum",
            _("What does the sampler write, how often?"),
            shares_chart(table, {"true": _("as it should be"), "taken": _("as it is now")}, palette()),
            table,
            _("Exact. Evidence is the likelihood ratio of both laws, which grows with every text."),
        )


def _of_a_figure(name: str) -> None:
    right, wrong = exhibits.one_draw_log_z(PAIRS) if name == "log_z" else exhibits.formula_for_a_bound()
    on = st.toggle(_("The fault is in the code"), key=f"w_fault_{name}")
    told = _("log Z as it is reported, nats") if name == "log_z" else _("nats a text, as they are reported")
    figures({told: number(wrong if on else right, 3), _("as it should be"): number(right, 3)})
