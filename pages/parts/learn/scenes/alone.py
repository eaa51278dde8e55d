"""Scene 1: each word looks right, and half of the sentences are wrong."""

from __future__ import annotations

from itertools import product

import numpy as np
import streamlit as st

from edlm_core.worlds.candidates import candidate_law
from edlm_core.worlds.reveals import divergence, sampled
from edlm_core.worlds.world import World, pairs_world, total_variation

from ...app.i18n import gettext as _
from ...app.i18n import ngettext, number
from ...widgets.figure import figure, palette
from ..asking import check, of_a_hundred, predict, share_of
from ..charts.bars import shares_chart, shares_table
from ..sheet import sheet
from ..story import clashes, of_one_pair
from ..why import figures, prose, why
from . import real_step

state = st.session_state
QUESTIONS = ("alone", "alone_two")
DOZEN, MOST = 12, 48
MASKS = (2, 2)
AGREE = range(50, 101, 5)  # per cent


def wrong(world: World, law: np.ndarray) -> float:
    """Share of texts with a contradiction."""
    return float(sum(p for x, p in zip(world.sequences.tolist(), law, strict=True) if clashes(x)))


def blind(world: World) -> np.ndarray:
    """(V^L,) law of a text whose words are all drawn at once, each by itself."""
    return candidate_law(world, (world.vocab_size,) * world.length, 1)


def show() -> None:
    prose(
        _(
            "A writer in a hurry fills in two words at once, an animal and its sound. In its language dogs bark and "
            "cats meow, and there are as many of the one as of the other. It knows exactly how often each word stands "
            "in each place, and draws each word by itself."
        )
    )
    certain = pairs_world(1, agree=1.0)
    asked = of_a_hundred(
        "alone", _("Of 100 sentences that it writes, how many contradict themselves?"), wrong(certain, blind(certain))
    )
    if not predict(asked):
        return
    _play()
    two = pairs_world(2, agree=1.0)
    check(
        of_a_hundred(
            "alone_two",
            _("Two such pairs in one text, all four words at once: how many of 100 texts are free of contradictions?"),
            1 - wrong(two, blind(two)),
        ),
        _("Each pair goes right half of the time, whatever the other does: a half of a half."),
    )
    real_step.show()


def _play() -> None:
    controls, picture = st.columns([5, 7], gap="large")
    with controls:
        way = st.segmented_control(
            _("How it writes"),
            ["together", "in turn"],
            key="w_alone_way",
            default="together",
            required=True,
            format_func=lambda way: _("Both words at once") if way == "together" else _("One after the other"),
        )
        agree = st.select_slider(
            _("How often the two words belong together"),
            AGREE,
            100,
            key="w_alone_agree",
            format_func=lambda percent: share_of(percent / 100),
        )
        world = pairs_world(1, agree=agree / 100)
        law = blind(world) if way == "together" else world.joint
        texts = _written(law, (way, agree))
        share = wrong(world, law)
        met = sum(bool(clashes(x)) for x in texts)
        figures(
            {
                _("wrong among those written"): _("{wrong} of {n}").format(wrong=met, n=len(texts)),
                _("wrong, exactly"): share_of(share),
            }
        )
        story = of_one_pair()
        sheet(
            "alone",
            ngettext("{n} sentence as it was written", "{n} sentences as they were written", len(texts)).format(
                n=len(texts)
            ),
            [{"pieces": story.pieces(x), "fits": not clashes(x)} for x in texts],
            columns=True,
        )
        st.button(
            _("Write 12 more"),
            key="alone_more",
            icon=":material/edit:",
            disabled=len(texts) >= MOST,
            on_click=lambda: state.__setitem__("l_alone", state["l_alone"] + DOZEN),
        )
    with picture:
        _chart(world, law)
    _why(world, law)


def _written(law: np.ndarray, setting: tuple[object, ...]) -> list[tuple[int, ...]]:
    """The first dozens of texts of a law; another setting begins with one dozen again."""
    if state.get("l_alone_of") != setting:
        state["l_alone_of"], state["l_alone"] = setting, DOZEN
    texts = list(product(range(2), repeat=2))
    return [texts[n] for n in sampled(law, state["l_alone"], seed=1)]


def _chart(world: World, law: np.ndarray) -> None:
    story = of_one_pair()
    words = [word for pair in story.words.values() for word in pair]
    order = [0, 3, 1, 2]  # what fits, then what does not
    sentences = [story.sentence(x) for x in world.sequences[order].tolist()]
    laws = {
        kind: [*world_of(p).marginals(MASKS).ravel(), *p[order]] for kind, p in (("true", world.joint), ("blind", law))
    }
    table = shares_table([*words, *sentences], laws)
    names = {"true": _("in the language"), "blind": _("as it is written")}
    figure(
        "alone",
        _("Which words, and which sentences, how often?"),
        shares_chart(table, names, palette()),
        table,
        _("The four words above agree, whatever you set; look at the four sentences below. All shares are exact."),
    )


def world_of(joint: np.ndarray) -> World:
    return World(joint, vocab_size=2, length=2)


def _why(world: World, law: np.ndarray) -> None:
    values = {
        "tv": share_of(total_variation(world.joint, law)),
        "nats": number(divergence(world.joint, law), 3),
        "wrong": share_of(wrong(world, law)),
        "true": share_of(wrong(world, world.joint)),
    }
    why(
        story=_(
            "Every word was as frequent as it should be. What was lost is *which goes with which*: nobody looked at "
            "both words at once. No better knowledge of single words can help, for it was perfect already. Whoever "
            "writes one after the other sees the first word, and has no such trouble. It takes twice as long."
        ),
        numbers=_(
            "Each word alone: 50% in the language, 50% as it is written. The sentences are {tv} apart (total "
            "variation: the largest difference in the probability of anything). Wrong in the language {true}, wrong "
            "as it is written {wrong}. Set the slider to 50%: where the words have nothing to do with one another, "
            "nothing is lost."
        ).format(**values),
        maths=_(
            "The product of the marginals is the nearest independent law, and still {nats} nats from the joint: the "
            "mutual information of the two words. The denoiser of a masked diffusion model is trained to be exactly "
            "this product; a larger network comes closer to it, never past it."
        ).format(**values),
        formulas=[
            r"q(x) = p(x^1)\,p(x^2)",
            r"\mathrm{KL}(p \,\|\, q) = I(x^1; x^2) = \log 2 - H(c)",
        ],
    )
