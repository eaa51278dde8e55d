"""What samplers, energies and judges are to each other."""

from __future__ import annotations

from ..refusals import Refusal
from ..settings import shown
from .energies import ENERGIES, NO_ENERGY, TEXT, EnergySpec, Kind, corrects_by_something, energy_term, energy_terms
from .samplers import BASELINE, PLAIN, SAMPLERS, Reads, SamplerSpec


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


def takes(sampler: SamplerSpec, energy: EnergySpec) -> bool:
    return sampler.reads is Reads.NOTHING or energy.kind is Kind.NOTHING or sampler.reads in energy.tells


def check_together(sampler: str, energy: str) -> None:
    """Raises Refusal where the sampler needs a language model that the energy is not made of."""
    terms, spec = energy_terms(energy), SAMPLERS[sampler]
    if spec.reads is Reads.NOTHING or (len(terms) == 1 and takes(spec, terms[0])):
        return
    raise Refusal("energy-reading", known=", ".join(energies_of(sampler)), sampler=sampler, got=shown(energy))


def energies_of(sampler: str) -> tuple[str, ...]:
    """The energies that suit a sampler, by name."""
    named = (*ENERGIES.values(), energy_term(f"{TEXT}<model>"))
    return tuple(energy.name for energy in named if takes(SAMPLERS[sampler], energy))


def self_judged(judge: str, sampler: str, energy: str) -> bool:
    """Whether the judge is made of what the text was written with: its figure flatters."""
    if sampler not in SAMPLERS:
        return False
    spec = SAMPLERS[sampler]
    if not spec.denoises or (spec.writes_with_a_language_model and not corrects_by_something(energy)):
        return ENERGIES[BASELINE.name].judge == judge
    return spec.asks_energy and any(term.judge == judge for term in energy_terms(energy))
