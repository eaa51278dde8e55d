"""Deliberately wrong variants: what published code got wrong, each small enough to see. NOTHING HERE IS TO BE USED.

For the tests, which assert the exact effect of each. The lesson shows those effects from `exhibits.py`, as laws; no
page, no command and no config value leads here.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..method.denoiser import Denoiser
from ..method.energy import Energy
from ..method.language_models import LanguageModel
from ..method.proposals import Proposals, propose
from ..models.denoisers import TransformerDenoiser
from ..models.transformer import Transformer


class FlippedEnergy:
    """Weights softmax(+E): the candidates that contradict themselves win, the more surely the more there are."""

    def __init__(self, energy: Energy) -> None:
        self.energy, self.vocab_size = energy, energy.vocab_size

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        return torch.neg(self.energy(proposals, x_t, t))


class ProbabilityResidual:
    """p_theta where log p_theta belongs: E = p_theta - log p_AR, token by token. A probability is between 0 and 1, so
    the residual hardly differs between candidates: what is drawn tends to q · p_AR, too sure of itself."""

    def __init__(self, language_model: LanguageModel, mask_id: int) -> None:
        self.language_model = language_model
        self.mask_id = self.vocab_size = mask_id

    def __call__(self, proposals: Proposals, x_t: Tensor, t: Tensor) -> Tensor:
        log_p = self.language_model.token_log_probs(proposals.x_0.flatten(0, 1)).view(proposals.x_0.shape)
        return proposals.token_log_q.exp() * (x_t == self.mask_id)[:, None] - log_p


def repeat_then_view(rows: Tensor, num_candidates: int) -> Tensor:
    """(B, ...) -> (B, K, ...) in which place (b, k) holds row (b K + k) mod B: right at B = 1 and at no other B.
    `repeat` lays the batch out K times, `view` reads it as if every row stood K times in a row."""
    repeated = rows.repeat(num_candidates, *[1] * (rows.ndim - 1))
    return repeated.view(len(rows), num_candidates, *rows.shape[1:])


def scrambled_propose(log_probs: Tensor, x_t: Tensor, masked: Tensor, uniform: Tensor) -> Proposals:
    """`propose` with its batch scrambled: chain b gets candidates that other chains drew, from their x_t.

    log_probs (B, L, V) at all positions: chains with fewer masks than others could not be laid out otherwise.
    """
    B, K, L = uniform.shape
    x_t, masked = (repeat_then_view(rows, K).flatten(0, 1) for rows in (x_t, masked))
    log_probs = repeat_then_view(log_probs, K).flatten(0, 1)
    drawn = propose(log_probs[masked], x_t, masked, uniform.reshape(B * K, 1, L))
    return Proposals(drawn.x_0.view(B, K, L), drawn.token_log_q.view(B, K, L))


def low_precision_race(weights: Tensor, generator: torch.Generator, bits: int = 24) -> Tensor:
    """A categorical draw as a race, argmax of weight / -log(u), with u of few bits: (N, n) weights -> (N,).

    u below 1 is at most 1 - 2^-bits, so that no time to arrive is shorter than about 2^-bits (24 bits in
    float32, 8 in bfloat16). A rare token wins by a very short one.
    """
    grid = 2**bits
    uniform = torch.randint(1, grid, weights.shape, generator=generator).double() / grid  # 0 has no logarithm
    return (weights.double() / -uniform.log()).argmax(-1)


def log_z_from_one_negative(log_w: Tensor) -> Tensor:
    """log Z "estimated" as the log-weight of one draw from q: (N, n) -> (N,). In the mean it lies KL(q || target)
    below log Z, and the NLL that it is added to comes out as much too small."""
    return log_w[:, 0]


class TrainingDenoiser(TransformerDenoiser):
    """A frozen denoiser left in training mode: its dropout is in every negative that it draws."""

    def __init__(self, network: Transformer, vocab_size: int) -> None:
        super().__init__(network, vocab_size)
        network.train()


class BatchCache:
    """Predictions kept while x_t stays the same, in all chains: one chain that reveals something, and all are computed
    again. With many chains nothing is ever kept. `rows` counts the rows that the network was asked for."""

    def __init__(self, denoiser: Denoiser) -> None:
        self.denoiser, self.vocab_size = denoiser, denoiser.vocab_size
        self.x_t: Tensor | None = None
        self.rows = 0

    def __call__(self, x_t: Tensor, t: Tensor, masked: Tensor) -> Tensor:
        if self.x_t is None or not torch.equal(x_t, self.x_t):
            self.x_t, self.kept = x_t.clone(), self.denoiser(x_t, t, masked)
            self.rows += len(x_t)
        return self.kept
