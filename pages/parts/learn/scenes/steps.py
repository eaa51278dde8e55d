"""Scene 2: fewer steps, more contradictions; and which words share a step matters more than how many steps."""

from __future__ import annotations

import numpy as np
import streamlit as st

from edlm_core.worlds.bounds import sampler_bounds
from edlm_core.worlds.reveals import (
    Positions,
    by_chance,
    entropy,
    far_apart,
    law_of_groups,
    laws_by_steps,
    neighbours,
    total_correlation,
    write,
)
from edlm_core.worlds.world import World, pairs_world

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number
from ...widgets.figure import figure, palette
from ..asking import Question, check, of_a_hundred, predict, share_of
from ..charts.lines import here, lines_chart, lines_table
from ..sheet import sheet
from ..story import clashes, of_three_pairs
from ..why import figures, prose, why

state = st.session_state
QUESTIONS = ("steps", "steps_needed")
MOST, PLACES = 16, 6
ENOUGH = 0.9
GROUPS = {"apart": far_apart, "neighbours": neighbours}  # orders without chance


@st.cache_resource(show_spinner=False)
def world() -> World:
    return pairs_world(3, agree=1.0)


@st.cache_resource(show_spinner=False)
def fitting() -> dict[str, np.ndarray]:
    """Share of texts without a contradiction at T = 1, 2, …, by order."""
    chance = laws_by_steps(world(), MOST) @ _fits()
    ordered = {
        name: np.array([law_of_groups(world(), groups(PLACES, T)) @ _fits() for T in range(1, PLACES + 1)])
        for name, groups in GROUPS.items()
    }
    return {"chance": chance, **ordered}


@st.cache_resource(show_spinner=False)
def lost() -> dict[str, np.ndarray]:
    """KL(language ‖ what is written) in nats at T = 1, 2, …; for chance its mean over the orders."""
    chance = sampler_bounds(world(), MOST) - entropy(world().joint)
    return {"chance": chance} | {
        name: np.array([_lost_in(groups(PLACES, T)) for T in range(1, PLACES + 1)]) for name, groups in GROUPS.items()
    }


def _fits() -> np.ndarray:
    return np.array([not clashes(x) for x in world().sequences.tolist()], float)


def _lost_in(groups: list[Positions]) -> float:
    total, seen = 0.0, frozenset()
    for group in groups:
        total += total_correlation(world(), group, seen)
        seen |= group
    return total


def steps_needed(share: float) -> int:
    """The fewest steps by chance with so many texts free of contradictions."""
    return int(np.argmax(fitting()["chance"] >= share)) + 1


def show() -> None:
    prose(
        _(
            "A longer sentence, of three such pairs: *{example}* The writer may take several steps now. What it wrote "
            "in earlier steps it sees; only the words of one step are blind to one another."
        ).format(example=of_three_pairs().sentence([0] * PLACES))
    )
    asked = of_a_hundred(
        "steps",
        _(
            "Six words in two steps, and chance decides which word comes in which. How many of 100 texts are free of "
            "contradictions? (All six in one step: {n}.)"
        ).format(n=number(100 * fitting()["chance"][0], 1)),
        float(fitting()["chance"][1]),
    )
    if not predict(asked):
        return
    _play()
    check(
        Question(
            "steps_needed",
            _("How many steps does chance need until 90 of 100 texts are free of contradictions?"),
            range(1, MOST + 1),
            steps_needed(ENOUGH),
            written=lambda steps: ngettext("{n} step", "{n} steps", steps).format(n=number(steps)),
            exactly=lambda steps: ngettext("{n} step", "{n} steps", int(steps)).format(n=number(steps)),
            near=1,
        ),
        _("More than twice as many steps as there are words, where two would do if the writer kept pairs apart."),
    )


