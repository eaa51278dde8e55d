"""What drawing together loses: exact in worlds that can be enumerated, and more in few steps than in many."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from edlm_core.config import Request, SampleConfig
from edlm_core.diagnosis import pools
from edlm_core.diagnosis.meter import FactorisationMeter
from edlm_core.diagnosis.together import mutual_information, together
from edlm_core.measure.grid import grid
from edlm_core.measure.sweep import sweep
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.runs import steps as runs
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy
from edlm_core.worlds.world import pairs_world, random_world
from tests.planted import coupled_world


# ── the arithmetic ───────────────────────────────────────────────────────────────
def test_mutual_information_by_hand():
    assert mutual_information(np.log([[0.5, 1e-300], [1e-300, 0.5]])) == pytest.approx(np.log(2))
    assert mutual_information(np.log(np.outer([0.2, 0.8], [0.3, 0.3, 0.4])) + 7) == pytest.approx(0, abs=1e-12)
    with np.errstate(divide="ignore"):
        assert mutual_information(np.log([[1.0, 0.0], [0.0, 1.0]])) == pytest.approx(np.log(2))


def test_the_sum_over_neighbours_never_exceeds_the_total_correlation_of_a_chain():
    for seed in range(20):
        world = random_world(2, 4, 0.5, seed)
        joint = world.joint.reshape(2, 2, 2, 2)
        marginals = world.marginals((2, 2, 2, 2))
        product = np.prod([marginals[i, world.sequences[:, i]] for i in range(4)], axis=0)
        total = (world.joint * np.log(world.joint / product)).sum()
        tables = [joint.sum(tuple(set(range(4)) - {i, i + 1})) for i in range(3)]
        assert together([np.log(t) for t in tables], [1.0] * 3, 4).correlation <= total + 1e-12


# ── in a run ─────────────────────────────────────────────────────────────────────
def measured(model, request, num_steps, seeds=1):
    first = request.config.seed
    requests = grid(request, seed=range(first, first + seeds), num_steps=num_steps)
    work = FactorisationMeter(model, sweep(model, requests))
    shares = list(work.steps())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    return work.result()


@pytest.fixture
def of_world(monkeypatch):
    """A world in the shape of a model."""

    def model(world):
        monkeypatch.setattr(runs.budget, "check", lambda *_args, **_more: None)  # a world has no network to be large
        for module in (runs, pools):
            monkeypatch.setattr(module, "energy_by_name", lambda model, name: ExactEnergy(world))
        return SimpleNamespace(
            denoiser=ExactDenoiser(world),
            schedule=LogLinearSchedule(),
            device=torch.device("cpu"),
            tokenizer=SimpleNamespace(mask_id=world.vocab_size),
        )

    return model


def conditional_information(world, x_0, i, j):
    """I(x_i; x_j) given that all else is as in x_0, by enumeration."""
    table = np.zeros((world.vocab_size,) * 2)
    for p, sequence in zip(world.joint, world.sequences, strict=True):
        if all(sequence[n] == x_0[n] for n in range(world.length) if n not in (i, j)):
            table[sequence[i], sequence[j]] += p
    table = table / table.sum()
    product = np.outer(table.sum(1), table.sum(0))
    return sum(p * np.log(p / q) for p, q in zip(table.ravel(), product.ravel(), strict=True) if p > 0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("world", [pairs_world(), coupled_world(0, 1), random_world(3, 4, 0.5, seed=2)])
def test_each_step_measures_what_enumeration_gives(of_world, world, seed):
    model = of_world(world)
    request = Request("edlm", "ar", SampleConfig(length=world.length, num_candidates=4, seed=seed))
    (found,) = measured(model, request, [2])
    config = replace(request.config, num_steps=2)
    records = list(runs.run_steps(model, replace(request, config=config), runs.Cost()))
    assert len(found.steps) == len(records)
    for (step, t, each), record in zip(found.steps, records, strict=True):
        places = record.revealed[0].nonzero()[:, 0].tolist()
        x_0 = record.proposals.x_0[0, int(record.chosen)].tolist()
        expected = sum(conditional_information(world, x_0, i, j) for i, j in itertools.pairwise(places))
        assert each.correlation == pytest.approx(expected, abs=1e-9)
        assert each.revealed == len(places)
        assert each.mass == pytest.approx(1)
        assert (step, t) == (int(record.step), float(record.t))
    assert found.total == sum(each.correlation for *_, each in found.steps)


def test_where_every_step_reveals_one_word_nothing_is_lost(tiny):
    request = Request("edlm", "ar", SampleConfig(length=8, num_candidates=4, reveal="dilated"))
    (found,) = measured(tiny, request, [8])
    assert [each.revealed for *_, each in found.steps] == [1] * 8
    assert found.total == 0


def test_real_text_loses_more_in_few_steps_than_in_many(tales):
    request = Request("edlm", "ar", SampleConfig(length=16, num_candidates=8, seed=1))
    found = measured(tales, request, [1, 16], seeds=4)
    assert [(one.num_steps, one.seed) for one in found] == [(T, seed) for seed in range(1, 5) for T in (1, 16)]
    few, many = ([one.total for one in found if one.num_steps == T] for T in (1, 16))
    assert np.mean(few) > 2 * np.mean(many)
