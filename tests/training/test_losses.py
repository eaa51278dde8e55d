"""The losses against sums over every mask and every prefix."""

import itertools
import math

import numpy as np
import pytest
import torch

from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.models.transformer import Transformer, TransformerConfig
from edlm_core.training.losses import T_MIN, denoising_loss, low_discrepancy_times, next_token_loss
from edlm_core.worlds.world import random_world

LOG_LINEAR, V, L = LogLinearSchedule(), 3, 3


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    net = Transformer(TransformerConfig(V + 1, 16, depth=1, heads=2, kv_heads=2, hidden=24)).eval()
    with torch.no_grad():
        for p in net.parameters():  # far from the small start, where every law is nearly uniform
            p.copy_(torch.randn_like(p) * 0.3 + (p.ndim == 1))
    return net.requires_grad_(False)


class ExactNetwork:
    """The exact marginals of a world where a network would be: hidden states are log-probabilities."""

    def __init__(self, world):
        self.world = world

    def __call__(self, x_t):
        return torch.from_numpy(np.stack([self.world.marginals(tuple(x)) for x in x_t.tolist()])).log()

    def logits(self, hidden, vocab_size):
        return hidden


def exact_nelbo(network, x_0):
    """Per token: integral over t of (1/t) sum over masks of P(mask | t) times the masked cross-entropies.

    With m positions masked the integrand is t^(m-1) (1-t)^(L-m), a polynomial: Gauss-Legendre is exact.
    """
    nodes, shares = np.polynomial.legendre.leggauss(8)
    t, total = T_MIN + (1 - T_MIN) * (nodes + 1) / 2, 0.0
    for masked in itertools.product([False, True], repeat=L):
        masked, m = torch.tensor(masked), sum(masked)
        if m == 0:
            continue
        x_t = torch.where(masked, V, x_0)
        log_p = network.logits(network(x_t[None])[0], V).log_softmax(-1)
        cross_entropy = -log_p[masked, x_0[masked]].sum()
        total += float((t ** (m - 1) * (1 - t) ** (L - m)) @ shares / 2) * float(cross_entropy)
    return total / L


def monte_carlo(network, x_0, batches=60, rows=2048):
    """Mean of the loss and five of its standard errors."""
    generator = torch.Generator().manual_seed(0)
    values = [float(denoising_loss(network, x_0.repeat(rows, 1), LOG_LINEAR, V, generator)) for _ in range(batches)]
    return np.mean(values), 5 * np.std(values, ddof=1) / math.sqrt(batches)


@pytest.mark.parametrize("x_0", [[0, 1, 2], [2, 2, 0]])
def test_the_denoising_loss_is_the_nelbo_summed_over_all_masks(net, x_0):
    x_0 = torch.tensor(x_0)
    mean, margin = monte_carlo(net, x_0)
    expected = exact_nelbo(net, x_0)
    assert mean == pytest.approx(expected, abs=margin)
    assert margin < 0.03 * expected


def test_the_nelbo_of_exact_marginals_is_the_nll_itself():
    """One token at a time in any order, the chain rule holds: no bound, an equality."""
    world = random_world(V, L, 1.0, seed=0)
    for index in (0, 7, 20):
        nelbo = exact_nelbo(ExactNetwork(world), torch.from_numpy(world.sequences[index]))
        assert nelbo * L == pytest.approx(-math.log(world.joint[index]), rel=3 * T_MIN)


def test_what_is_visible_costs_nothing(net):
    class AlmostClean(LogLinearSchedule):
        def alpha(self, t):
            return torch.ones_like(t)

    x_0 = torch.tensor([[0, 1, 2]])
    assert float(denoising_loss(net, x_0, AlmostClean(), V, torch.Generator().manual_seed(0))) == 0


@pytest.mark.parametrize("count", [1, 5, 64])
@pytest.mark.parametrize("seed", [0, 1])
def test_one_time_falls_into_each_of_equal_slices(count, seed):
    t = low_discrepancy_times(count, torch.Generator().manual_seed(seed))
    assert T_MIN <= t.min() <= t.max() <= 1
    slices = ((t - T_MIN) / (1 - T_MIN) * count).floor().clamp(max=count - 1)
    assert sorted(slices.tolist()) == list(range(count))


def test_which_row_gets_which_slice_is_random():
    t = low_discrepancy_times(64, torch.Generator().manual_seed(0))
    assert not torch.equal(t, t.sort()[0])


def test_the_next_token_loss_is_the_mean_nll_after_every_prefix():
    torch.manual_seed(0)
    net = Transformer(TransformerConfig(V, 16, depth=1, heads=2, kv_heads=2, hidden=24, causal=True)).eval()
    x_0, end = torch.tensor([[0, 1, 2, 2], [1, 1, 0, 2]]), 2
    total = 0.0
    for row in x_0.tolist():
        for n, token in enumerate(row):
            hidden = net(torch.tensor([[end, *row[:n]]]))[0, -1]
            total -= (hidden @ net.embedding.weight.T).log_softmax(-1)[token].item()
    assert next_token_loss(net, x_0, V, end).item() == pytest.approx(total / 8, rel=1e-5)
