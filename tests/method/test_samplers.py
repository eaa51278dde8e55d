"""Every sampler that writes text against the exact law of its twin in plain Python, at batch 1 and above."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from edlm_core.catalogue import SAMPLERS
from edlm_core.config import SampleConfig
from edlm_core.method import samplers
from edlm_core.method.corrector import AHEAD
from edlm_core.method.particles import smc_steps
from edlm_core.method.sampling import Branch, finish, sample_steps
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.method.speculative import speculative_steps
from edlm_core.method.timetable import REMASKING
from edlm_core.refusals import Refusal
from edlm_core.worlds.enumeration import (
    Chain,
    corrector_law,
    law_of,
    over_schedules,
    remask_law,
    smc_program,
    speculative_program,
    step_by_step,
)
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy, ExactLanguageModel, chain_law
from edlm_core.worlds.world import random_world, total_variation
from tests.goodness import counts_of, p_value

SCHEDULE = LogLinearSchedule()
WORLD = random_world(2, 3, 0.5, seed=16)
FOUR = random_world(2, 4, 0.5, seed=3)


def counts(steps_of, world, config):
    """How often each text was written, over 4,096 seeds, in batches and some of them alone."""

    def write(one):
        return finish(world.vocab_size, one, tuple(steps_of(one))).x_0

    return counts_of(write, config, world.vocab_size)


def by_name(name, world, config, **where):
    """The steps of a sampler of the table in a world."""
    models = ExactDenoiser(world), ExactEnergy(world), ExactLanguageModel(world), SCHEDULE
    return samplers.steps_of(name, *models, config, **where)


def mean_over_schedules(law, world, steps):
    return np.mean([law(at) for at in over_schedules(world.length, steps)], axis=0)


# ── rules ────────────────────────────────────────────────────────────────────────
RULES = {"edlm": "edlm", "i-sir": "i_sir", "edlm-mh": "edlm_mh", "block": "block"}


@pytest.fixture(scope="module")
def rule_laws():
    laws = {}
    for name, twin in RULES.items():
        for steps, K in ((1, 2), (2, 2), (2, 3), (3, 1)):
            chain = Chain(WORLD, K)
            laws[name, steps, K] = mean_over_schedules(
                lambda at, c=chain, r=twin, n=steps: step_by_step(c, getattr(c, r), at, n), WORLD, steps
            )
    return laws


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(("steps", "K"), [(1, 2), (2, 2), (2, 3)])
def test_each_rule_draws_from_its_exact_law(rule_laws, name, steps, K):
    config = SampleConfig(length=3, num_steps=steps, num_candidates=K, num_chains=1024)
    seen = counts(lambda c: by_name(name, WORLD, c), WORLD, config)
    assert p_value(seen, rule_laws[name, steps, K]) > 1e-3


@pytest.mark.parametrize(("steps", "K"), [(1, 2), (2, 2), (2, 3), (3, 1)])
def test_the_twin_of_edlm_has_the_law_that_dynamic_programming_and_an_integral_give(rule_laws, steps, K):
    np.testing.assert_allclose(rule_laws["edlm", steps, K], chain_law(WORLD, SCHEDULE, steps, K), atol=1e-9)


@pytest.mark.parametrize("name", RULES)
def test_with_one_candidate_each_rule_is_mdlm(rule_laws, name):
    np.testing.assert_allclose(rule_laws[name, 3, 1], chain_law(WORLD, SCHEDULE, 3, 1), atol=1e-12)
    config = SampleConfig(length=3, num_steps=3, num_candidates=1, num_chains=64)
    own, mdlm = (finish(2, config, tuple(by_name(sampler, WORLD, config))).x_0 for sampler in (name, "mdlm"))
    assert torch.equal(own, mdlm)


def test_the_laws_differ_enough_to_be_told_apart(rule_laws):
    distance = {(a, b): total_variation(rule_laws[a, 2, 2], rule_laws[b, 2, 2]) for a, b in combinations(RULES, 2)}
    assert min(distance.values()) > 0.003
    for pair in (("edlm", "i-sir"), ("i-sir", "edlm-mh"), ("i-sir", "block")):
        assert p_value(4096 * rule_laws[pair[0], 2, 2], rule_laws[pair[1], 2, 2]) < 1e-3


@pytest.mark.parametrize("name", ["i-sir", "edlm-mh"])
@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("x_t", [(2, 2, 2), (2, 0, 2), (1, 2, 2)])
def test_what_keeps_the_last_text_leaves_the_target_invariant(name, K, x_t):
    chain = Chain(WORLD, K)
    rule, rows = getattr(chain, RULES[name]), WORLD.completions(x_t)
    texts = [tuple(x) for x in WORLD.sequences[rows].tolist()]
    target = WORLD.joint[rows] / WORLD.joint[rows].sum()
    kernel = np.array(
        [[law.get(y, 0.0) for y in texts] for x in texts for law in [law_of(lambda draw, x=x: rule(draw, x_t, [], x))]]
    )
    np.testing.assert_allclose(kernel.sum(1), 1, atol=1e-12)
    np.testing.assert_allclose(target @ kernel, target, atol=1e-12)


def test_a_fresh_draw_instead_does_not():
    chain = Chain(WORLD, 2)
    law = law_of(lambda draw: chain.edlm(draw, (2, 2, 2), [], None))
    assert total_variation(np.array([law[tuple(x)] for x in WORLD.sequences.tolist()]), WORLD.joint) > 0.05


# ── orders and timetables ────────────────────────────────────────────────────────
@pytest.mark.parametrize("order", ["confidence", "entropy"])
def test_the_orders_of_other_papers_draw_from_their_exact_law(order):
    chain = Chain(FOUR, 1)
    law = mean_over_schedules(lambda at: step_by_step(chain, chain.edlm, at, 2, order), FOUR, 2)
    config = SampleConfig(length=4, num_steps=2, num_candidates=1, num_chains=1024)
    seen = counts(lambda c: by_name(order, FOUR, c), FOUR, config)
    assert p_value(seen, law) > 1e-3
    assert p_value(4096 * law, chain_law(FOUR, SCHEDULE, 2, 1)) < 1e-3


@pytest.mark.parametrize("steps", [2, 4])
def test_remasking_draws_from_its_exact_law(steps):
    law = remask_law(WORLD, steps, REMASKING)
    config = SampleConfig(length=3, num_steps=steps, num_candidates=1, num_chains=1024)
    seen = counts(lambda c: by_name("remask", WORLD, c), WORLD, config)
    assert p_value(seen, law) > 1e-3
    np.testing.assert_allclose(remask_law(WORLD, steps, 0.0), chain_law(WORLD, SCHEDULE, steps, 1), atol=1e-12)


# ── predictor and corrector ──────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["gibbs", "corrector"])
@pytest.mark.parametrize(("steps", "first"), [(3, 2), (6, 4)])
def test_the_correctors_draw_from_their_exact_law(name, steps, first):
    law = corrector_law(Chain(FOUR, 2), steps, AHEAD if name == "corrector" else None, first)
    config = SampleConfig(length=4, num_steps=steps, num_candidates=2, num_chains=1024, reveal="dilated")
    seen = counts(lambda c: by_name(name, FOUR, c), FOUR, config)
    assert p_value(seen, law) > 1e-3


def test_gibbs_steps_leave_the_world_invariant_whichever_positions_they_take():
    chain = Chain(FOUR, 3)
    for turn in ([0, 2], [1, 3], [2], [0, 1, 2, 3]):
        after = np.zeros(16)
        for x, p in zip(FOUR.sequences.tolist(), FOUR.joint, strict=True):
            x_t = tuple(2 if i in turn else v for i, v in enumerate(x))
            for y, share in law_of(lambda draw, x_t=x_t, x=tuple(x): chain.i_sir(draw, x_t, [], x)).items():
                after[int("".join(map(str, y)), 2)] += p * share
        np.testing.assert_allclose(after, FOUR.joint, atol=1e-12)


@pytest.mark.parametrize("name", ["gibbs", "corrector"])
@pytest.mark.parametrize("changes", [{"num_candidates": 1}, {"num_steps": 1}, {"window": (0.9, 1.0)}])
def test_a_corrector_without_anything_to_correct_with_is_edlm(name, changes):
    config = replace(SampleConfig(length=4, num_steps=6, num_candidates=3, num_chains=64), **changes)
    models = ExactDenoiser(FOUR), ExactEnergy(FOUR), SCHEDULE, config
    own = finish(2, config, tuple(by_name(name, FOUR, config))).x_0
    assert torch.equal(own, finish(2, config, tuple(sample_steps(*models))).x_0)


def test_each_corrector_step_masks_only_what_the_model_wrote():
    x_T = torch.tensor([[2, 1, 2, 2], [0, 2, 2, 2]])
    config = SampleConfig(length=4, num_steps=6, num_candidates=3, num_chains=2)
    for name in ("gibbs", "corrector"):
        for record in by_name(name, FOUR, config, x_T=x_T):
            fixed = x_T[record.chains] != 2
            assert torch.equal(record.x_s[fixed], x_T[record.chains][fixed])
            assert torch.equal(record.x_t[fixed], x_T[record.chains][fixed])


# ── particles ────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def smc_law():
    """Of (text, estimate of Z), K = 2 particles, two steps, over all schedules of a world of two words."""
    world = random_world(2, 2, 0.4, seed=7)
    law = {}
    for at in over_schedules(2, 2):
        for outcome, p in law_of(smc_program(Chain(world, 2), at)).items():
            law[outcome] = law.get(outcome, 0.0) + p / 4
    return world, law


def test_the_estimate_of_z_is_unbiased_exactly(smc_law):
    _, law = smc_law
    assert sum(law.values()) == pytest.approx(1, abs=1e-12)
    assert sum(p * z for (_, z), p in law.items()) == pytest.approx(1, abs=1e-9)


def test_weighted_by_it_the_texts_have_the_worlds_law_exactly(smc_law):
    world, law = smc_law
    joint = np.zeros(4)
    for (x, z), p in law.items():
        joint[2 * x[0] + x[1]] += p * z
    np.testing.assert_allclose(joint, world.joint, atol=1e-9)


def test_particles_draw_from_their_exact_law(smc_law):
    world, law = smc_law
    texts = np.zeros(4)
    for (x, _), p in law.items():
        texts[2 * x[0] + x[1]] += p
    config = SampleConfig(length=2, num_steps=2, num_candidates=2, num_chains=1024)
    seen = counts(lambda c: smc_steps(ExactDenoiser(world), ExactLanguageModel(world), SCHEDULE, c), world, config)
    assert p_value(seen, texts) > 1e-3


def test_the_samplers_estimates_of_z_are_those_of_its_twin(smc_law):
    world, law = smc_law
    config = SampleConfig(length=2, num_steps=2, num_candidates=2, num_chains=1024)
    last = {}
    for record in smc_steps(ExactDenoiser(world), ExactLanguageModel(world), SCHEDULE, config):
        last |= dict(zip(record.chains.tolist(), record.weights.log_mean.exp().tolist(), strict=True))
    ours, twins = np.array(list(last.values())), {z for _, z in law}
    assert {round(z, 6) for z in ours} <= {round(z, 6) for z in twins}
    assert abs(ours.mean() - 1) < 4 * ours.std() / 32


# ── speculative ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("K", [1, 2, 3])
def test_the_twin_of_speculative_has_the_worlds_law_exactly(K):
    law = law_of(speculative_program(Chain(WORLD if K < 3 else random_world(2, 2, 0.4, seed=7), K)))
    world = WORLD if K < 3 else random_world(2, 2, 0.4, seed=7)
    np.testing.assert_allclose([law.get(tuple(x), 0.0) for x in world.sequences.tolist()], world.joint, atol=1e-12)


@pytest.mark.parametrize("K", [1, 4])
def test_speculative_writes_what_the_language_model_would(K):
    config = SampleConfig(length=3, num_candidates=K, num_chains=1024)
    seen = counts(lambda c: speculative_steps(ExactDenoiser(WORLD), ExactLanguageModel(WORLD), c), WORLD, config)
    assert p_value(seen, WORLD.joint) > 1e-3


# ── batches and adaptive K ───────────────────────────────────────────────────────
def every_sampler(world, config):
    return {name: by_name(name, world, config) for name, spec in SAMPLERS.items() if spec.denoises}


@pytest.mark.parametrize("adaptive", [False, True])
def test_a_chain_of_any_sampler_writes_the_same_whatever_else_is_in_the_batch(adaptive):
    config = SampleConfig(length=4, num_steps=6, num_candidates=3, num_chains=5, seed=20, adaptive=adaptive)
    for name, steps in every_sampler(FOUR, config).items():
        together = finish(2, config, tuple(steps)).x_0
        for b in range(5):
            one = replace(config, num_chains=1, seed=20 + b)
            alone = finish(2, one, tuple(every_sampler(FOUR, one)[name])).x_0[0]
            assert torch.equal(together[b], alone), name


def test_adaptive_candidates_are_no_more_than_there_are_likely_texts_and_leave_the_law_of_each_state():
    config = SampleConfig(length=4, num_steps=4, num_candidates=8, num_chains=64, adaptive=True)
    seen = set()
    for record in sample_steps(ExactDenoiser(FOUR), ExactEnergy(FOUR), SCHEDULE, config):
        for n, x_t in enumerate(record.x_t.tolist()):
            q = FOUR.marginals(tuple(x_t))[[v == 2 for v in x_t]]
            entropy = -(q * np.log(np.where(q > 0, q, 1))).sum()
            allowed = min(8, max(1, int(np.ceil(np.exp(entropy) - 1e-9))))
            assert int(record.energy[n].isfinite().sum()) == allowed
            assert record.chosen[n] < allowed
            seen.add(allowed)
    assert len(seen) > 2


def test_an_energy_of_another_vocabulary_is_refused_naming_both():
    other = ExactEnergy(random_world(3, 2, 0.5, seed=0))
    with pytest.raises(ValueError, match="expected 2 tokens, as the denoiser has, got 3"):
        next(sample_steps(ExactDenoiser(WORLD), other, SCHEDULE, SampleConfig(length=3)))


# ── the table ────────────────────────────────────────────────────────────────────
def test_every_sampler_of_the_catalogue_has_one_row_of_code_and_no_other_has():
    assert list(samplers.STEPS) == list(SAMPLERS)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_branch_is_taken_by_those_that_the_catalogue_says_and_refused_by_the_others(name):
    config = SampleConfig(length=4, num_steps=4, num_candidates=2)
    branch = Branch(2, torch.full((4,), 2))
    if SAMPLERS[name].branchable:
        assert (finish(2, config, tuple(by_name(name, FOUR, config, branch=branch))).x_0 < 2).all()
    else:
        with pytest.raises(Refusal, match=f"branch: expected a run of mdlm, edlm, .*, got {name}: it does not follow"):
            by_name(name, FOUR, config, branch=branch)


@pytest.mark.parametrize("name", [name for name, spec in SAMPLERS.items() if not spec.asks_energy and spec.denoises])
def test_a_sampler_that_asks_no_energy_runs_without_one(name):
    config = SampleConfig(length=4, num_steps=4, num_candidates=3)
    steps = samplers.steps_of(name, ExactDenoiser(FOUR), None, None, SCHEDULE, config)
    assert torch.equal(finish(2, config, tuple(steps)).x_0, finish(2, config, tuple(by_name(name, FOUR, config))).x_0)
