"""Scene 3: draw K drafts, weigh, take one; the exact law closes in on the language, or flees with the sign flipped."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from edlm_core.worlds.clashes import Clashes
from edlm_core.worlds.world import total_variation

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number
from ...widgets.figure import figure, palette
from ...widgets.glossary import meaning
from ..asking import check, of_a_hundred, predict, share_of
from ..charts.bars import shares_chart, shares_table
from ..sheet import Row, sheet
from ..story import Story, clashes, of_three_pairs
from ..why import depth, figures, prose, why

state = st.session_state
QUESTIONS = ("inspector", "inspector_four")
PAIRS, SHOWN = 3, 8
DRAFTS, TEMPERATURES = (1, 2, 4, 8, 16, 32, 64), (0.25, 0.5, 1.0, 2.0, 4.0)
LAW = Clashes(PAIRS)


def show() -> None:
    prose(
        _(
            "The writer stays as hasty as it was: all six words at once, each by itself. But it puts down several "
            "complete drafts, and an inspector reads each *as a whole*. A draft's weight is how much more often the "
            "language has it than the blind writer does. One draft is taken by lot, by weight. (In this language a "
            "pair goes together 99 times in 100.)"
        )
    )
    asked = of_a_hundred(
        "inspector",
        _(
            "Eight drafts, one taken. How many of 100 texts taken are free of contradictions? (Of one draft: {n}.)"
        ).format(n=number(100 * LAW.taken(1)[0], 1)),
        float(LAW.taken(8)[0]),
    )
    if not predict(asked):
        return
    _play()
    four = float(Clashes(PAIRS + 1).taken(8)[0])
    check(
        of_a_hundred(
            "inspector_four",
            _("Four pairs instead of three, and still eight drafts: how many of 100 are free of contradictions?"),
            four,
            near=2,
        ),
        _("A draft that is right throughout comes up half as often, so eight of them meet one less often: scene 4."),
    )


def _play() -> None:
    controls, picture = st.columns([5, 7], gap="large")
    with controls:
        K = st.select_slider(_("Drafts K"), DRAFTS, 8, key="w_inspector_K", help=meaning("draft"))
        temperature = st.select_slider(
            _("Temperature of the inspector"),
            TEMPERATURES,
            1.0,
            key="w_inspector_temperature",
            format_func=lambda value: number(value, 0 if value >= 1 else 2),
            help=_(
                "Energies are divided by it: high, and the inspector hardly minds; low, and it takes only the best."
            ),
        )
        flipped = st.toggle(_("Flip the sign, as published code did"), key="w_inspector_flipped")
        sign = -1.0 if flipped else 1.0
        law = LAW.taken(K, temperature, sign)
        drafts = _drawn(K)
        log_w = sign * np.array([LAW.log_w[len(clashes(x))] for x in drafts]) / temperature
        weight = np.exp(log_w - log_w.max())
        weight /= weight.sum()
        figures(
            {
                _("free of contradictions"): share_of(law[0]),
                _("distance to the language"): number(total_variation(law, LAW.true), 3),
                _("ESS of these drafts"): number(1 / (weight**2).sum(), 1),
            }
        )
    with picture:
        _chart(law)
    _drafts(drafts, weight)
    _why(K, temperature)


def _drawn(K: int) -> list[tuple[int, ...]]:
    """The first K of the drafts that a seed has: more of them keep those that were there."""
    seed = state.setdefault("l_inspector_seed", 2)
    return [tuple(x) for x in np.random.default_rng(seed).integers(2, size=(max(DRAFTS), 2 * PAIRS))[:K].tolist()]


def _drafts(drafts: list[tuple[int, ...]], weight: np.ndarray) -> None:
    point = np.random.default_rng((state["l_inspector_seed"], 1)).random()
    taken = int(np.searchsorted(weight.cumsum(), point * weight.sum()))
    order = shown(len(drafts), taken)
    story = of_three_pairs()
    sheet(
        "inspector",
        _("Drafts, their weights, and the one taken"),
        [_row(story, drafts, weight, k, taken) for k in order],
    )
    more = len(drafts) - len(order)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Draw again"),
            key="inspector_again",
            icon=":material/casino:",
            on_click=lambda: state.__setitem__("l_inspector_seed", state["l_inspector_seed"] + 1),
        )
        if more > 0:
            st.caption(ngettext("{n} more draft is not shown.", "{n} more drafts are not shown.", more).format(n=more))


def shown(count: int, taken: int) -> list[int]:
    """The first drafts, and in any case the one taken."""
    first = list(range(min(count, SHOWN)))
    return first if taken in first else [*first[:-1], taken]


def _row(story: Story, drafts: list[tuple[int, ...]], weight: np.ndarray, k: int, taken: int) -> Row:
    count = len(clashes(drafts[k]))
    row: Row = {
        "before": _("draft {n}").format(n=number(k + 1)),
        "pieces": story.pieces(drafts[k]),
        "fits": count == 0,
        "weight": float(weight[k]),
        "after": share_of(round(float(weight[k]), 3)),
    }
    if depth() != "story":
        row["after"] = _("{weight}, energy {energy}").format(
            weight=row["after"], energy=number(0 - LAW.log_w[count], 2).replace("-", "−")
        )
    return row | {"taken": _("taken")} if k == taken else row


def _chart(law: np.ndarray) -> None:
    things = [ngettext("{n} contradiction", "{n} contradictions", n).format(n=number(n)) for n in range(PAIRS + 1)]
    table = shares_table(things, {"true": LAW.true, "taken": law, "blind": LAW.drawn})
    names = {"true": _("in the language"), "taken": _("draft taken"), "blind": _("any draft")}
    figure(
        "inspector",
        _("How many contradictions has the draft that is taken?"),
        shares_chart(table, names, palette()),
        table,
        _("Exact, over all K drafts that might come up: no sampling, no noise."),
    )


def _why(K: int, temperature: float) -> None:
    distances = {n: number(total_variation(LAW.taken(n), LAW.true), 3) for n in (1, 2, 8, 64)}
    away = {n: number(total_variation(LAW.taken(n, sign=-1.0), LAW.true), 3) for n in (1, 2, 8, 64)}
    values = {
        "one": distances[1],
        "two": distances[2],
        "eight": distances[8],
        "many": distances[64],
        "away": away[8],
        "K": number(K),
        "ess": number(LAW.having_a_say(K, temperature), 2),
        "limit": number(math.exp(LAW.log_w[0]), 2),
    }
    why(
        story=_(
            "The inspector adds nothing that was not in a draft: it can only choose. With one draft it has no choice "
            "at all. With many, a draft that is right throughout is nearly always among them, and by its weight nearly "
            "always taken. Flip the sign, and the inspector looks for contradictions: the more drafts, the more it "
            "finds. Published code did that."
        ),
        numbers=_(
            "Distance to the language: {one} with one draft, {two} with two, {eight} with eight, {many} with 64. With "
            "the sign flipped, {away} with eight. With K = {K} and this temperature the weight goes to {ess} drafts in "
            "the mean (effective sample size), over all that might be drawn."
        ).format(**values),
        maths=_(
            "Self-normalised importance sampling. As K grows the law tends to q w = p; at finite K it is biased "
            "towards q by O(1/K). A text without contradictions has w = {limit} here. The law in the chart is the "
            "integral, not a simulation; with a temperature other than 1 it tends to something else than the language."
        ).format(**values),
        formulas=[
            r"w(x) = \frac{p(x)}{q(x)} = e^{-E(x)}",
            r"q_K(x) = K\, q(x)\, w(x) \int_0^\infty e^{-u w(x)}\, \varphi(u)^{K-1} \, du, \qquad "
            r"\varphi(u) = \mathbb{E}_q\, e^{-u w}",
        ],
    )
