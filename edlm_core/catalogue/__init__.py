"""What there is to choose from: every property of every sampler, energy and judge, by name.

The only place that knows a name's properties; the way from a name to its code is one row in `method/samplers.py` and
in `runs/steps.py`. No torch here: the command line, links, controls, estimates and tables read it.
"""

from .calls import Calls, Extent, expected_steps
from .energies import (
    ENERGIES,
    NO_ENERGY,
    SUMS,
    TEXT,
    TEXT_MODELS,
    EnergySpec,
    Kind,
    corrects_by_something,
    energy_terms,
    has_exact_terms,
)
from .judges import JUDGES, JudgeSpec
from .samplers import BASELINE, LANES, PLAIN, SAMPLERS, Reads, SamplerSpec
from .together import check_together, effective, energies_of, networks_of, self_judged

__all__ = [
    "BASELINE",
    "ENERGIES",
    "JUDGES",
    "LANES",
    "NO_ENERGY",
    "PLAIN",
    "SAMPLERS",
    "SUMS",
    "TEXT",
    "TEXT_MODELS",
    "Calls",
    "EnergySpec",
    "Extent",
    "JudgeSpec",
    "Kind",
    "Reads",
    "SamplerSpec",
    "check_together",
    "corrects_by_something",
    "effective",
    "energies_of",
    "energy_terms",
    "expected_steps",
    "has_exact_terms",
    "networks_of",
    "self_judged",
]
