"""What there is to choose from: every property of every sampler, energy and judge, by name.

The only place that knows a name's properties; the way from a name to its code is one row in `method/samplers.py` and
in `runs/steps.py`. No torch here: the command line, links, controls, estimates and tables read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from .calls import Calls, Extent, corrected, drafted, independent, particles, token_by_token
from .messages import N_
from .refusals import Refusal
from .settings import check_choice, shown

TEXT = "text:"  # text:<folder or hub id>, any causal language model, scored on the decoded text


# ── samplers ─────────────────────────────────────────────────────────────────────
class Reads(Enum):
    """What a sampler asks of a language model itself, beyond an energy's terms."""

    NOTHING = "nothing"
    LIKELIHOODS = "likelihoods"  # log p of the tokens of a text
    LAWS = "laws"  # the law of each next token: it writes from them, with or without an energy


@dataclass(frozen=True, kw_only=True)
class SamplerSpec:
    name: str
    label: str
    about: str  # one line below the label; {K} is the number of candidates
    step: str  # what it does at each step, for a table
    law: str  # with an exact denoiser and energy, for a table
    cost: Callable[[Extent], Calls]
    lane: str = "edlm"  # the lane that it is shown in; `edlm` stands for whichever sampler corrects
    asks_energy: bool = True
    denoises: bool = True  # False: it is the autoregressive baseline, one position after the other
    reads: Reads = Reads.NOTHING
    keeps_timetable: bool = True  # T and the order of revealing mean something
    branchable: bool = False  # can leave its own timetable at a step
    weighs_whole_drafts: bool = False  # takes a draft by the weights that a step records, and by nothing else

    @property
    def corrects(self) -> bool:
        """Whether it is offered for the corrected lane."""
        return self.lane == SamplerSpec.lane

    @property
    def writes_with_a_language_model(self) -> bool:
        """It can't do without one: with no energy it reads the model folder's own."""
        return self.reads is Reads.LAWS

    def takes(self, energy: EnergySpec) -> bool:
        return self.reads is Reads.NOTHING or energy.kind is Kind.NOTHING or self.reads in energy.tells


