"""Each published fault has exactly the effect that is said of it, and no one can come by it."""

import itertools
import math

import numpy as np
import pytest
import torch

from edlm_core import catalogue, config
from edlm_core.config import SampleConfig
from edlm_core.measure.log_z import draw_log_weights
from edlm_core.method.energy import AutoregressiveEnergy
from edlm_core.method.proposals import Proposals, propose
from edlm_core.method.sampling import sample
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.method.timetable import reveal_schedule
from edlm_core.models.denoisers import TransformerDenoiser
from edlm_core.models.transformer import Transformer, TransformerConfig
from edlm_core.worlds.candidates import resampled_law
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy, ExactLanguageModel, chain_law
from edlm_core.worlds.exhibits import race_probability
from edlm_core.worlds.faults import (
    BatchCache,
    FlippedEnergy,
    ProbabilityResidual,
    TrainingDenoiser,
    log_z_from_one_negative,
    low_precision_race,
    repeat_then_view,
    scrambled_propose,
)
from edlm_core.worlds.world import pairs_world, random_world, total_variation
from tests.goodness import p_value
from tests.test_imports import APP, MODULES, core_imports, imports

LOG_LINEAR = LogLinearSchedule()
WORLD = random_world(2, 3, 0.5, seed=3)
MASK = WORLD.vocab_size


def counts_of(world, energy, T, K, chains=1000, batches=6):
    """How often each text is sampled, many chains at a time."""
    place = world.vocab_size ** torch.arange(world.length - 1, -1, -1)
    counts = np.zeros(len(world.joint))
    for n in range(batches):
        settings = SampleConfig(length=world.length, num_steps=T, num_candidates=K, num_chains=chains, seed=n * chains)
        x_0 = sample(ExactDenoiser(world), energy, LOG_LINEAR, settings).x_0
        counts += np.bincount((x_0 * place).sum(-1).numpy(), minlength=len(world.joint))
    return counts


# ── weights softmax(+E) ──────────────────────────────────────────────────────────
@pytest.mark.parametrize(("T", "K"), [(1, 2), (1, 8), (2, 4)])
def test_with_the_sign_flipped_the_sampler_has_the_law_of_the_flipped_sign(T, K):
    counts = counts_of(WORLD, FlippedEnergy(ExactEnergy(WORLD)), T, K)
    assert p_value(counts, chain_law(WORLD, LOG_LINEAR, T, K, sign=-1)) > 1e-3
    assert p_value(counts, chain_law(WORLD, LOG_LINEAR, T, K)) < 1e-9


def test_with_the_sign_flipped_more_candidates_are_worse_and_any_are_worse_than_none():
    world = pairs_world()
    for T in (1, 2, 4):
        distances = [total_variation(chain_law(world, LOG_LINEAR, T, K, sign=-1), world.joint) for K in (1, 2, 4, 8)]
        assert distances == sorted(distances)
        assert distances[1] > distances[0] + 0.01


# ── probabilities where log-probabilities belong ─────────────────────────────────
def all_candidates(world):
    """Every text as a candidate of the all-masked state: proposals (1, V^L, L) and their x_t."""
    x_t = torch.full((1, world.length), world.vocab_size)
    log_probs = ExactDenoiser(world)(x_t, torch.ones(1), x_t == world.vocab_size)
    x_0 = torch.from_numpy(world.sequences)[None]
    token_log_q = torch.stack([log_probs[i, x_0[0, :, i]] for i in range(world.length)], dim=-1)[None]
    return Proposals(x_0, token_log_q), x_t


def test_a_residual_of_probabilities_is_the_sum_of_what_lies_between_0_and_1():
    proposals, x_t = all_candidates(WORLD)
    language_model = ExactLanguageModel(WORLD)
    right = AutoregressiveEnergy(language_model)(proposals, x_t, torch.ones(1)).sum(-1)
    wrong = ProbabilityResidual(language_model, MASK)(proposals, x_t, torch.ones(1)).sum(-1)
    residual = wrong - right + proposals.log_q
    torch.testing.assert_close(residual, proposals.token_log_q.exp().sum(-1))
    assert 0 <= residual.min() < residual.max() <= WORLD.length
    assert (proposals.log_q <= 0).all()


