"""The samplers: a row each. What a row says, and the code that it stands for, are held against each other by tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from ..messages import N_, Counted
from .calls import Calls, Extent, corrected, drafted, independent, particles, token_by_token


class Reads(Enum):
    """What a sampler asks of a language model itself, beyond an energy's terms."""

    NOTHING = "nothing"
    LIKELIHOODS = "likelihoods"  # log p of the tokens of a text
    LAWS = "laws"  # the law of each next token: it writes from them, with or without an energy


@dataclass(frozen=True, kw_only=True)
class SamplerSpec:
    name: str
    label: str
    about: str | Counted  # one line below the label; {K} is the number of candidates
    step: str  # what it does at each step, for a table
    law: str  # with an exact denoiser and energy, for a table
    cost: Callable[[Extent], Calls]
    lane: str = "edlm"  # the lane that it is shown in; `edlm` stands for whichever sampler corrects
    asks_energy: bool = True
    denoises: bool = True  # False: it is the autoregressive baseline, one position after the other
    reads: Reads = Reads.NOTHING
    keeps_timetable: bool = True  # T and the order of revealing mean something
    branchable: bool = False  # can leave its own timetable at a step
    denoises_candidates: bool = False  # each candidate is a text of its own, which the denoiser reads
    ranks_marginals: bool = False  # looks at the whole law of each position to settle the order
    remasks: bool = False  # what was written can be masked again: many positions stay masked to the end
    weighs_whole_drafts: bool = False  # takes a draft by the weights that a step records, and by nothing else

    @property
    def corrects(self) -> bool:
        """Whether it is offered for the corrected lane."""
        return self.lane == SamplerSpec.lane

    @property
    def writes_with_a_language_model(self) -> bool:
        """It can't do without one: with no energy it reads the model folder's own."""
        return self.reads is Reads.LAWS


_SAMPLERS = (
    SamplerSpec(
        name="mdlm",
        label=N_("Independent"),
        about=N_("each word drawn on its own"),
        step=N_("independent draws"),
        law=N_("approximate: factorisation error, O(1/T)"),
        cost=independent,
        lane="mdlm",
        asks_energy=False,
        branchable=True,
    ),
    SamplerSpec(
        name="edlm",
        label=N_("Energy-corrected"),
        about=Counted(
            "K", "{K} complete draft a step, judged as a whole", "{K} complete drafts a step, judged as a whole"
        ),
        step=N_("one of K drafts by its weight"),
        law=N_("approximate, the target as K grows"),
        cost=corrected,
        branchable=True,
        weighs_whole_drafts=True,
    ),
    SamplerSpec(
        name="edlm-mh",
        label=N_("Energy-corrected, Metropolis"),
        about=N_("the last text against fresh drafts, one after the other; {K} in all"),
        step=N_("the text taken last is one of the K; accept or keep"),
        law=N_("each step leaves the target invariant"),
        cost=corrected,
        branchable=True,
    ),
    SamplerSpec(
        name="i-sir",
        label=N_("Energy-corrected, last text kept in the running"),
        about=N_("the last text and fresh drafts, {K} in all, judged as a whole"),
        step=N_("the text taken last is one of the K; resample"),
        law=N_("each step leaves the target invariant"),
        cost=corrected,
        branchable=True,
        weighs_whole_drafts=True,
    ),
    SamplerSpec(
        name="block",
        label=N_("Energy-corrected, common rest"),
        about=Counted(
            "K",
            "{K} draft that differs only where words are written now",
            "{K} drafts that differ only where words are written now",
        ),
        step=N_("drafts differ only where the step reveals"),
        law=N_("approximate at any K"),
        cost=corrected,
        branchable=True,
        weighs_whole_drafts=True,
    ),
    SamplerSpec(
        name="gibbs",
        label=N_("Energy-corrected, then redrawn"),
        about=Counted(
            "K",
            "{K} draft a step; at the end words are masked and drawn again",
            "{K} drafts a step; at the end words are masked and drawn again",
        ),
        step=N_("5 steps of 8 `edlm`, then words far apart are masked and drawn again"),
        law=N_("the second part leaves the target invariant"),
        cost=corrected,
        weighs_whole_drafts=True,
    ),
    SamplerSpec(
        name="corrector",
        label=N_("Energy-corrected, then mended"),
        about=Counted(
            "K",
            "{K} draft a step; at the end the least fitting words are mended",
            "{K} drafts a step; at the end the least fitting words are mended",
        ),
        step=N_("5 steps of 8 `edlm`, then the words that fit least are masked, each picks anew by the terms near it"),
        law=N_("approximate at any K"),
        cost=corrected,
    ),
    SamplerSpec(
        name="smc",
        label=N_("Energy-corrected, particles"),
        about=Counted("K", "{K} text by itself", "{K} texts side by side; those that contradict themselves die out"),
        step=N_("K particles, resampled as they go"),
        law=N_("approximate, the target as K grows; its estimate of Z is unbiased"),
        cost=particles,
        denoises_candidates=True,
        reads=Reads.LIKELIHOODS,
    ),
    SamplerSpec(
        name="remask",
        label=N_("Independent, with remasking"),
        about=N_("each word drawn on its own, some masked again"),
        step=N_("`mdlm`, some words masked again (ReMDM)"),
        law=N_("approximate: factorisation error"),
        cost=independent,
        asks_energy=False,
        branchable=True,
        remasks=True,
    ),
    SamplerSpec(
        name="confidence",
        label=N_("Independent, surest first"),
        about=N_("the likeliest draws are kept first"),
        step=N_("`mdlm`, the surest words first (MaskGIT)"),
        law=N_("biased however many the steps: the order listens to the draws"),
        cost=independent,
        asks_energy=False,
        branchable=True,
    ),
    SamplerSpec(
        name="entropy",
        label=N_("Independent, narrowest first"),
        about=N_("the least uncertain places are written first"),
        step=N_("`mdlm`, the narrowest marginals first"),
        law=N_("approximate: factorisation error"),
        cost=independent,
        asks_energy=False,
        branchable=True,
        ranks_marginals=True,
    ),
    SamplerSpec(
        name="speculative",
        label=N_("Drafted and verified"),
        about=Counted(
            "K",
            "{K} draft a round; the autoregressive model keeps the prefix that passes",
            "{K} drafts a round; the autoregressive model keeps the prefix that passes",
        ),
        step=N_("K drafts, the autoregressive model keeps the longest prefix that passes"),
        law=N_("exact: the autoregressive model's"),
        cost=drafted,
        reads=Reads.LAWS,
        keeps_timetable=False,
    ),
    SamplerSpec(
        name="ar",
        label=N_("Autoregressive"),
        about=N_("one word at a time, left to right"),
        step=N_("one word, left to right"),
        law=N_("exact: the autoregressive model's"),
        cost=token_by_token,
        lane="ar",
        asks_energy=False,
        denoises=False,
        keeps_timetable=False,
    ),
)
SAMPLERS: Mapping[str, SamplerSpec] = {spec.name: spec for spec in _SAMPLERS}
LANES = tuple(dict.fromkeys(spec.lane for spec in _SAMPLERS))
PLAIN = SAMPLERS["mdlm"]  # what is left of a sampler that has nothing to correct by
BASELINE = SAMPLERS["ar"]