_SAMPLERS = (
    SamplerSpec(
        name="mdlm",
        label=N_("Independent"),
        about=N_("each word drawn on its own"),
        step="independent draws",
        law="approximate: factorisation error, O(1/T)",
        cost=independent,
        lane="mdlm",
        asks_energy=False,
        branchable=True,
    ),
    SamplerSpec(
        name="edlm",
        label=N_("Energy-corrected"),
        about=N_("{K} complete drafts a step, judged as a whole"),
        step="one of K drafts by its weight",
        law="approximate, the target as K grows",
        cost=corrected,
        branchable=True,
        weighs_whole_drafts=True,
    ),
    SamplerSpec(
        name="edlm-mh",
        label=N_("Energy-corrected, Metropolis"),
        about=N_("the last text against {K} − 1 fresh drafts, one after the other"),
        step="the text taken last is one of the K; accept or keep",
        law="each step leaves the target invariant",
        cost=corrected,
        branchable=True,
    ),
    SamplerSpec(
        name="i-sir",
        label=N_("Energy-corrected, last text kept in the running"),
        about=N_("the last text and {K} − 1 fresh drafts, judged as a whole"),
        step="the text taken last is one of the K; resample",
        law="each step leaves the target invariant",
        cost=corrected,
        branchable=True,
        weighs_whole_drafts=True,
    ),
    SamplerSpec(
        name="block",
        label=N_("Energy-corrected, common rest"),
        about=N_("{K} drafts that differ only where words are written now"),
        step="drafts differ only where the step reveals",
        law="approximate at any K",
        cost=corrected,
        branchable=True,
        weighs_whole_drafts=True,
    ),
    SamplerSpec(
        name="gibbs",
        label=N_("Energy-corrected, then redrawn"),
        about=N_("{K} drafts a step; at the end words are masked and drawn again"),
        step="5 steps of 8 `edlm`, then words far apart are masked and drawn again",
        law="the second part leaves the target invariant",
        cost=corrected,
        weighs_whole_drafts=True,
    ),
    SamplerSpec(
        name="corrector",
        label=N_("Energy-corrected, then mended"),
        about=N_("{K} drafts a step; at the end the least fitting words are mended"),
        step="5 steps of 8 `edlm`, then the words that fit least are masked, each picks anew by the terms near it",
        law="approximate at any K",
        cost=corrected,
    ),
    SamplerSpec(
        name="smc",
        label=N_("Energy-corrected, particles"),
        about=N_("{K} texts side by side; those that contradict themselves die out"),
        step="K particles, resampled as they go",
        law="approximate, the target as K grows; its estimate of Z is unbiased",
        cost=particles,
        reads=Reads.LIKELIHOODS,
    ),
    SamplerSpec(
        name="remask",
        label=N_("Independent, with remasking"),
        about=N_("each word drawn on its own, some masked again"),
        step="`mdlm`, some words masked again (ReMDM)",
        law="approximate: factorisation error",
        cost=independent,
        asks_energy=False,
        branchable=True,
    ),
    SamplerSpec(
        name="confidence",
        label=N_("Independent, surest first"),
        about=N_("the likeliest draws are kept first"),
        step="`mdlm`, the surest words first (MaskGIT)",
        law="biased however many the steps: the order listens to the draws",
        cost=independent,
        asks_energy=False,
        branchable=True,
    ),
    SamplerSpec(
        name="entropy",
        label=N_("Independent, narrowest first"),
        about=N_("the least uncertain places are written first"),
        step="`mdlm`, the narrowest marginals first",
        law="approximate: factorisation error",
        cost=independent,
        asks_energy=False,
        branchable=True,
    ),
    SamplerSpec(
        name="speculative",
        label=N_("Drafted and verified"),
        about=N_("{K} drafts a round; the autoregressive model keeps the prefix that passes"),
        step="K drafts, the autoregressive model keeps the longest prefix that passes",
        law="exact: the autoregressive model's",
        cost=drafted,
        reads=Reads.LAWS,
        keeps_timetable=False,
    ),
    SamplerSpec(
        name="ar",
        label=N_("Autoregressive"),
        about=N_("one word at a time, left to right"),
        step="one word, left to right",
        law="exact: the autoregressive model's",
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


# ── energies ─────────────────────────────────────────────────────────────────────
class Kind(Enum):
    NOTHING = "nothing"
    AUTOREGRESSIVE = "autoregressive"
    LEARNED = "learned"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class EnergySpec:
    name: str
    label: str
    short: str  # in a sum
    kind: Kind
    network: str | None  # whose calls it costs; None where it costs nothing
    tells: tuple[Reads, ...] = ()  # what its language model can be asked
    exact_terms: bool = False  # its terms are log p_theta - log p_AR, so that log p_AR can be shown
    judge: str | None = None  # the judge made of the same network, whose figures are self-judged
    normalised: bool = False  # Z(x_t) = 1 by construction
    files: tuple[str, ...] = ()  # of the model folder


_ENERGIES = (
    EnergySpec(
        name="none",
        label=N_("None: no correction"),
        short=N_("none"),
        kind=Kind.NOTHING,
        network=None,
    ),
    EnergySpec(
        name="ar",
        label=N_("Small autoregressive model, trained on the same stories"),
        short=N_("small autoregressive model"),
        kind=Kind.AUTOREGRESSIVE,
        network="ar",
        tells=(Reads.LIKELIHOODS, Reads.LAWS),
        exact_terms=True,
        judge="ar",
        files=("ar.safetensors",),
    ),
    EnergySpec(
        name="coar",
        label=N_("The same, blind to fixed words on the right"),
        short=N_("the same, blind to the right"),
        kind=Kind.AUTOREGRESSIVE,
        network="ar",
        tells=(Reads.LAWS,),  # its terms are not the model's likelihoods where words are fixed
        judge="ar",
        normalised=True,
        files=("ar.safetensors",),
    ),
    EnergySpec(
        name="nce",
        label=N_("Learned to tell real text from drafts (noise contrastive)"),
        short=N_("noise contrastive"),
        kind=Kind.LEARNED,
        network="nce",
        files=("energy.safetensors",),
    ),
    EnergySpec(
        name="smollm2",
        label=N_("SmolLM2-135M: pretrained, adapted to these stories (slower)"),
        short=N_("SmolLM2"),
        kind=Kind.AUTOREGRESSIVE,
        network="smollm2",
        tells=(Reads.LIKELIHOODS, Reads.LAWS),
        exact_terms=True,
        judge="smollm2",
        files=("smollm2.safetensors",),
    ),
)
ENERGIES: Mapping[str, EnergySpec] = {spec.name: spec for spec in _ENERGIES}
NO_ENERGY = ENERGIES["none"]
SUMS = ("ar+nce",)  # that a page offers beside them


def energy_terms(name: str) -> tuple[EnergySpec, ...]:
    """The energies that a name adds up: one of ENERGIES, text:<model>, or several joined by +. Raises Refusal."""
    return tuple(map(_energy, name.split("+") if isinstance(name, str) else [name]))


def _energy(name: str) -> EnergySpec:
    if isinstance(name, str) and name.startswith(TEXT):
        return EnergySpec(
            name=name,
            label=N_("Another language model, on the decoded text"),
            short=N_("another language model"),
            kind=Kind.TEXT,
            network=name,
            tells=(Reads.LIKELIHOODS,),
        )
    check_choice("energy", name, (*ENERGIES, f"{TEXT}<model>"))
    return ENERGIES[name]


def corrects_by_something(energy: str) -> bool:
    return any(term.kind is not Kind.NOTHING for term in energy_terms(energy))


def effective(sampler: str, energy: str) -> tuple[SamplerSpec, str]:
    """The sampler and the energy that a request comes to: without an energy, one that corrects by it is `mdlm`."""
    spec = SAMPLERS[sampler]
    if not spec.asks_energy:
        return spec, NO_ENERGY.name
    if not corrects_by_something(energy) and not spec.writes_with_a_language_model:
        return PLAIN, NO_ENERGY.name
    return spec, energy


def networks_of(sampler: str, energy: str) -> frozenset[str]:
    """The networks, by their names in `EnergySpec`, that read the drafts of such a run."""
    spec, energy = effective(sampler, energy)
    if spec.writes_with_a_language_model and not corrects_by_something(energy):
        energy = BASELINE.name
    return frozenset(term.network for term in energy_terms(energy) if term.network is not None)


def check_together(sampler: str, energy: str) -> None:
    """Raises Refusal where the sampler needs a language model that the energy is not made of."""
    terms, spec = energy_terms(energy), SAMPLERS[sampler]
    if spec.reads is Reads.NOTHING or (len(terms) == 1 and spec.takes(terms[0])):
        return
    raise Refusal("energy-reading", known=", ".join(energies_of(sampler)), sampler=sampler, got=shown(energy))


def energies_of(sampler: str) -> tuple[str, ...]:
    """The energies that suit a sampler, by name."""
    named = (*_ENERGIES, _energy(f"{TEXT}<model>"))
    return tuple(energy.name for energy in named if SAMPLERS[sampler].takes(energy))


def has_exact_terms(energy: str) -> bool:
    """False for any name that is none of ours too: files come from elsewhere."""
    return energy in ENERGIES and ENERGIES[energy].exact_terms


# ── judges ───────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, kw_only=True)
class JudgeSpec:
    name: str
    label: str
    pretrained: bool  # its weights are a package of their own, which may not be there


JUDGES: Mapping[str, JudgeSpec] = {
    spec.name: spec
    for spec in (
        JudgeSpec(name="smollm2", label=N_("SmolLM2"), pretrained=True),
        JudgeSpec(name="ar", label=N_("small autoregressive model"), pretrained=False),
    )
}  # the first that is there is the one to ask: the less it has to do with the models, the better


def self_judged(judge: str, sampler: str, energy: str) -> bool:
    """Whether the judge is made of what the text was written with: its figure flatters."""
    if sampler not in SAMPLERS:
        return False
    spec = SAMPLERS[sampler]
    if not spec.denoises or (spec.writes_with_a_language_model and not corrects_by_something(energy)):
        return ENERGIES[BASELINE.name].judge == judge
    return spec.asks_energy and any(term.judge == judge for term in energy_terms(energy))