def test_a_visible_token_has_no_part_in_the_residual():
    proposals, x_t = all_candidates(WORLD)
    x_t[0, 1] = 0
    visible = Proposals(proposals.x_0, proposals.token_log_q * torch.tensor([1, 0, 1]))
    terms = ProbabilityResidual(ExactLanguageModel(WORLD), MASK)(visible, x_t, torch.ones(1))
    torch.testing.assert_close(terms[..., 1], ExactLanguageModel(WORLD).token_log_probs(visible.x_0)[..., 1].neg())


def residual_of(world):
    """Sum of the probabilities of each text's tokens, where all are masked: (V^L,)."""
    table = world.marginals((world.vocab_size,) * world.length)
    return np.array([sum(table[i, x[i]] for i in range(world.length)) for x in world.sequences])


@pytest.mark.parametrize("K", [8, 32])
def test_with_it_the_sampler_has_another_law(K):
    world = random_world(3, 3, 0.15, seed=0)
    law = resampled_law(world.factorised((3, 3, 3)), np.log(world.joint) - residual_of(world), K)
    counts = counts_of(world, ProbabilityResidual(ExactLanguageModel(world), 3), 1, K)
    assert p_value(counts, law) > 1e-3
    assert p_value(counts, chain_law(world, LOG_LINEAR, 1, K)) < 1e-9


@pytest.mark.parametrize("world", [WORLD, random_world(3, 3, 0.15, seed=0)])
def test_the_limit_of_many_candidates_is_too_sure_of_itself_and_not_the_target(world):
    """Texts that a judge likes better than the target's own, and fewer of them: why perplexity alone is gamed."""
    q, p = world.factorised((world.vocab_size,) * 3), world.joint
    limit = q * p * np.exp(-residual_of(world))
    limit /= limit.sum()
    law = resampled_law(q, np.log(p) - residual_of(world), 512)
    assert total_variation(law, limit) < 0.01
    assert total_variation(law, p) > 20 * total_variation(chain_law(world, LOG_LINEAR, 1, 512), p)
    judged = [-(x * np.log(p)).sum() for x in (law, p)]
    entropy = [-(x * np.log(x)).sum() for x in (law, p)]
    assert judged[0] < judged[1]
    assert entropy[0] < entropy[1]


# ── repeat, then view ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("B", "K"), [(1, 5), (2, 2), (3, 2), (4, 3), (4, 8)])
def test_place_b_k_holds_row_bk_plus_k_modulo_b(B, K):
    rows = torch.arange(B)[:, None].expand(B, 3)
    got = repeat_then_view(rows, K)[..., 0]
    assert got.tolist() == [[(b * K + k) % B for k in range(K)] for b in range(B)]
    assert torch.equal(got, torch.arange(B)[:, None].expand(B, K)) == (B == 1)


def scene(B, K=4, L=3):
    """Chains b that hold the visible token b in front, and two masked positions, with marginals of their own."""
    generator = torch.Generator().manual_seed(0)
    x_t = torch.full((B, L), 9)
    x_t[:, 0] = torch.arange(B)
    log_probs = torch.randn(B, L, 9, generator=generator).log_softmax(-1)
    return log_probs, x_t, x_t == 9, torch.rand(B, K, L, generator=generator, dtype=torch.float64)


def test_alone_a_chain_gets_its_own_candidates_and_so_the_fault_passes_a_test_at_batch_1():
    log_probs, x_t, masked, uniform = scene(1)
    right, wrong = propose(log_probs[masked], x_t, masked, uniform), scrambled_propose(log_probs, x_t, masked, uniform)
    assert torch.equal(right.x_0, wrong.x_0)
    assert torch.equal(right.token_log_q, wrong.token_log_q)


@pytest.mark.parametrize(("B", "K"), [(2, 4), (3, 4), (4, 4)])
def test_in_a_batch_chains_choose_among_the_candidates_of_others(B, K):
    log_probs, x_t, masked, uniform = scene(B, K)
    right, wrong = propose(log_probs[masked], x_t, masked, uniform), scrambled_propose(log_probs, x_t, masked, uniform)
    assert (right.x_0[..., 0] == torch.arange(B)[:, None]).all()
    owner = wrong.x_0[..., 0]  # the visible token in front says whose candidate it is
    assert owner.tolist() == [[(b * K + k) % B for k in range(K)] for b in range(B)]
    for b, k in itertools.product(range(B), range(K)):
        alone = propose(log_probs[owner[b, k]][1:], x_t[owner[b, k]][None], masked[:1], uniform[b, k][None, None])
        assert torch.equal(wrong.x_0[b, k], alone.x_0[0, 0])


