"""The energies: a row each, and the names that are made of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ..messages import N_
from ..settings import check_choice
from .samplers import Reads

TEXT = "text:"  # text:<folder or hub id>, any causal language model, scored on the decoded text
TEXT_MODELS = ("smollm2",)  # names behind text: that mean the same model on every machine


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
    pretrained: bool = False  # its network is another's, adapted
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
        pretrained=True,
        files=("smollm2.safetensors",),
    ),
)
ENERGIES: Mapping[str, EnergySpec] = {spec.name: spec for spec in _ENERGIES}
NO_ENERGY = ENERGIES["none"]
SUMS = ("ar+nce",)  # that a page offers beside them


def energy_terms(name: str) -> tuple[EnergySpec, ...]:
    """The energies that a name adds up: one of ENERGIES, text:<model>, or several joined by +. Raises Refusal."""
    return tuple(map(energy_term, name.split("+")))


def energy_term(name: str) -> EnergySpec:
    """One alone. Raises Refusal."""
    if name.startswith(TEXT):
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


def has_exact_terms(energy: str) -> bool:
    """False for any name that is none of ours too: files come from elsewhere."""
    return energy in ENERGIES and ENERGIES[energy].exact_terms
