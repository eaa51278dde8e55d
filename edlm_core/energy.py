"""Residual energies E(x_0, x_t, t): one number for a whole candidate, low = plausible."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from .language_models import LanguageModel
from .proposals import Proposals


class Energy(Protocol):
    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        """Energies of the candidates (B, K), in nats, float32 or better. x_t (B, L), t (B,)."""


class ZeroEnergy:
    """No correction: p(x_0 | x_t) = p_theta(x_0 | x_t), plain MDLM."""

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        return torch.zeros_like(proposals.log_q)


class AutoregressiveEnergy:
    """E = -log p_AR(x_0) + log p_theta(x_0 | x_t) (EDLM eq. 9): the weights are p_AR / p_theta, and
    the target is the autoregressive model's posterior given what is visible."""

    def __init__(self, language_model: LanguageModel) -> None:
        self.language_model = language_model

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        B, K, _L = proposals.x_0.shape
        log_p = self.language_model.token_log_probs(proposals.x_0.flatten(0, 1))  # (B·K, L)
        return proposals.log_q - log_p.sum(-1).unflatten(0, (B, K))
