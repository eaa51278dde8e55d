"""Scene 5: how likely is this text? Numbers of one name, the formula that is no bound, and both ends of log Z."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from edlm_core.worlds.bounds import log_z_ends, published_formula, sampler_bounds, sampler_nlls
from edlm_core.worlds.reveals import entropy
from edlm_core.worlds.world import random_world

from ...app.i18n import gettext as _
from ...app.i18n import number, percent
from ...widgets.figure import figure, palette
from ..asking import Question, check, predict
from ..charts.lines import here, lines_chart, lines_table
from ..why import figures, prose, why

QUESTIONS = ("likely", "likely_ends")
MOST, MOST_DRAWS = 16, 32
AGREE = 0.99
SHARES = (0.5, 0.25, 0.1, 0.05, 0.02, 0.01)  # of drafts that are right


@st.cache_resource(show_spinner=False)
def numbers() -> dict[str, np.ndarray]:
    """Nats a text, in the mean over the language, at T = 1 .. MOST steps."""
    world = random_world(3, 3, 0.15, seed=0)
    flat = np.ones(MOST)
    return {
        "bound": sampler_bounds(world, MOST),
        "exact": sampler_nlls(world, MOST),
        "entropy": flat * entropy(world.joint),
        "formula": flat * published_formula(world),
    }


def show() -> None:
    floor = numbers()["entropy"][0]
    prose(
        _(
            "A model is good if it finds real texts likely. The *negative log-likelihood* says how unlikely, in nats: "
            "lower is better. But no model on earth can have less of it, in the mean, than the language itself: its "
            "entropy. Ours, three places and three words, has {floor} nats."
        ).format(floor=number(floor, 3))
    )
    options = {1.0: _("more than the entropy"), 0.0: _("exactly the entropy"), -1.0: _("less than the entropy")}
    formula = numbers()["formula"][0]
    asked = Question(
        "likely",
        _("The published formula for an energy-corrected model, put to a *perfect* model of this language, says …"),
        list(options),
        float(np.sign(formula - floor)),
        written=options.__getitem__,
        exactly=lambda _answer: _("{formula} nats, against an entropy of {floor}").format(
            formula=number(formula, 3), floor=number(floor, 3)
        ),
    )
    if not predict(asked):
        return
    _play()
    st.markdown("### " + _("log Z from both sides"))
    prose(
        _(
            "The formula needs log Z, the logarithm of the mean weight over *all* drafts; 0 here. From n drafts it is "
            "estimated: one end lies below in the mean, always; the other is meant to lie above. Make right drafts "
            "rare."
        )
    )
    _ends()
    _check_ends()


def _play() -> None:
    controls, picture = st.columns([5, 7], gap="large")
    found = numbers()
    with controls:
        T = st.slider(_("Steps T"), 1, MOST, 2, key="w_likely_T")
        figures(
            {
                _("the sampler, exactly"): number(found["exact"][T - 1], 3),
                _("its bound"): number(found["bound"][T - 1], 3),
                _("entropy of the language"): number(found["entropy"][0], 3),
                _("the published formula"): number(found["formula"][0], 3),
            }
        )
        _why()
    with picture:
        table = lines_table(range(1, MOST + 1), found)
        names = {
            "bound": _("bound on the sampler (NELBO)"),
            "exact": _("the sampler, exactly"),
            "entropy": _("entropy: nothing goes below"),
            "formula": _("the published formula"),
        }
        colours = {"bound": "alone", "exact": "accent", "entropy": "quiet", "formula": "energy"}
        chart = lines_chart(
            table, names, colours, palette(), x=_("steps T"), y=_("nats a text, in the mean"), now=T, share=False
        )
        figure(
            "likely",
            _("How unlikely is a text of the language?"),
            chart,
            table,
            _("The formula does not depend on the steps, and lies where no model can be. All exact."),
            now=here(),
        )


def _ends() -> None:
    controls, picture = st.columns([5, 7], gap="large")
    with controls:
        share = st.select_slider(
            _("Share of drafts that are right"),
            SHARES,
            0.5,
            key="w_likely_share",
            format_func=lambda value: percent(value),
        )
        n = st.slider(_("Drafts n"), 2, MOST_DRAWS, 8, key="w_likely_n")
        low, high = log_z_ends(share, AGREE, n)
        figures(
            {
                _("lower end"): number(low, 3),
                _("upper end"): number(high, 3),
                _("sd of log-weights"): number(sd(share), 2),
            }
        )
        st.markdown(
            _("The upper end lies above 0, as a bound should.")
            if high >= 0
            else _("**The upper end lies below 0**: it bounds nothing, and the text looks likelier than it is.")
        )
    with picture:
        drawn = range(2, MOST_DRAWS + 1)
        ends = np.array([log_z_ends(share, AGREE, n) for n in drawn])
        table = lines_table(drawn, {"upper": ends[:, 1], "truth": np.zeros(len(ends)), "lower": ends[:, 0]})
        names = {"upper": _("upper end"), "truth": _("log Z"), "lower": _("lower end")}
        colours = {"upper": "energy", "truth": "quiet", "lower": "accent"}
        chart = lines_chart(
            table, names, colours, palette(), x=_("drafts n"), y=_("nats, in the mean"), now=n, share=False
        )
        figure(
            "ends",
            _("Where do both ends of log Z lie, by the number of drafts?"),
            chart,
            table,
            _("In the mean over all n drafts that might come up, exactly."),
            now=here(),
        )


def sd(share: float) -> float:
    """Of log w, in nats."""
    return math.sqrt(share * (1 - share)) * abs(math.log(AGREE / share) - math.log((1 - AGREE) / (1 - share)))


def drafts_needed(share: float) -> int:
    """The fewest n whose upper end lies above log Z, and does for all n above."""
    above = [log_z_ends(share, AGREE, n)[1] >= 0 for n in range(2, MOST_DRAWS + 1)]
    return MOST_DRAWS + 1 - next((k for k, fine in enumerate(reversed(above)) if not fine), len(above))


def _check_ends() -> None:
    check(
        Question(
            "likely_ends",
            _("One draft in ten is right. From how many drafts on does the upper end lie above log Z?"),
            range(2, MOST_DRAWS + 1),
            drafts_needed(0.1),
            written=lambda n: number(n),
            exactly=lambda n: number(n),
            near=2,
        ),
        _(
            "As long as all n drafts may well be wrong, nothing that is made of them can know of the right one. So the "
            "app calls the upper end a bound only where the log-weights spread by at most 2 nats."
        ),
    )


def _why() -> None:
    found = numbers()
    values = {
        "formula": number(found["formula"][0], 3),
        "floor": number(found["entropy"][0], 3),
        "gap": number(found["bound"][1] - found["exact"][1], 3),
        "exact": number(found["exact"][1], 3),
    }
    why(
        story=_(
            "Three numbers go by the name of likelihood. What the sampler really does can be added up, in a world as "
            "small as this. A bound says how bad it is at most. And a formula was published that says less than the "
            "truth: masked words help one another in it each time they are masked, and so it counts the same help more "
            "than once. A score that no perfect model could have is no sign of a better model."
        ),
        numbers=_(
            "At T = 2 the sampler has {exact} nats, and its bound is {gap} above that. The formula has {formula}, "
            "below the entropy of {floor}: a published figure may lie below what any model can reach."
        ).format(**values),
        maths=_(
            "The formula averages entropies of n positions given all others, divided by n. By Han's inequality each "
            "term is at most H/L, and they are equal only where words are independent: so of a perfect model it never "
            "exceeds the entropy, and with any coherence to learn it lies below."
        ),
        formulas=[
            r"\mathcal{F} = \sum_{n=1}^{L} \tfrac{1}{n} \operatorname*{mean}_{|S| = n} H(x^S \mid x^{\bar S}) \le H(x)",
            r"\mathrm{NELBO}_T = \mathbb{E}_R\, \mathbb{E}_p [-\log p_R(x)]"
            r" \ge \mathbb{E}_p [-\log \mathbb{E}_R\, p_R(x)]",
        ],
    )
