"""A draw depends on what it decides and on nothing else."""

import itertools

import numpy as np
import pytest
import torch

from edlm_core.method.noise import CHOICE, REVEAL, TOKENS, uniforms
from tests.goodness import p_value


def test_more_rows_keep_the_rows_there_were():
    assert torch.equal(uniforms(3, TOKENS, 5, (2, 7)), uniforms(3, TOKENS, 5, (9, 7))[:2])


def test_every_part_of_the_address_leads_to_another_stream():
    addresses = itertools.product((0, 1, 2**32 - 1, 2**32 + 5), (REVEAL, TOKENS, CHOICE), (0, 1, 1023))
    firsts = [float(uniforms(*address, ())) for address in addresses]
    assert len(set(firsts)) == len(firsts) == 36


def test_the_same_address_leads_to_the_same_numbers_on_every_machine():
    expected = [0.014067035665647709, 0.6073659924129827, 0.8806353521099166]
    assert [float(uniforms(0, purpose, 0, ())) for purpose in (REVEAL, TOKENS, CHOICE)] == expected


def test_numbers_are_float64_in_the_unit_interval():
    u = uniforms(0, TOKENS, 0, (10_000,))
    assert u.dtype == torch.float64
    assert 0 <= u.min() < u.max() < 1
    assert (u * 2**32 % 1 != 0).float().mean() > 0.99  # more than 32 random bits


def test_no_global_generator_is_read_or_moved():
    torch.manual_seed(0)
    np.random.seed(0)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = uniforms(1, TOKENS, 2, (5,))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    torch.manual_seed(99)
    assert torch.equal(first, uniforms(1, TOKENS, 2, (5,)))


@pytest.mark.parametrize("vary", ["seed", "step"])
def test_neighbouring_streams_are_independent(vary):
    pick = {"seed": lambda n: (n, TOKENS, 0), "step": lambda n: (0, TOKENS, n)}[vary]
    u = np.array([float(uniforms(*pick(n), ())) for n in range(8001)])
    cell = (u * 4).astype(int)
    pairs = np.bincount(4 * cell[:-1] + cell[1:], minlength=16)
    assert p_value(pairs, np.full(16, 1 / 16)) > 1e-3
