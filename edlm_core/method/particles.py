"""Sequential Monte Carlo: K particles write one text each on a common timetable; who contradicts itself dies out.

A particle's weight is psi(x_s) / product of the q of its tokens as they were revealed, psi = the language model's
probability of what is visible, read in the particle's own draft; at the end nothing is masked and psi = p(x), so the
weights are proper whatever psi was on the way (Chopin & Papaspiliopoulos 2020, chapter 10; Naesseth et al. 2019).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..config import SampleConfig
from .denoiser import Denoiser
from .importance import ImportanceWeights, importance_resample
from .language_models import LanguageModel
from .noise import ACCEPT, CHOICE, TOKENS, Noise
from .proposals import Proposals, propose
from .sampling import StepRecord, start, temper
from .schedules import NoiseSchedule
from .timetable import scheduled, together


def smc_steps(
    denoiser: Denoiser,
    language_model: LanguageModel,
    schedule: NoiseSchedule,
    config: SampleConfig,
    *,
    x_T: Tensor | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[StepRecord]:
    """K = `config.num_candidates` particles a chain, resampled (multinomially) where ESS < K / 2.

    A record shows the particle that would be taken if this were the end, so one record's x_s need not be the next
    one's x_t. exp(`weights.log_mean`) of a chain's last record is an unbiased estimate of Z, the language model's
    probability of the fixed tokens (1 where none is fixed). The window has no meaning here: weights are needed to
    the end.
    """
    V, K = denoiser.vocab_size, config.num_candidates
    x_T = start(V, config, x_T).to(device)
    B, L = x_T.shape
    tables = [scheduled(config.seed + b, here, schedule, config) for b, here in enumerate(x_T.cpu() == V)]
    x = x_T[:, None].repeat(1, K, 1)  # (B, K, L)
    log_path = torch.zeros(B, K, dtype=torch.float64, device=device)  # log q of the tokens revealed so far
    base = torch.zeros_like(log_path)  # log weight at the last resampling, and log(psi / path) there
    origin = torch.zeros_like(log_path)

    for chains, events, _inside in together(tables, (0.0, 1.0)):
        noise = Noise([(config.seed + b, event.step) for b, event in zip(chains, events, strict=True)], device)
        t, s = (torch.tensor([getattr(e, name) for e in events]) for name in ("t", "s"))
        reveal = torch.stack([e.reveal for e in events]).to(device)[:, None]  # (b, 1, L), every particle's
        before = x[chains]
        b, masked = len(chains), before == V
        rows = before.flatten(0, 1)  # (b·K, L)
        log_probs = temper(denoiser(rows, t.to(device).repeat_interleave(K), rows == V), config.temperature)
        own = noise(TOKENS, K, L).flatten(0, 1)[:, None]
        drawn = propose(log_probs, rows, rows == V, own)
        x_0, token_log_q = drawn.x_0.view(b, K, L), drawn.token_log_q.view(b, K, L)
        log_p = language_model.token_log_probs(x_0.flatten(0, 1)).view(b, K, L)

        visible = ~masked | reveal
        log_path[chains] += torch.where(reveal, token_log_q, 0).double().sum(-1)
        log_ratio = torch.where(visible, log_p, 0).double().sum(-1) - log_path[chains]  # of psi and path
        gained = (log_ratio - origin[chains]) / config.energy_temperature
        weights = ImportanceWeights.from_log(base[chains] + gained)
        chosen = importance_resample(weights, noise(CHOICE))
        x_s = torch.where(reveal, x_0, before)
        taken = torch.arange(b, device=device), chosen
        yield StepRecord(
            chains=torch.tensor(chains),
            step=torch.tensor([e.step for e in events]),
            t=t,
            s=s,
            x_t=before[taken],
            masked=masked[taken],
            log_probs=log_probs[(masked & (torch.arange(K, device=device) == chosen[:, None])[..., None])[masked]],
            proposals=Proposals(x_0, token_log_q),
            token_energy=token_log_q - log_p,
            energy=(token_log_q - log_p).sum(-1),
            weights=weights,
            chosen=chosen,
            revealed=(masked & reveal)[taken],
            x_s=x_s[taken],
        )

        poor = (weights.ess < K / 2)[:, None]
        parent = torch.stack([importance_resample(weights, u) for u in noise(ACCEPT, K).unbind(1)], dim=1)  # (b, K)
        parent = torch.where(poor, parent, torch.arange(K, device=device))
        x[chains] = x_s.gather(1, parent[..., None].expand(-1, -1, L))
        log_path[chains] = log_path[chains].gather(1, parent)
        base[chains] = torch.where(poor, weights.log_mean[:, None], base[chains])
        origin[chains] = torch.where(poor, log_ratio.gather(1, parent), origin[chains])
