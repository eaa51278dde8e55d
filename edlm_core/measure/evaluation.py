"""What the card of a model reports of its probabilities: likelihood on held-out text, and log Z.

Bounds of different samplers are of the same texts and share the reveal schedule, so their differences are paired.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..catalogue import NO_ENERGY, energy_terms
from ..config import MAX_CANDIDATES, Request, SampleConfig
from ..method.autoregressive import autoregressive_steps
from ..method.energy import AutoregressiveEnergy
from ..method.sampling import start
from ..models.checkpoints import Model
from ..models.language_models import TransformerLanguageModel
from ..runs.steps import as_mdlm, energy_by_name
from .likelihood import NLL, PaperFormula, ar_nll, mdlm_nelbo, nelbo_finite_k, paper_formula
from .log_z import ROWS, LogZ, log_z
from .paired import Interval, paired_difference
from .telling import Tell, untold


@dataclass(frozen=True)
class SamplerBound:
    """The bound on a sampler's own NLL; K = 1 is `mdlm`, paired with the others of its T by reveal schedule."""

    energy: str
    steps: int
    candidates: int
    reveal: str
    nelbo_finite_k: NLL
    against_mdlm: Interval | None  # paired difference of the bounds, over texts; None for `mdlm` itself


@dataclass(frozen=True)
class Likelihoods:
    """Nats per token of held-out texts, each figure named for what it is."""

    ar_nll: NLL
    mdlm_nelbo: NLL
    paper_formula: dict[str, PaperFormula]  # by energy
    samplers: tuple[SamplerBound, ...]


def likelihoods(
    model: Model,
    windows: Tensor,
    energies: Sequence[str],
    configs: Sequence[SampleConfig],
    *,
    z_draws: int,
    tell: Tell = untold,
) -> Likelihoods:
    """On clean windows (N, L), for each energy and each of `configs`. Raises Refusal where nothing is to score."""
    x_0 = windows.to(model.device)
    whole, done = 2 + len(energies) + (1 + len(energies)) * len(configs), 0

    def told(what: str) -> Tell:
        """What the next part is, for it to tell how far it is."""
        nonlocal done
        here = done
        done += 1
        tell(here / whole, f"likelihood, {what}")
        return lambda share, _: tell((here + share) / whole, f"likelihood, {what}")

    def bound(name: str, config: SampleConfig) -> NLL:
        inner = told(f"bound of {name} T={config.num_steps} K={config.num_candidates} {config.reveal}")
        return nelbo_finite_k(model.denoiser, energy_by_name(model, name), model.schedule, config, x_0, tell=inner)

    formula = {}
    for name in energies:
        inner = told(f"paper formula of {name}")
        draws = 0 if _normalised(name) else z_draws
        formula[name] = paper_formula(model.denoiser, energy_by_name(model, name), x_0, z_draws=draws, tell=inner)
    bounds: list[SamplerBound] = []
    plain: dict[SampleConfig, NLL] = {}
    for config in configs:
        mdlm = as_mdlm(config)
        if mdlm not in plain:
            plain[mdlm] = bound(NO_ENERGY.name, mdlm)
            bounds.append(SamplerBound(NO_ENERGY.name, config.num_steps, 1, config.reveal, plain[mdlm], None))
        for name in energies:
            nll = bound(name, config)
            against = paired_difference(nll.per_text, plain[mdlm].per_text)
            bounds.append(SamplerBound(name, config.num_steps, config.num_candidates, config.reveal, nll, against))
    ar, nelbo = ar_nll(model.autoregressive, x_0), mdlm_nelbo(model.denoiser, x_0, tell=told("AR NLL and NELBO"))
    return Likelihoods(ar, nelbo, formula, tuple(bounds))


def largest_batches(
    energies: Sequence[str], configs: Sequence[SampleConfig], *, num_texts: int, length: int, draws: int
) -> list[Request]:
    """Requests that hold what `likelihoods` (of `configs`) or `log_z_by_masks` (draws alone) hold at once: so many
    candidates of so many texts are scored together."""
    candidates = [draws + 1, *(2 * config.num_candidates for config in configs)]  # each bound draws two pools
    return [
        Request("edlm", name, SampleConfig(length=length, num_chains=texts, num_candidates=min(K, MAX_CANDIDATES)))
        for name in energies
        for K in candidates
        if (texts := min(num_texts, max(1, ROWS // K)))
    ]


def _normalised(energy: str) -> bool:
    """Z(x_t) = 1 by construction: nothing to estimate."""
    terms = energy_terms(energy)
    return len(terms) == 1 and terms[0].normalised


@dataclass(frozen=True)
class MaskedLogZ:
    """log Z(x_t) of an energy where so many tokens of a text are masked."""

    energy: str
    masked: int
    log_z: LogZ


def log_z_by_masks(
    model: Model, name: str, *, num_texts: int, length: int, draws: int, seed: int, tell: Tell = untold
) -> Iterator[MaskedLogZ]:
    """From two masked tokens to all of them. The texts are those that the energy's own language model writes, where it
    has one, which opens the end that always holds; else the AR baseline's, without that end. No corpus is needed. With
    all of them masked the truth is known for an autoregressive energy: Z = 1."""
    energy = energy_by_name(model, name)
    reader = energy.language_model if isinstance(energy, AutoregressiveEnergy) else None
    own = isinstance(reader, TransformerLanguageModel)
    writer = reader if isinstance(reader, TransformerLanguageModel) else model.autoregressive
    config = SampleConfig(length=length, num_chains=num_texts, seed=seed)
    x_0 = start(writer.vocab_size, config, None)
    for record in autoregressive_steps(writer, config, device=model.device):
        tell((1 - float(record.s[0])) / 5, f"log Z of {name}, writing texts")
        x_0 = record.x_s
    generator = torch.Generator().manual_seed(seed)
    order = torch.rand(x_0.shape, generator=generator).argsort(-1).to(x_0.device)
    counts = sorted({min(n, length) for n in (2, 8, max(2, length // 2), length)})
    for n, masked in enumerate(counts):
        what = f"log Z of {name}, {masked} tokens masked"

        def inner(share: float, _: str, n: int = n, what: str = what) -> None:
            tell((1 + 4 * (n + share) / len(counts)) / 5, what)

        x_t = torch.where(order < masked, model.tokenizer.mask_id, x_0)
        t = torch.full((num_texts,), masked / length, dtype=torch.float64, device=x_0.device)
        target = x_0 if own else None
        z = log_z(model.denoiser, energy, x_t, t, draws, generator, target=target, tell=inner)
        yield MaskedLogZ(name, masked, z)
