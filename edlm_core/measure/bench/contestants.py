"""Who races: the samplers of this package, the published ones, the bare network calls, and left-to-right models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

import torch
from msgspec import structs

from ...config import SampleConfig
from ...method.autoregressive import autoregressive_steps
from ...method.denoiser import Denoiser
from ...method.energy import AutoregressiveEnergy, ZeroEnergy
from ...method.sampling import sample_steps
from ...method.schedules import LogLinearSchedule
from ...models.checkpoints import Model, best_device, best_dtype
from ...models.denoisers import TransformerDenoiser
from ...models.language_models import TransformerLanguageModel
from ...models.pretrained import PretrainedModel
from ...models.transformer import Transformer, TransformerConfig
from .counting import Calls, CountedDenoiser, CountedEnergy, counted
from .published import all_log_probs, published_steps


@dataclass(frozen=True)
class Networks:
    """The weights that all contestants of a race share."""

    name: str
    denoiser: Denoiser
    language_model: TransformerLanguageModel
    device: torch.device

    @classmethod
    def of(cls, model: Model) -> Networks:
        return cls(model.name, model.denoiser, model.autoregressive, model.device)

    @classmethod
    def gpt2_small(cls) -> Networks:
        """Random weights of the shape of GPT-2 small (Radford et al. 2019): 12 blocks, width 768, V = 50,257."""
        # a gated feed-forward of 2048 has as many weights as GPT-2's of 3072
        shape = TransformerConfig(50_257, width=768, depth=12, heads=12, kv_heads=12, hidden=2048)
        return cls.random("gpt2-small (random)", shape, shape, 50_257)

    @classmethod
    def random(cls, name: str, denoiser: TransformerConfig, causal: TransformerConfig, vocab_size: int) -> Networks:
        """Untrained networks of these shapes over `vocab_size` tokens: as slow as trained ones."""
        device, V = best_device(), vocab_size
        bidirectional = Transformer(structs.replace(denoiser, inputs=V + 1, causal=False))
        left_to_right = Transformer(structs.replace(causal, inputs=V, causal=True))
        for network in (bidirectional, left_to_right):
            network.to(device=device, dtype=best_dtype(device)).requires_grad_(False)
        return cls(name, TransformerDenoiser(bidirectional, V), TransformerLanguageModel(left_to_right, V, 0), device)


Run = Callable[[], Calls]  # one run from start to end; what it asked of its networks


def edlm(networks: Networks, config: SampleConfig) -> Run:
    def run() -> Calls:
        calls = Calls()
        denoiser = CountedDenoiser(networks.denoiser, calls)
        energy = CountedEnergy(AutoregressiveEnergy(networks.language_model), calls)
        _exhaust(sample_steps(denoiser, energy, LogLinearSchedule(), config, device=networks.device))
        return calls

    return run


def mdlm(networks: Networks, config: SampleConfig) -> Run:
    def run() -> Calls:
        calls, alone = Calls(), replace(config, num_candidates=1)
        denoiser = CountedDenoiser(networks.denoiser, calls)
        _exhaust(
            sample_steps(denoiser, ZeroEnergy(denoiser.vocab_size), LogLinearSchedule(), alone, device=networks.device)
        )
        return calls

    return run


def floor(networks: Networks, config: SampleConfig) -> Run:
    """The network calls of `edlm`, on what it gave them, and nothing else. Building it is the run that is replayed."""
    energy = AutoregressiveEnergy(networks.language_model)
    steps = sample_steps(networks.denoiser, energy, LogLinearSchedule(), config, device=networks.device)
    asked = [(r.x_t, r.t, r.masked, r.proposals) for r in steps]

    def run() -> Calls:
        calls = Calls()
        denoiser, counted_energy = CountedDenoiser(networks.denoiser, calls), CountedEnergy(energy, calls)
        for x_t, t, masked, proposals in asked:
            denoiser(x_t, t, masked)
            if proposals.x_0.shape[1] > 1:
                counted_energy(proposals, x_t, t)
        return calls

    return run


def published(networks: Networks, config: SampleConfig, first: int | None = None) -> Run:
    """With `first`, that many of the T steps alone."""

    def run() -> Calls:
        calls = Calls()
        denoiser = CountedDenoiser(networks.denoiser, calls)
        full_log_probs = counted(all_log_probs(networks.language_model), calls)
        _exhaust(islice(published_steps(denoiser, full_log_probs, config, device=networks.device), first))
        return calls

    return run


def mdlm_cache(networks: Networks, config: SampleConfig) -> Run:
    return published(networks, replace(config, num_candidates=1))


def autoregressive(networks: Networks, config: SampleConfig) -> Run:
    def run() -> Calls:
        _exhaust(autoregressive_steps(networks.language_model, config, device=networks.device))
        return Calls()

    return run


def generate(model: PretrainedModel, end_of_text: int, config: SampleConfig) -> Run:
    """transformers' own sampling loop with its KV cache, as long as ours."""
    device = next(model.parameters()).device

    def run() -> Calls:
        start = torch.full((config.num_chains, 1), end_of_text, device=device)
        L = config.length
        model.generate(
            start,
            attention_mask=torch.ones_like(start),
            do_sample=True,
            top_k=0,
            top_p=1.0,
            temperature=1.0,
            min_new_tokens=L,
            max_new_tokens=L,
            pad_token_id=end_of_text,
        )
        return Calls()

    return run


def _exhaust(steps: Iterable[object]) -> None:
    for _ in steps:
        pass
