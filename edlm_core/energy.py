"""Residual energies E(x_0, x_t, t): one number for a whole candidate, low = plausible."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from .language_models import LanguageModel
from .proposals import Proposals
from .transformer import PairTransformer


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


class LearnedEnergy:
    """A bidirectional transformer on (x_0, x_t), trained by noise contrastive estimation to approach
    -log q(x_0 | x_t) + log p_theta(x_0 | x_t), q the data's posterior (EDLM, section 4.2)."""

    def __init__(self, network: PairTransformer, mask_id: int) -> None:
        self.network = network.eval()
        self.mask_id = mask_id

    @torch.inference_mode()
    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        B, K, _L = proposals.x_0.shape
        rows = x_t[:, None].expand(-1, K, -1).flatten(0, 1)  # (B·K, L)
        return pair_energy(self.network, proposals.x_0.flatten(0, 1), rows, self.mask_id).unflatten(0, (B, K))


def pair_energy(network: nn.Module, x_0: Tensor, x_t: Tensor, mask_id: int) -> Tensor:
    """Sum of what a PairTransformer says at the masked positions: (N, L), (N, L) -> (N,)."""
    return (network(x_0, x_t) * (x_t == mask_id)).sum(-1)
