"""Who moves the weights: Muon and AdamW, and the average that is saved."""

from __future__ import annotations

import copy

import torch
from torch import nn

from .settings import TrainConfig


def trainable(network: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that are not frozen, by name."""
    return {n: p for n, p in network.named_parameters() if p.requires_grad}


def optimizers(network: nn.Module, config: TrainConfig) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for embeddings and norms (Jordan 2024)."""
    learned = trainable(network)
    hidden = [p for n, p in learned.items() if p.ndim == 2 and "embedding" not in n] if config.muon else []
    chosen = {id(p) for p in hidden}
    rest = [p for p in learned.values() if id(p) not in chosen]
    rate, decay = config.learning_rate, config.weight_decay
    matrices = {"params": [p for p in rest if p.ndim == 2], "weight_decay": decay}
    vectors = {"params": [p for p in rest if p.ndim != 2], "weight_decay": 0.0}
    adamw = torch.optim.AdamW([matrices, vectors], lr=rate, betas=(0.9, 0.98))
    if not hidden:
        return [adamw]
    return [adamw, torch.optim.Muon(hidden, lr=rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw")]


class Average:
    """Exponential moving average of a network's trainable weights, shorter while the run is young.

    `network` is the averaged twin, always in eval mode.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.network = copy.deepcopy(network).eval()
        self.means = trainable(self.network)
        self.network.requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, p in trainable(network).items():
            self.means[name].lerp_(p, 1 - decay)