def test_a_chain_added_to_the_batch_changes_the_others_candidates():
    log_probs, x_t, masked, uniform = scene(3)
    three, two = (scrambled_propose(*(x[:B] for x in (log_probs, x_t, masked, uniform))).x_0[:2] for B in (3, 2))
    assert not torch.equal(three, two)
    three, two = (propose(log_probs[:B][masked[:B]], x_t[:B], masked[:B], uniform[:B]).x_0[:2] for B in (3, 2))
    assert torch.equal(three, two)


# ── a race in low precision ──────────────────────────────────────────────────────
@pytest.mark.parametrize("p", [0.3, 0.02, 0.004])
@pytest.mark.parametrize(("t", "s"), [(0.5, 0.4375), (0.25, 0.2421875)])
def test_what_is_left_of_a_rare_token_is_the_sum_over_the_grid_of_its_uniform(p, t, s):
    """Its time to arrive is k / 2^bits, k = 1, 2, ..., and it wins where the mask's is longer by s / ((t - s) p)."""
    bits = 10
    k = np.arange(1, 2**bits + 1)
    odds = (t - s) * p / s
    wins = np.exp(-k / 2**bits / odds).sum() / 2**bits
    assert race_probability(p, t, s, bits) == pytest.approx(wins / odds * p, rel=1e-3)


@pytest.mark.parametrize("bits", [8, 12])
def test_the_race_starves_a_rare_token_by_that_much(bits):
    p, t, s = 2.0**-8, 0.5, 0.4375
    weights = np.array([p * (t - s), s])
    arrival = -np.log(np.arange(1, 2**bits) / 2**bits) / weights[:, None]
    law = (arrival[0][:, None] <= arrival[1]).mean()  # over all pairs of uniforms: at a tie argmax takes the first
    drawn = low_precision_race(torch.from_numpy(weights).expand(400_000, -1), torch.Generator().manual_seed(0), bits)
    assert float((drawn == 0).double().mean()) == pytest.approx(law, abs=4 * math.sqrt(law / 400_000) + 1e-6)
    left = law / (weights[0] / weights.sum())
    assert left == pytest.approx(race_probability(p, t, s, bits) / p, abs=0.01)
    assert left < 0.01 if bits == 8 else 0.7 < left < 0.9


def test_with_more_steps_the_rare_starve_and_the_entropy_falls():
    p = torch.tensor([1e-7, 1e-6, 1e-5, 1e-3], dtype=torch.float64)
    law = torch.cat([p, (1 - p.sum()).div(200).expand(200)])
    lost, entropies = [], []
    for steps in (4, 64, 1024, 4096):
        t = 0.5
        effective = torch.tensor([race_probability(float(x), t, t - 1 / steps) for x in law])
        lost.append(1 - effective[0].item() / 1e-7)
        effective = effective / effective.sum()
        entropies.append(float(torch.special.entr(effective).sum()))
    assert lost == sorted(lost)
    assert (lost[0] < 0.5, lost[-1] > 0.99) == (True, True)
    assert entropies == sorted(entropies, reverse=True)


# ── one negative for log Z ───────────────────────────────────────────────────────
def test_one_negative_reports_an_nll_too_small_by_the_divergence_of_q_from_the_target():
    world = random_world(3, 3, 1.0, seed=0)
    x_t = torch.full((4000, 3), 3)
    generator = torch.Generator().manual_seed(0)
    log_w, _ = draw_log_weights(ExactDenoiser(world), ExactEnergy(world), x_t, torch.ones(4000), 1, generator)
    values = log_z_from_one_negative(log_w)
    q = world.factorised((3, 3, 3))
    divergence = (q * np.log(q / world.joint)).sum()
    assert divergence > 0.5
    assert float(values.mean()) == pytest.approx(0 - divergence, abs=2 * float(values.std()) / math.sqrt(4000))


