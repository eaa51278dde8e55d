"""Low-rank adapters: a big frozen network learns a new domain through a few small matrices.

W x becomes W x + B (A x), with A (rank, in) and B (out, rank) (LoRA, Hu et al. 2021). Only A and B
are trained and saved; `merge` adds B A into W, after which the network is an ordinary one again.
"""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn

from ..refusals import Refusal

Network = TypeVar("Network", bound=nn.Module)


class Adapted(nn.Module):
    """A frozen linear map and what is learned beside it, in float32. B starts at zero: at first nothing changes."""

    def __init__(self, linear: nn.Linear, rank: int) -> None:
        super().__init__()
        self.linear = linear
        self.a = nn.Parameter(torch.randn(rank, linear.in_features) / linear.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) + (x @ self.a.T) @ self.b.T


def adapt(network: Network, rank: int) -> Network:
    """Freeze the network and give each of its linear maps an adapter, in place."""
    network.requires_grad_(False)
    for name, linear in [(n, m) for n, m in network.named_modules() if isinstance(m, nn.Linear)]:
        parent, _, child = name.rpartition(".")
        setattr(network.get_submodule(parent), child, Adapted(linear, rank))
    return network


def adapter_weights(network: nn.Module) -> dict[str, Tensor]:
    """{"blocks.0.attention.query.a": (rank, in), "….b": (out, rank), …} of an adapted network."""
    return {n: p for n, p in network.state_dict().items() if n.endswith((".a", ".b"))}


@torch.no_grad()
def merge(network: Network, weights: dict[str, Tensor]) -> Network:
    """Add adapters into the linear maps they belong to, in place. Raises Refusal where one does not fit."""
    linears = {n: m for n, m in network.named_modules() if isinstance(m, nn.Linear)}
    expected = {f"{n}.{half}" for n in linears for half in "ab"}
    if expected != set(weights):
        raise Refusal("adapters-names", name=min(expected ^ set(weights)))
    for name, linear in linears.items():
        a, b = weights[f"{name}.a"].float(), weights[f"{name}.b"].float()
        if a.ndim != 2 or b.ndim != 2 or (b.shape[0], a.shape[1]) != tuple(linear.weight.shape) or len(a) != b.shape[1]:
            shapes = {"expected": tuple(linear.weight.shape), "a": tuple(a.shape), "b": tuple(b.shape)}
            raise Refusal("adapters-shape", name=name, **shapes)
        linear.weight += (b @ a).to(linear.weight)
    return network
