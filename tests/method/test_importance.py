"""Weights and their measures against closed forms; the choice of a candidate."""

import ast
import math
from pathlib import Path

import pytest
import torch

import edlm_core
from edlm_core.method.importance import ImportanceWeights, importance_resample

INF = math.inf


def weights(*energies, temperature=1.0):
    return ImportanceWeights.from_energy(torch.tensor([energies], dtype=torch.float64), temperature)


def test_weights_fall_with_the_energy_by_the_factor_e_per_nat():
    expected = torch.tensor([[10.0, 5.0, 2.0]], dtype=torch.float64) / 17
    torch.testing.assert_close(weights(0.0, math.log(2), math.log(5)).normalized, expected)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_temperature_divides_the_energy(temperature):
    expected = weights(1 / temperature, -2 / temperature, 0.0)
    torch.testing.assert_close(weights(1.0, -2.0, 0.0, temperature=temperature).log_w, expected.log_w)


def test_at_a_great_temperature_all_weights_are_equal():
    assert weights(3.0, -50.0, 700.0, temperature=1e12).normalized[0].tolist() == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("shift", [-1e4, 1e4])
def test_a_constant_added_to_all_energies_cancels_however_large(shift):
    expected = weights(1.0, 2.0, 4.0).normalized
    torch.testing.assert_close(weights(shift + 1, shift + 2, shift + 4).normalized, expected)


@pytest.mark.parametrize(
    ("energies", "ess"),
    [((2.0, 2.0, 2.0, 2.0), 4), ((0.0, INF, INF), 1), ((0.0, 0.0, INF), 2), ((0.0, math.log(3)), 16 / 10), ((7.0,), 1)],
)
def test_the_effective_sample_size_is_one_over_the_sum_of_squared_weights(energies, ess):
    assert float(weights(*energies).ess) == pytest.approx(ess)


def test_the_log_of_the_mean_weight_is_not_normalised():
    assert float(weights(-math.log(2), -math.log(6)).log_mean) == pytest.approx(math.log(4))
    assert float(weights(-1000.0, -1000.0).log_mean) == pytest.approx(1000)


@pytest.mark.parametrize("temperature", [1.0, 0.001, 1e9])
def test_an_infinite_energy_forbids_a_candidate_at_every_temperature(temperature):
    w = weights(INF, 2.0, INF, 2.0, temperature=temperature)
    assert w.normalized.tolist() == [[0, 0.5, 0, 0.5]]
    u = torch.linspace(0, 1 - 2**-53, 101, dtype=torch.float64)
    drawn = importance_resample(ImportanceWeights(w.log_w.expand(101, -1)), u)
    assert set(drawn.tolist()) == {1, 3}


def test_where_all_are_forbidden_the_choice_is_uniform_and_other_rows_keep_theirs():
    w = ImportanceWeights.from_energy(torch.tensor([[INF, INF], [0.0, INF]]))
    assert w.normalized.tolist() == [[0.5, 0.5], [1, 0]]


@pytest.mark.parametrize("bad", [math.nan, -INF])
def test_an_energy_that_is_no_number_or_minus_infinity_is_an_error(bad):
    with pytest.raises(FloatingPointError, match="energy model is damaged"):
        ImportanceWeights.from_energy(torch.tensor([[0.0, 1.0], [bad, 0.0]]))


@pytest.mark.parametrize(
    ("given", "kept"), [(torch.bfloat16, torch.float32), (torch.float32,) * 2, (torch.float64,) * 2]
)
def test_weights_are_float32_or_better(given, kept):
    assert ImportanceWeights.from_energy(torch.zeros(1, 3, dtype=given)).log_w.dtype == kept


def test_a_candidate_is_chosen_with_its_weight():
    w = weights(*(-torch.tensor([1e-7, 0.2, 1e-5, 0.7, 0.09998989999]).log()).tolist())
    ends = w.normalized[0].cumsum(0)
    for k in range(5):  # just inside and just outside each candidate's share of the unit interval
        for end, inside in ((ends[k] - w.normalized[0, k], 1), (ends[k], -1)):
            assert importance_resample(w, (end + inside * 1e-12).clamp(0, 1 - 2**-53)[None]).tolist() == [k]


def test_every_row_chooses_by_its_own_weights_and_uniform():
    w = ImportanceWeights(torch.tensor([[0.0, -INF, -INF], [-INF, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    assert importance_resample(w, torch.tensor([0.99, 0.6, 0.4], dtype=torch.float64)).tolist() == [0, 2, 1]


def test_the_only_minus_sign_before_an_energy_is_in_log_weights():
    """Over the syntax trees: no other negation or subtraction of something called an energy."""
    signs = []
    for path in Path(edlm_core.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
                negated = ast.unparse(node.operand)
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
                negated = ast.unparse(node.right)
            else:
                continue
            if "energ" in negated.lower():
                signs.append((path.name, negated.split(".")[0]))
    assert signs == [("boltzmann.py", "energy")]
