"""The left-to-right baseline: the same step records, one position a step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..config import SampleConfig
from .importance import ImportanceWeights
from .language_models import StepwiseModel
from .noise import TOKENS, uniforms
from .proposals import Proposals, inverse_cdf
from .sampling import StepRecord, start, temper


def autoregressive_steps(
    language_model: StepwiseModel,
    config: SampleConfig,
    *,
    x_T: Tensor | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[StepRecord]:
    """The left-to-right baseline as step records: one position a step, K = 1, with a KV cache.

    Fixed positions are clamped ("clamp and continue"): what stands to the right of a blank does
    not influence it. `config.num_steps`, the window and K have no meaning here.
    """
    mask = language_model.vocab_size
    x = start(mask, config, x_T).to(device)
    B, L = x.shape
    cache = language_model.new_cache()
    last = torch.full((B,), language_model.end_of_text, device=device)
    zeros = torch.zeros(B, 1, device=device)
    for n in range(L):
        log_probs = temper(language_model.next_log_probs(last, cache), config.temperature)
        here = torch.zeros(B, L, dtype=torch.bool, device=device)
        here[:, n] = x[:, n] == mask
        drawn = torch.stack([uniforms(config.seed + b, TOKENS, n, (1, 1)) for b in range(B)])[:, 0].to(device)
        token = torch.where(here[:, n], inverse_cdf(log_probs, drawn)[:, 0], x[:, n])
        x_t = x.clone()
        x[:, n] = last = token
        active = here[:, n].nonzero()[:, 0]
        if len(active) == 0:
            continue
        x_0 = torch.where(here, token[:, None], x_t)[:, None]
        token_log_q = torch.zeros(x_0.shape, device=device)
        token_log_q[:, 0, n] = log_probs.gather(1, token[:, None])[:, 0] * here[:, n]
        time = torch.full((len(active),), 1 - n / L, dtype=torch.float64, device=device)
        yield StepRecord(
            chains=active.cpu(),
            step=torch.full((len(active),), n),
            t=time,
            s=time - 1 / L,
            x_t=x_t[active],
            masked=here[active],
            log_probs=log_probs[active],
            proposals=Proposals(x_0[active], token_log_q[active]),
            token_energy=torch.zeros_like(token_log_q[active]),
            energy=zeros[active],
            weights=ImportanceWeights(zeros[active]),
            chosen=torch.zeros(len(active), dtype=torch.long, device=device),
            revealed=here[active],
            x_s=x[active],
        )
