"""The residual energy, by hand."""

import itertools
import math

import pytest
import torch

from edlm_core.method.energy import AutoregressiveEnergy, ClampedEnergy, SumEnergy, ZeroEnergy
from edlm_core.method.importance import ImportanceWeights
from edlm_core.method.proposals import Proposals, propose


class Bigram:
    """A language model that can be read: p(first) and p(next | last), as tables."""

    vocab_size = 3
    first = torch.tensor([0.5, 0.3, 0.2])
    then = torch.tensor([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0.25, 0.25, 0.5]])

    def token_log_probs(self, x_0):
        return torch.cat([self.first[x_0[:, :1]], self.then[x_0[:, :-1], x_0[:, 1:]]], 1).log()


@pytest.fixture
def candidates():
    """All 27 sequences of two chains, the second one's backwards, with their log q under a denoiser's table."""
    table = torch.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.3, 0.3, 0.4]])
    sequences = torch.tensor(list(itertools.product(range(3), repeat=3)))
    x_0 = torch.stack([sequences, sequences.flip(0)])
    return Proposals(x_0, table[torch.arange(3), x_0].log())


X_T, T = torch.full((2, 3), 3), torch.ones(2)


def test_no_energy_is_zero_for_every_candidate(candidates):
    assert torch.equal(ZeroEnergy(3)(candidates, X_T, T), torch.zeros(2, 27, 3))


def test_the_autoregressive_energy_is_log_p_theta_minus_log_p_ar(candidates):
    energy = AutoregressiveEnergy(Bigram())(candidates, X_T, T).sum(-1)
    assert energy.shape == (2, 27)
    for b, k in itertools.product(range(2), range(27)):
        a, c, d = candidates.x_0[b, k].tolist()
        log_p = math.log(Bigram.first[a] * Bigram.then[a, c] * Bigram.then[c, d])
        assert float(energy[b, k]) == pytest.approx(float(candidates.log_q[b, k]) - log_p, abs=1e-5)


def test_its_weights_turn_the_denoisers_law_into_the_language_models(candidates):
    energy = AutoregressiveEnergy(Bigram())(candidates, X_T, T).sum(-1)
    corrected = candidates.log_q.exp() * ImportanceWeights.from_energy(energy).log_w.exp()
    torch.testing.assert_close(corrected.sum(-1), torch.ones(2))
    log_p = Bigram().token_log_probs(candidates.x_0[0]).sum(-1)
    torch.testing.assert_close(corrected[0], log_p.exp())


def test_what_is_visible_is_scored_as_context_and_costs_the_denoiser_nothing():
    x_t = torch.tensor([[2, 3, 1]])
    masked = x_t == 3
    uniform = torch.tensor([[[0.5, 0.1, 0.5], [0.5, 0.95, 0.5]]], dtype=torch.float64)
    proposals = propose(torch.tensor([[0.6, 0.3, 0.1]]).log(), x_t, masked, uniform)
    energy = AutoregressiveEnergy(Bigram())(proposals, x_t, torch.ones(1)).sum(-1)
    expected = [math.log(0.6 / (0.2 * 0.25 * 0.2)), math.log(0.1 / (0.2 * 0.5 * 0.25))]
    assert proposals.x_0.tolist() == [[[2, 0, 1], [2, 2, 1]]]
    assert energy[0].tolist() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("b", [0, 1])
def test_a_chains_energies_do_not_depend_on_the_rest_of_the_batch(candidates, b):
    energy = AutoregressiveEnergy(Bigram())
    alone = Proposals(candidates.x_0[[b]], candidates.token_log_q[[b]])
    assert torch.equal(energy(alone, X_T[:1], T[:1])[0], energy(candidates, X_T, T)[b])


# ── clamped, summed, tempered ────────────────────────────────────────────────────
def test_the_clamped_energy_scores_the_masked_positions_alone_and_their_weights_sum_to_one():
    """Over all completions of a text with a word fixed on the right: sum of q exp(-E) is 1, whatever stands there."""
    sequences = torch.tensor([[a, b, 1] for a in range(3) for b in range(3)])
    table = torch.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    token_log_q = torch.zeros(9, 3)
    token_log_q[:, :2] = table[torch.arange(2), sequences[:, :2]].log()
    proposals, x_t = Proposals(sequences[None], token_log_q[None]), torch.tensor([[3, 3, 1]])
    clamped = ClampedEnergy(Bigram())(proposals, x_t, torch.ones(1))
    assert not clamped[..., 2].any()
    assert float((proposals.log_q - clamped.sum(-1)).exp().sum()) == pytest.approx(1, abs=1e-6)
    whole = AutoregressiveEnergy(Bigram())(proposals, x_t, torch.ones(1))
    torch.testing.assert_close(clamped[..., :2], whole[..., :2])
    assert float((proposals.log_q - whole.sum(-1)).exp().sum()) < 0.9  # p_AR of the word on the right


def test_a_sum_of_energies_adds_their_terms_and_beta_tempers(candidates):
    one, none = AutoregressiveEnergy(Bigram()), ZeroEnergy(3)
    terms = one(candidates, X_T, T)
    torch.testing.assert_close(SumEnergy([(0.5, one), (2.0, one), (1.0, none)])(candidates, X_T, T), 2.5 * terms)
    tempered = SumEnergy([(0.25, one)])(candidates, X_T, T).sum(-1)
    torch.testing.assert_close(
        ImportanceWeights.from_energy(tempered).log_w, ImportanceWeights.from_energy(terms.sum(-1), 4.0).log_w
    )
    assert not SumEnergy([(0.0, one)])(candidates, X_T, T).any()  # beta = 0: mdlm


def test_energies_of_two_vocabularies_cannot_be_summed():
    with pytest.raises(ValueError, match="expected one vocabulary, got 3, 4 tokens"):
        SumEnergy([(1.0, ZeroEnergy(3)), (1.0, ZeroEnergy(4))])
