"""What each sampler writes, and what the energy does to it: the effect table of a model's card.

Texts of different samplers are paired by seed: the same reveal schedule and the same noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from ..catalogue import BASELINE, NO_ENERGY, PLAIN, SAMPLERS, self_judged
from ..config import Request, SampleConfig
from ..models.checkpoints import Model
from .grid import grid
from .measures import Measures
from .paired import Interval, paired_difference
from .summary import Summary, figures
from .sweep import cells, sweep
from .telling import Tell, untold
from .trial import Embed, measured


@dataclass(frozen=True)
class Effect(Summary):
    """One line of the table."""

    self_judged: tuple[str, ...]  # judges that are no evidence: what wrote the text, or decided it
    against_mdlm: dict[str, Interval]  # paired difference to `mdlm` at the same T, random reveal; empty where none


def effect_requests(
    config: SampleConfig,
    *,
    steps: Sequence[int],
    candidates: Sequence[int],
    energies: Sequence[str],
    reveals: Sequence[str],
) -> list[Request]:
    """The AR baseline, `mdlm` with one token a step, then at each T and reveal order `mdlm` and `edlm` by
    energy and K; all else as in `config`."""
    one_by_one = replace(config, num_steps=config.length, num_candidates=1, reveal="random")
    requests = [Request(sampler.name, NO_ENERGY.name, one_by_one) for sampler in (BASELINE, PLAIN)]
    independent = Request(PLAIN.name, NO_ENERGY.name, replace(config, num_candidates=1))
    for plain in grid(independent, num_steps=steps, reveal=reveals):
        requests += [plain, *grid(replace(plain, sampler="edlm"), energy=energies, num_candidates=candidates)]
    return requests


def effect(
    model: Model,
    requests: Sequence[Request],
    judges: Sequence[str],
    *,
    reference: Tensor | None = None,
    embed: Embed | None = None,
    tell: Tell = untold,
) -> Iterator[Effect]:
    """A row a request, as it is measured, any sampler; before them one of real text (N, L) where given. A row is
    compared with the `mdlm` of its T if that stands above it; the requests share num_chains and seed."""
    if reference is not None:
        yield _row(measured(model, reference, judges, embed=embed), {})
    plain: dict[int, Measures] = {}
    for measures in cells(sweep(model, requests, judges, embed=embed), tell):
        request, T = measures.asked, measures.asked.config.num_steps
        against = {}
        spec = SAMPLERS[request.sampler]
        if spec is PLAIN and request.config.reveal == "random":
            plain[T] = measures
        elif spec.denoises and T in plain:
            theirs = plain[T].judge_nll
            against = {name: paired_difference(own, theirs[name]) for name, own in measures.judge_nll.items()}
        yield _row(measures, against)


def _row(measures: Measures, against: dict[str, Interval]) -> Effect:
    known = figures(measures)
    partial = tuple(j for j in measures.judge_nll if self_judged(j, known["sampler"], known["energy"]))
    return Effect(**known, self_judged=partial, against_mdlm=against)
