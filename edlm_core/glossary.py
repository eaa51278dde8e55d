"""The words that a page can't do without, and what they mean: one text each, for whatever page they stand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .messages import N_


@dataclass(frozen=True, kw_only=True)
class Term:
    name: str
    label: str
    meaning: str


GLOSSARY: Mapping[str, Term] = {
    term.name: term
    for term in (
        Term(
            name="draft",
            label=N_("draft"),
            meaning=N_(
                "A complete text: every open place filled in at once, each word drawn without a look at the others. "
                "Of the draft taken, only the words that are due are kept; the rest is masked again."
            ),
        ),
        Term(
            name="energy",
            label=N_("energy"),
            meaning=N_(
                "One number for how badly a whole text fits together: lower is more coherent. A draft's weight is "
                "exp(−energy), divided by the sum over all drafts of the step."
            ),
        ),
        Term(
            name="nats",
            label=N_("nats"),
            meaning=N_(
                "The unit of surprise, from natural logarithms. A word of probability one half costs 0.7 nats, one of "
                "probability 1% costs 4.6. One nat less a token: each token is 2.7 times as likely."
            ),
        ),
        Term(
            name="judge",
            label=N_("judge"),
            meaning=N_(
                "A language model that reads the finished text and says how surprised it is, in nats a token: lower is "
                "more fluent. It knows no truth, and dull or repeated words please it, so read it beside entropy."
            ),
        ),
        Term(
            name="self-judged",
            label=N_("self-judged"),
            meaning=N_(
                "The judge is the model that wrote the text or steered it: its praise is no evidence. Look at the "
                "other judge."
            ),
        ),
        Term(
            name="entropy",
            label=N_("entropy"),
            meaning=N_(
                "How spread out choices are, in nats: 0 where one word is certain, the logarithm of their number where "
                "all are equally likely. Of a text: over the words that it uses, so low means repetitive."
            ),
        ),
        Term(
            name="ess",
            label=N_("ESS"),
            meaning=N_(
                "Effective sample size: how many drafts have a say, 1 / Σ weight². Near 1 a single draft decides, and "
                "which drafts came up is chance; near K the energy tells them hardly apart."
            ),
        ),
        Term(
            name="marginal",
            label=N_("marginal"),
            meaning=N_(
                "The probabilities of the words at one place, taken alone: what the denoiser says without knowing what "
                "will stand at the other open places."
            ),
        ),
        Term(
            name="autoregressive",
            label=N_("autoregressive"),
            meaning=N_(
                "Written from left to right, one word after the other, each with all earlier ones in view: coherent, "
                "and as many network calls as words."
            ),
        ),
        Term(
            name="t",
            label=N_("t"),
            meaning=N_(
                "Diffusion time: the share of the text that is still masked, on average. It runs from 1, nothing "
                "written, to 0, the finished text, in T steps."
            ),
        ),
        Term(
            name="seed",
            label=N_("seed"),
            meaning=N_(
                "The number that all chance is made from. The same seed and settings give the same text again; the "
                "next seed gives another one."
            ),
        ),
    )
}
