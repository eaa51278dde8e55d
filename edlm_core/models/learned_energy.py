"""The energy that a bidirectional transformer has learned by noise contrastive estimation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..method.proposals import Proposals
from .transformer import PairTransformer


class LearnedEnergy:
    """A bidirectional transformer on (x_0, x_t), trained by noise contrastive estimation to approach
    -log q(x_0 | x_t) + log p_theta(x_0 | x_t), q the data's posterior (EDLM, section 4.2)."""

    def __init__(self, network: PairTransformer, mask_id: int) -> None:
        self.network = network.eval()
        self.mask_id = self.vocab_size = mask_id

    @torch.inference_mode()
    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        B, K, _L = proposals.x_0.shape
        rows = x_t[:, None].expand(-1, K, -1).flatten(0, 1)  # (B·K, L)
        return pair_energy(self.network, proposals.x_0.flatten(0, 1), rows, self.mask_id).unflatten(0, (B, K))


def pair_energy(network: nn.Module, x_0: Tensor, x_t: Tensor, mask_id: int) -> Tensor:
    """What a PairTransformer says at the masked positions, 0 elsewhere: (N, L), (N, L) -> (N, L)."""
    return network(x_0, x_t) * (x_t == mask_id)
