"""The museum's laws are what the faults themselves do."""

import math

import numpy as np
import pytest
import torch

from edlm_core.method.proposals import Proposals
from edlm_core.worlds.candidates import candidate_law, resampled_law
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy, ExactLanguageModel
from edlm_core.worlds.exhibits import (
    Effect,
    coarse_noise,
    flipped_sign,
    mixed_chains,
    one_draw_log_z,
    probability_residual,
    small_world,
    unused_drafts,
)
from edlm_core.worlds.faults import ProbabilityResidual, repeat_then_view
from edlm_core.worlds.world import pairs_world, total_variation

EXACT = 1e-9


def test_with_the_fault_the_distance_grows_with_the_drafts():
    wrong = [total_variation(e.wrong, e.right) for e in (flipped_sign(3, K) for K in (1, 2, 8))]
    assert wrong[0] == pytest.approx(0, abs=EXACT)
    assert wrong == sorted(wrong)
    np.testing.assert_allclose(unused_drafts(3, 8).wrong, flipped_sign(3, 1).right, atol=EXACT)


def test_the_residual_of_probabilities_is_the_faults_own():
    world, K = small_world(), 8
    x_t = torch.full((1, 3), 3)
    log_probs = ExactDenoiser(world)(x_t, torch.ones(1), x_t == 3)
    x_0 = torch.from_numpy(world.sequences)[None]
    proposals = Proposals(x_0, torch.stack([log_probs[i, x_0[0, :, i]] for i in range(3)], dim=-1)[None])
    energy = ProbabilityResidual(ExactLanguageModel(world), 3)(proposals, x_t, torch.ones(1)).sum(-1)[0].numpy()
    q = world.factorised((3, 3, 3))
    np.testing.assert_allclose(probability_residual(K).wrong, resampled_law(q, -energy, K), atol=EXACT)
    np.testing.assert_allclose(probability_residual(K).right, candidate_law(world, (3, 3, 3), K), atol=EXACT)


@pytest.mark.parametrize(("B", "K"), [(1, 8), (2, 8), (3, 4)])
def test_mixed_chains_draw_what_the_fault_deals_them(B, K):
    world, own = pairs_world(1), np.array([0.99, 0.01])
    owner = repeat_then_view(torch.arange(B)[:, None], K)[0, :, 0].numpy()
    law = np.mean([own if chain % 2 == 0 else own[::-1] for chain in owner], axis=0)
    np.testing.assert_allclose(mixed_chains(B, K, 0.99).wrong, law, atol=EXACT)
    x_t = torch.tensor([[0, 2], [1, 2]])
    log_probs = ExactDenoiser(world)(x_t, torch.ones(2), x_t == 2)
    drafts = torch.tensor([[[0, 0], [0, 1]], [[1, 0], [1, 1]]])
    token_log_q = torch.stack([torch.zeros(2, 2), log_probs], dim=-1)
    energy = ExactEnergy(world)(Proposals(drafts, token_log_q), x_t, torch.ones(2)).sum(-1)
    torch.testing.assert_close(energy, energy[0, 0].expand(2, 2))  # all weights are equal, whoever drew them


def test_how_many_samples_it_takes_to_notice():
    nothing = np.array([0.5, 0.5])
    assert Effect(nothing, nothing).samples_to_notice == math.inf
    assert Effect(nothing, np.array([1.0, 0.0])).samples_to_notice == pytest.approx(math.log(1000) / math.log(2))
    assert mixed_chains(1, 8, 0.99).samples_to_notice == math.inf
    assert flipped_sign(3, 8).samples_to_notice < 10 < 100_000 < coarse_noise(1e-5, 1024).samples_to_notice


def test_figures_that_are_wrong_without_a_law():
    assert one_draw_log_z(1) == (0.0, pytest.approx(0.5 * math.log(4 * 0.99 * 0.01), abs=EXACT))
    assert one_draw_log_z(1)[1] < 0
