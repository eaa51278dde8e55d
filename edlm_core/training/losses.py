"""What the networks are trained to minimise, in nats per token."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..method.schedules import NoiseSchedule, mask_tokens
from ..models.transformer import Transformer

T_MIN = 1e-3  # below this the weight 1/t meets almost no masked position: variance for nothing


def low_discrepancy_times(count: int, generator: torch.Generator) -> Tensor:
    """One time in each of `count` equal slices of [T_MIN, 1]: (count,). (MDLM, appendix C.3)"""
    u = (torch.arange(count) + torch.rand(1, generator=generator)) / count
    return T_MIN + (1 - T_MIN) * u[torch.randperm(count, generator=generator)]


def denoising_loss(
    network: Transformer,
    x_0: Tensor,
    schedule: NoiseSchedule,
    vocab_size: int,
    generator: torch.Generator,
    counted: Tensor | None = None,
) -> Tensor:
    """Monte Carlo NELBO of the factorised denoiser per token (MDLM eq. 10): (B, L) ids -> scalar.

    One time a row, stratified over the batch; `generator` lives on the CPU. Positions that are not `counted` (B, L)
    are masked like all others, so that how many masks there are says what it says of any text, but cost nothing.
    """
    B, L = x_0.shape
    t = low_discrepancy_times(B, generator).to(x_0.device)
    uniform = torch.rand(B, L, generator=generator).to(x_0.device)
    x_t = mask_tokens(x_0, schedule.alpha(t), vocab_size, uniform)
    asked = x_t == vocab_size if counted is None else (x_t == vocab_size) & counted
    tokens = B * L if counted is None else counted.sum()
    logits = network.logits(network(x_t)[asked], vocab_size)
    losses = F.cross_entropy(logits, x_0[asked], reduction="none")
    return (losses * schedule.loss_weight(t)[:, None].expand(B, L)[asked]).sum() / tokens


def next_token_loss(
    network: Transformer, x_0: Tensor, vocab_size: int, end_of_text: int, counted: Tensor | None = None
) -> Tensor:
    """Autoregressive NLL per token; the end-of-text id stands before the first token: (B, L) -> scalar.
    Positions that are not `counted` (B, L) cost nothing."""
    before = torch.cat([torch.full_like(x_0[:, :1], end_of_text), x_0[:, :-1]], dim=1)
    hidden = network(before)
    if counted is not None:
        hidden, x_0 = hidden[counted], x_0[counted]
    return F.cross_entropy(network.logits(hidden, vocab_size).flatten(0, -2), x_0.flatten())
