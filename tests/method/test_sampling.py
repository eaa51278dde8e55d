"""The sampler itself, the code that writes text, against exact laws and against a naive twin."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from edlm_core.config import SampleConfig
from edlm_core.method.autoregressive import autoregressive_steps
from edlm_core.method.energy import AutoregressiveEnergy, ZeroEnergy
from edlm_core.method.noise import CHOICE, REVEAL, TOKENS, uniforms
from edlm_core.method.sampling import finish, sample, sample_steps, start, temper
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy, chain_law, dilated_law
from edlm_core.worlds.world import World, random_world
from tests.goodness import counts_of, p_value

LOG_LINEAR = LogLinearSchedule()
WORLD = random_world(2, 3, 0.5, seed=16)
HOLED = World(np.array([0.3, 0, 0.1, 0, 0, 0.25, 0, 0.35]), 2, 3)
MASK = 2


class Square:
    """Another schedule: alpha = 1 - t^2."""

    def alpha(self, t):
        return 1 - t**2


class Counting:
    """A denoiser that counts its calls and the rows in them."""

    def __init__(self, denoiser):
        self.denoiser, self.vocab_size, self.calls, self.rows = denoiser, denoiser.vocab_size, 0, 0

    def __call__(self, x_t, t, masked):
        self.calls += 1
        self.rows += len(x_t)
        return self.denoiser(x_t, t, masked)


class Plus:
    """An energy with a function of x_t alone added: nothing that tells candidates apart."""

    def __init__(self, energy):
        self.energy, self.vocab_size = energy, energy.vocab_size

    def __call__(self, proposals, x_t, t):
        return self.energy(proposals, x_t, t) + (100 * x_t.double().sin() - 20)[:, None]


def run(config, energy=None, *, world=WORLD, schedule=LOG_LINEAR, x_T=None):
    return sample(ExactDenoiser(world), energy or ExactEnergy(world), schedule, config, x_T=x_T)


# ── the law ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("steps", "K", "options"),
    [
        (1, 1, {}),
        (3, 1, {}),  # mdlm
        (1, 4, {}),
        (2, 3, {}),  # edlm
        (2, 4, {"window": (0.6, 1.0)}),
        (2, 4, {"energy_temperature": 3.0}),
        (2, 3, {"world": HOLED}),
        (2, 3, {"schedule": Square()}),
    ],
)
def test_the_sampler_draws_from_the_exact_law(steps, K, options):
    options = dict(options)
    world, schedule = options.pop("world", WORLD), options.pop("schedule", LOG_LINEAR)
    law = chain_law(world, schedule, steps, K, **options)
    config = SampleConfig(length=3, num_steps=steps, num_candidates=K, num_chains=1024, **options)
    counts = counts_of(lambda one: run(one, world=world, schedule=schedule).x_0, config, 2)
    assert p_value(counts, law) > 1e-3


@pytest.mark.parametrize(("steps", "K"), [(2, 1), (2, 3), (5, 2)])
def test_with_dilated_steps_too(steps, K):
    law = dilated_law(WORLD, steps, K)
    config = SampleConfig(length=3, num_steps=steps, num_candidates=K, num_chains=1024, reveal="dilated")
    assert p_value(counts_of(lambda one: run(one).x_0, config, 2), law) > 1e-3
    assert p_value(law * 4096, chain_law(WORLD, LOG_LINEAR, steps, K)) < 1e-3


def test_the_test_above_would_notice_one_candidate_more_or_less():
    counts = chain_law(WORLD, LOG_LINEAR, 2, 3) * 4096
    assert p_value(counts, chain_law(WORLD, LOG_LINEAR, 2, 2)) < 1e-3
    assert p_value(counts, chain_law(WORLD, LOG_LINEAR, 2, 4)) < 1e-3


# ── token for token ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("changes", [{"num_candidates": 1}, {"window": (0.0, 0.0)}])
def test_one_candidate_or_an_empty_window_writes_what_mdlm_writes(changes):
    config = SampleConfig(length=3, num_steps=4, num_candidates=8, num_chains=64)
    mdlm = run(replace(config, num_candidates=1), ZeroEnergy(2)).x_0
    assert torch.equal(run(replace(config, **changes)).x_0, mdlm)
    assert not torch.equal(run(config).x_0, mdlm)


def test_at_a_great_energy_temperature_an_energy_writes_what_none_writes():
    config = SampleConfig(length=3, num_steps=4, num_candidates=8, num_chains=64, energy_temperature=1e12)
    assert torch.equal(run(config).x_0, run(config, ZeroEnergy(2)).x_0)


@pytest.mark.parametrize("seed", range(3))
def test_a_function_of_x_t_added_to_the_energy_changes_nothing(seed):
    config = SampleConfig(length=3, num_steps=3, num_candidates=6, num_chains=64, seed=seed)
    plain, shifted = run(config), run(config, Plus(ExactEnergy(WORLD)))
    assert torch.equal(plain.x_0, shifted.x_0)
    assert any(not torch.equal(a.energy, b.energy) for a, b in zip(plain.steps, shifted.steps, strict=True))


def naive(world, config, x_T, chain):
    """One chain, one step of the grid after another whether it reveals anything or not, in plain loops."""
    L, T, seed = world.length, config.num_steps, config.seed + chain
    x = x_T.tolist()
    order = uniforms(seed, REVEAL, 0, (L,)).tolist()

    def pick(weights, u):
        total, running = math.fsum(weights), 0.0
        for index, weight in enumerate(weights):
            running += weight
            if u * total < running:
                return index
        raise AssertionError("u was not below 1")

    for n in range(T):
        t, s = (T - n) / T, (T - n - 1) / T
        K = config.num_candidates if config.window[0] <= t <= config.window[1] else 1
        table = world.marginals(tuple(x))
        u = uniforms(seed, TOKENS, n, (K, L)).tolist()
        candidates = [
            [pick(table[i], u[k][i]) if x[i] == world.vocab_size else x[i] for i in range(L)] for k in range(K)
        ]
        weights = []
        for candidate in candidates:
            q = math.prod(table[i][candidate[i]] for i in range(L) if x[i] == world.vocab_size)
            p = world.joint[int(np.ravel_multi_index(candidate, (world.vocab_size,) * L))]
            weights.append((p / q) ** (1 / config.energy_temperature) if K > 1 else 1.0)
        chosen = candidates[pick(weights, float(uniforms(seed, CHOICE, n, ())))]
        for i in range(L):
            if x[i] == world.vocab_size and 1 - order[i] > s:
                x[i] = chosen[i]
    return x


TEMPLATES = [[[MASK] * 3], [[MASK, 1, MASK], [0, MASK, MASK], [MASK, MASK, MASK], [1, 1, MASK]]]


@pytest.mark.parametrize("template", TEMPLATES, ids=["free", "fixed"])
@pytest.mark.parametrize(
    ("steps", "K", "options"),
    [(1, 4, {}), (5, 1, {}), (5, 4, {}), (7, 3, {"window": (0.3, 0.8)}), (40, 4, {"energy_temperature": 0.5})],
)
def test_the_sampler_writes_what_a_naive_loop_over_the_grid_writes(template, steps, K, options):
    x_T = torch.tensor(template * (16 // len(template)))
    config = SampleConfig(length=3, num_steps=steps, num_candidates=K, num_chains=16, seed=9, **options)
    expected = [naive(WORLD, config, x_T[chain], chain) for chain in range(16)]
    assert run(config, x_T=x_T).x_0.tolist() == expected


def test_the_first_candidates_are_the_same_at_every_k():
    config = SampleConfig(length=3, num_steps=3, num_chains=16)
    few, many = (run(replace(config, num_candidates=K)).steps[0].proposals.x_0 for K in (3, 8))
    assert torch.equal(few, many[:, :3])


# ── batches ──────────────────────────────────────────────────────────────────────
def samplers(model, config, x_T):
    none, plain = ZeroEnergy(model.tokenizer.vocab_size), replace(config, num_candidates=1)
    yield sample_steps(model.denoiser, none, model.schedule, plain, x_T=x_T)
    energy = AutoregressiveEnergy(model.autoregressive)
    yield sample_steps(model.denoiser, energy, model.schedule, config, x_T=x_T)
    yield autoregressive_steps(model.autoregressive, config, x_T=x_T)


@pytest.mark.parametrize("K", [1, 4])
@pytest.mark.parametrize("window", [(0.0, 1.0), (0.5, 1.0)])
def test_a_chain_writes_the_same_whatever_else_is_in_the_batch(K, window):
    rows = torch.tensor([[2, 2, 2], [2, 1, 2], [0, 2, 2], [2, 2, 1], [2, 2, 2]])
    config = SampleConfig(length=3, num_steps=4, num_candidates=K, num_chains=5, window=window, seed=11)
    together = run(config, x_T=rows).x_0
    for b in range(5):
        alone = run(replace(config, num_chains=1, seed=11 + b), x_T=rows[b]).x_0[0]
        assert torch.equal(together[b], alone)
    fewer = run(replace(config, num_chains=3, seed=12), x_T=rows[1:4]).x_0
    assert torch.equal(together[1:4], fewer)
    others = rows.clone()
    others[[0, 2, 4]] = torch.tensor([1, 2, 0])
    assert torch.equal(run(config, x_T=others).x_0[[1, 3]], together[[1, 3]])


def test_a_chain_of_a_trained_model_writes_the_same_whatever_else_is_in_the_batch(tales32):
    config = SampleConfig(length=8, num_steps=3, num_candidates=4, num_chains=3, seed=3)
    x_T = torch.full((3, 8), tales32.tokenizer.mask_id)
    x_T[1, :3] = torch.tensor(tales32.tokenizer.encode("Once upon a"))
    for n, steps in enumerate(samplers(tales32, config, x_T)):
        together = finish(tales32.tokenizer.vocab_size, config, tuple(steps), x_T=x_T).x_0
        for b in range(3):
            one = replace(config, num_chains=1, seed=3 + b)
            steps = tuple(list(samplers(tales32, one, x_T[[b]]))[n])
            assert finish(tales32.tokenizer.vocab_size, one, steps, x_T=x_T[[b]]).x_0.tolist() == [together[b].tolist()]


@pytest.mark.parametrize("B", [1, 7, 64])
def test_a_chain_costs_one_denoiser_row_for_each_step_that_reveals_something(B):
    denoiser = Counting(ExactDenoiser(WORLD))
    config = SampleConfig(length=3, num_steps=20, num_candidates=2, num_chains=B)
    non_empty = [
        len({math.floor(20 * u) for u in uniforms(seed, REVEAL, 0, (3,)).tolist()}) for seed in range(B)
    ]  # of 20 steps, at most three reveal something
    records = list(sample_steps(denoiser, ExactEnergy(WORLD), LOG_LINEAR, config))
    assert denoiser.rows == sum(non_empty)
    assert denoiser.calls == len(records) == max(non_empty)
    assert [sum(b in r.chains for r in records) for b in range(B)] == non_empty


def test_what_is_not_asked_for_is_not_computed():
    denoiser = Counting(ExactDenoiser(WORLD))
    steps = sample_steps(denoiser, ExactEnergy(WORLD), LOG_LINEAR, SampleConfig(length=3, num_steps=50))
    assert denoiser.calls == 0
    next(steps)
    assert denoiser.calls == 1


# ── what is fixed ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fixed", [[0, 1, 2], [9, 10, 11], [0, 4, 5, 11]], ids=["prompt", "suffix", "template"])
def test_fixed_positions_never_change_and_the_rest_is_written(tiny, fixed):
    V = tiny.tokenizer.vocab_size
    config = SampleConfig(length=12, num_steps=5, num_candidates=3, num_chains=4)
    x_T = torch.full((12,), V)
    x_T[fixed] = torch.arange(len(fixed)) + 100
    for steps in samplers(tiny, config, x_T):
        records = list(steps)
        for record, x in itertools.product(records, ("x_t", "x_s")):
            assert (getattr(record, x)[:, fixed] == x_T[fixed]).all()
        for record in records:
            assert (record.proposals.x_0[..., fixed] == x_T[fixed]).all()
        x_0 = finish(V, config, tuple(records), x_T=x_T).x_0
        assert (x_0[:, fixed] == x_T[fixed]).all()
        assert x_0.max() < V


def test_where_everything_is_fixed_nothing_is_run():
    x_T = torch.tensor([0, 1, 0])
    trace = run(SampleConfig(length=3, num_chains=2), x_T=x_T)
    assert trace.steps == ()
    assert trace.x_0.tolist() == [[0, 1, 0]] * 2


def test_the_template_given_is_not_written_to():
    x_T = torch.tensor([[2, 1, 2]])
    run(SampleConfig(length=3, num_steps=2), x_T=x_T)
    assert x_T.tolist() == [[2, 1, 2]]


@pytest.mark.parametrize(
    ("x_T", "expected"),
    [
        (torch.full((4,), 2), r"shape \(3,\)"),
        (torch.full((3, 3), 2), r"or \(2, 3\)"),
        (torch.tensor([0, 3, 2]), "0 to the mask's, 2"),
        (torch.tensor([0, -1, 2]), "0 to the mask's, 2"),
    ],
)
def test_a_template_that_does_not_fit_is_refused(x_T, expected):
    with pytest.raises(ValueError, match=expected):
        start(2, SampleConfig(length=3, num_chains=2), x_T)


# ── the records ──────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def trace():
    return run(SampleConfig(length=3, num_steps=4, num_candidates=5, num_chains=32, window=(0.5, 0.75), seed=1))


def test_each_chains_records_follow_one_another_down_to_the_finished_text(trace):
    for b in range(32):
        own = [(r, r.chains.tolist().index(b)) for r in trace.steps if b in r.chains]
        states = [r.x_t[n] for r, n in own] + [trace.x_0[b]]
        assert states[0].tolist() == [MASK] * 3
        assert MASK not in states[-1]
        for (r, n), following in zip(own, states[1:], strict=True):
            assert torch.equal(r.x_s[n], following)
        times = [(float(r.t[n]), float(r.s[n]), int(r.step[n])) for r, n in own]
        assert times == sorted(times, reverse=True)
        assert all((t, s) == (1 - step / 4, 1 - (step + 1) / 4) for t, s, step in times)


def test_a_step_reveals_the_chosen_candidates_tokens_and_masks_the_rest_again(trace):
    for r in trace.steps:
        chosen = r.proposals.x_0[torch.arange(len(r.chains)), r.chosen]
        assert torch.equal(r.x_s, torch.where(r.revealed, chosen, r.x_t))
        assert torch.equal(r.revealed, (r.x_t == MASK) & (r.x_s != MASK))
        assert r.revealed.any(1).all()
        assert torch.equal(r.masked, r.x_t == MASK)


def test_the_window_with_both_its_ends_decides_who_gets_candidates(trace):
    seen = {(float(t), r.energy.shape[1]) for r in trace.steps for t in r.t}
    assert seen == {(1.0, 1), (0.75, 5), (0.5, 5), (0.25, 1)}


def test_outside_the_window_the_energy_is_not_asked(trace):
    assert all((r.energy == 0).all() for r in trace.steps if r.energy.shape[1] == 1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_energy_gets_the_log_q_of_the_law_that_was_drawn_from(temperature):
    config = SampleConfig(length=3, num_steps=2, num_candidates=64, temperature=temperature)
    record = run(config).steps[0]
    assert record.x_t.tolist() == [[MASK] * 3]
    drawn, p = record.proposals.x_0[0], torch.from_numpy(WORLD.marginals((MASK,) * 3)) ** (1 / temperature)
    log_q = (p / p.sum(-1, keepdim=True)).log()[torch.arange(3), drawn].sum(-1)
    joint = torch.from_numpy(WORLD.joint)[drawn @ torch.tensor([4, 2, 1])]
    torch.testing.assert_close(record.proposals.log_q[0], log_q)
    torch.testing.assert_close(record.energy[0], log_q - joint.log())
    torch.testing.assert_close(record.weights.log_w, -record.energy)


@pytest.mark.parametrize("temperature", [0.1, 0.7, 1.0, 5.0])
def test_tempered_marginals_are_powers_normalised(temperature):
    p = torch.tensor([[0.1, 0.6, 0.3], [0.0, 0.5, 0.5]], dtype=torch.float64)
    expected = p ** (1 / temperature)
    tempered = temper(p.log(), temperature).exp()
    torch.testing.assert_close(tempered, expected / expected.sum(-1, keepdim=True))


def test_the_loop_run_to_its_end_is_its_records_collected():
    config = SampleConfig(length=3, num_steps=4, num_chains=5)
    x_T = torch.tensor([2, 0, 2])
    trace = run(config, x_T=x_T)
    steps = tuple(sample_steps(ExactDenoiser(WORLD), ExactEnergy(WORLD), LOG_LINEAR, config, x_T=x_T))
    assert torch.equal(finish(2, config, steps, x_T=x_T).x_0, trace.x_0)
    assert trace.config == config
    assert len(trace.steps) == len(steps)
