"""Pools of candidates from worlds whose couplings are known."""

import numpy as np
import torch

from edlm_core.diagnosis.pool import Pool
from edlm_core.method.importance import ImportanceWeights
from edlm_core.method.proposals import propose
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy
from edlm_core.worlds.world import World


def coupled_world(i=1, j=3, length=4, agree=0.99):
    """Fair coins, of which those at i and j nearly always agree; all the others are independent."""
    sequences = np.array(np.meshgrid(*[[0, 1]] * length, indexing="ij")).reshape(length, -1).T
    same = sequences[:, i] == sequences[:, j]
    return World(np.where(same, agree, 1 - agree) / 2 ** (length - 1), 2, length)


def pool_of(world, K, seed=0, energy=None, temperature=1.0):
    """K drafts of the all-masked state, weighed by the world's exact energy or another."""
    x_t = torch.full((1, world.length), world.vocab_size)
    masked, t = torch.ones(1, world.length, dtype=torch.bool), torch.ones(1)
    noise = torch.from_numpy(np.random.default_rng(seed).random((1, K, world.length)))
    proposals = propose(ExactDenoiser(world)(x_t, t, masked), x_t, masked, noise)
    terms = (energy or ExactEnergy(world))(proposals, x_t, t)
    return make_pool(proposals.x_0[0], proposals.token_log_q[0], terms[0], world.vocab_size, temperature)


def make_pool(x_0, token_log_q, terms, mask, temperature=1.0, chosen=0, t=1.0, step=0):
    """A Pool of tensors (K, L)."""
    weights = ImportanceWeights.from_energy(terms.double().sum(-1)[None], temperature)
    L = x_0.shape[1]
    return Pool(
        step=step,
        t=t,
        s=0.0,
        temperature=temperature,
        mask=mask,
        words=[str(n) for n in range(mask)] + ["▢"],
        x_t=np.full(L, mask),
        x_s=x_0[chosen].numpy(),
        candidate=x_0.numpy(),
        token_log_q=token_log_q.double().numpy(),
        energy=terms.double().sum(-1).numpy(),
        token_energy=terms.double().numpy(),
        weight=weights.normalized[0].numpy(),
        chosen=chosen,
    )


class Hates:
    """An energy that dislikes one token at one position, and nothing else."""

    def __init__(self, position, token, nats=3.0):
        self.position, self.token, self.nats = position, token, nats

    def __call__(self, proposals, x_t, t):
        terms = torch.zeros_like(proposals.token_log_q)
        terms[..., self.position] = self.nats * (proposals.x_0[..., self.position] == self.token)
        return terms