# ── a denoiser in training mode ──────────────────────────────────────────────────
def network(dropout):
    torch.manual_seed(0)
    built = Transformer(TransformerConfig(MASK + 1, 16, depth=2, heads=2, kv_heads=1, hidden=32, dropout=dropout))
    with torch.no_grad():
        for weight in built.parameters():
            weight.mul_(4)  # as sure of itself as a trained one
    return built


def negatives(denoiser, count=4000):
    """How often each token is drawn at the first of three masks, every draw with the dropout of its own row; and the
    mean of the rows' laws."""
    x_t = torch.full((count, 3), MASK)
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(1)
    log_probs = denoiser(x_t, torch.ones(count), x_t == MASK)
    noise = torch.rand(count, 1, 3, generator=generator, dtype=torch.float64)
    drawn = propose(log_probs, x_t, x_t == MASK, noise).x_0[:, 0, 0]
    return np.bincount(drawn.numpy(), minlength=MASK), log_probs.view(count, 3, MASK)[:, 0].exp().mean(0).numpy()


def test_in_training_mode_the_negatives_have_the_law_of_dropout_and_not_the_denoisers():
    x_t = torch.full((1, 3), MASK)
    law = TransformerDenoiser(network(0.5), MASK)(x_t, torch.ones(1), x_t == MASK)[0].exp().numpy()
    right, mean = negatives(TransformerDenoiser(network(0.5), MASK))
    np.testing.assert_allclose(mean, law, rtol=1e-4)
    assert p_value(right, law) > 1e-3
    wrong, mean = negatives(TrainingDenoiser(network(0.5), MASK))
    assert p_value(wrong, mean) > 1e-3
    assert p_value(wrong, law) < 1e-9


def test_without_dropout_the_mode_makes_no_difference():
    x_t = torch.full((2, 3), MASK)
    pair = (
        kind(network(0.0), MASK)(x_t, torch.ones(2), x_t == MASK) for kind in (TrainingDenoiser, TransformerDenoiser)
    )
    torch.testing.assert_close(*pair)


# ── a cache that holds only while no chain moves ─────────────────────────────────
@pytest.mark.parametrize("B", [1, 2, 8, 32])
def test_one_cache_for_the_batch_costs_each_chain_more_the_more_chains_there_are(B):
    """Walk all T steps of the grid: the whole batch is computed again wherever any chain moved."""
    T, L = 32, 6
    settings = SampleConfig(length=L, num_steps=T, num_candidates=1, num_chains=B)
    reveal_at = reveal_schedule(torch.ones(B, L, dtype=torch.bool), LOG_LINEAR, settings)
    cache = BatchCache(ExactDenoiser(random_world(2, L, 1.0, seed=0)))
    truth, x_0 = ExactDenoiser(random_world(2, L, 1.0, seed=0)), torch.zeros(B, L, dtype=torch.long)
    for n in range(T):
        masked = reveal_at >= n
        if masked.any():
            x_t = torch.where(masked, 2, x_0)
            torch.testing.assert_close(cache(x_t, torch.ones(B), masked), truth(x_t, torch.ones(B), masked))
    moved = {n for row in reveal_at.tolist() for n in row}
    own = [len(set(row)) for row in reveal_at.tolist()]  # what the sampler asks for: a chain's own non-empty steps
    assert cache.rows == B * len(moved)
    assert cache.rows == sum(own) if B == 1 else cache.rows > 1.2 * sum(own)
    assert cache.rows / B == pytest.approx(T * (1 - (1 - 1 / T) ** (B * L)), rel=0.25)


# ── nobody comes by them ─────────────────────────────────────────────────────────
def test_no_code_imports_them_and_only_the_museum_shows_what_they_do():
    assert not [name for name in MODULES if {"worlds.faults", "worlds.exhibits"} & core_imports(name)]
    readers = {path.stem for path in APP for i in imports(path) if i.startswith("edlm_core.worlds.faults")}
    assert readers == set()
    readers = {path.stem for path in APP for i in imports(path) if i.startswith("edlm_core.worlds.exhibits")}
    assert readers == {"museum"}


def test_no_value_of_a_config_names_one():
    words = {w for values in (catalogue.SAMPLERS, catalogue.ENERGIES, catalogue.JUDGES, config.REVEALS) for w in values}
    assert not {
        w for w in words if any(f in w.lower() for f in ("fault", "flip", "wrong", "scrambl", "probab", "race"))
    }