def _play() -> None:
    controls, picture = st.columns([5, 7], gap="large")
    names = {"chance": _("By chance"), "apart": _("Far apart"), "neighbours": _("Neighbours together")}
    with controls:
        order = st.segmented_control(
            _("Which words come together"),
            list(names),
            key="w_steps_order",
            default="chance",
            required=True,
            format_func=names.__getitem__,
        )
        T = st.slider(_("Steps T"), 1, MOST if order == "chance" else PLACES, 2, key=f"w_steps_{order}")
        free = fitting()[order][T - 1]
        figures({_("free of contradictions"): share_of(free), _("nats lost"): number(lost()[order][T - 1], 3)})
        _one_text(order, T)
    with picture:
        _chart(names, T)
    _why()


def _one_text(order: str, T: int) -> None:
    """A text as it is written, step by step."""
    seed = state.setdefault("l_steps_seed", 0)
    rng = np.random.default_rng(seed)
    groups = by_chance(PLACES, T, rng) if order == "chance" else GROUPS[order](PLACES, T)
    story, rows = of_three_pairs(), []
    texts = write(world(), groups, rng)
    for n, (x, group) in enumerate(zip(texts, groups, strict=True)):
        if group:
            step = _("step {n}").format(n=number(n + 1))
            rows.append({"before": step, "pieces": story.pieces(x, group)})
    rows[-1]["fits"] = not clashes(texts[-1])
    sheet("steps", _("One text, step by step; steps without a word are left out"), rows)
    st.button(
        _("Write another"),
        key="steps_again",
        icon=":material/edit:",
        on_click=lambda: state.__setitem__("l_steps_seed", seed + 1),
    )


def _chart(names: dict[str, str], T: int) -> None:
    table = lines_table(range(1, MOST + 1), fitting())
    figure(
        "steps",
        _("How many texts are free of contradictions, by the number of steps?"),
        lines_chart(
            table,
            names,
            {"chance": "alone", "apart": "accent", "neighbours": "energy"},
            palette(),
            x=_("steps T"),
            y=_("free of contradictions"),
            now=T,
            share=True,
        ),
        table,
        _("Exact, over all texts and orders. With six words, six steps in a fixed order are one word at a time."),
        now=here(),
    )


def _why() -> None:
    one, two, four, eight = (share_of(fitting()["chance"][T - 1]) for T in (1, 2, 4, 8))
    values = {
        "one": one,
        "two": two,
        "four": four,
        "eight": eight,
        "apart": share_of(fitting()["apart"][1]),
        "near": share_of(fitting()["neighbours"][2]),
        "lost": number(lost()["chance"][1], 3),
        "all": number(lost()["chance"][0], 3),
    }
    why(
        story=_(
            "Two words can contradict each other only where they are drawn in the same step. With T steps, two given "
            "words meet in one step one time in T: twice the steps, half the trouble, and never quite none. But "
            "whoever chooses *which* words share a step decides it. Far apart, two steps are enough for this language. "
            "With neighbours together, three steps are no better than one."
        ),
        numbers=_(
            "By chance {one} of the texts are free of contradictions in one step, {two} in two, {four} in four, "
            "{eight} in eight. Far apart: {apart} in two steps. Neighbours together: {near} in three. The work is the "
            "same: a network call a step."
        ).format(**values),
        maths=_(
            "The divergence is the total correlation of what each step reveals, summed up: an identity, not a bound. "
            "Here {all} nats at T = 1 and {lost} at T = 2, in the mean over orders. A pair shares a step with "
            "probability 1/T and then goes wrong half of the time, hence the last line, which agrees with the "
            "enumeration to the last digit."
        ).format(**values),
        formulas=[
            r"\mathrm{KL}(p \,\|\, p_{\mathrm{order}}) = \sum_n \mathrm{TC}(x^{S_n} \mid x^{S_{<n}})",
            r"\mathrm{TC}(x^S \mid y) = \sum_{i \in S} H(x^i \mid y) - H(x^S \mid y)",
            r"P(\text{no contradiction}) = \left(1 - \tfrac{1}{2T}\right)^3",
        ],
    )
