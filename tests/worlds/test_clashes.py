"""Drafts of many pairs, summed up by their clashes: against the world's own laws, and against all that may be drawn."""

import itertools
import math

import numpy as np
import pytest

from edlm_core.worlds.candidates import candidate_law, expected_ess
from edlm_core.worlds.clashes import Clashes
from edlm_core.worlds.enumeration import Chain, law_of
from edlm_core.worlds.world import pairs_world

EXACT = 1e-9


def by_clashes(pairs, law):
    world = pairs_world(pairs)
    count = (world.sequences[:, 0::2] != world.sequences[:, 1::2]).sum(1)
    return np.bincount(count, law, minlength=pairs + 1)


@pytest.mark.parametrize("pairs", [1, 2, 3])
@pytest.mark.parametrize(("K", "temperature", "sign"), [(1, 1.0, 1.0), (2, 0.5, 1.0), (8, 2.0, 1.0), (64, 1.0, -1.0)])
def test_the_draft_that_is_taken_has_the_law_of_the_world_summed_up(pairs, K, temperature, sign):
    masked = (2,) * (2 * pairs)
    law = candidate_law(pairs_world(pairs), masked, K, sign=sign, energy_temperature=temperature)
    np.testing.assert_allclose(Clashes(pairs).taken(K, temperature, sign), by_clashes(pairs, law), atol=EXACT)
    np.testing.assert_allclose(Clashes(pairs).true, by_clashes(pairs, pairs_world(pairs).joint), atol=EXACT)


@pytest.mark.parametrize("K", [1, 2, 3])
def test_it_is_the_law_of_the_sampler_written_in_plain_python(K):
    chain = Chain(pairs_world(1), K)
    law = law_of(lambda draw: chain.edlm(draw, (2, 2), (0, 1), None))
    clash = sum(p for x, p in law.items() if x[0] != x[1])
    assert Clashes(1).taken(K)[1] == pytest.approx(clash, abs=EXACT)


@pytest.mark.parametrize("K", [1, 2, 3, 5])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_the_ess_in_the_mean_is_that_over_every_tuple_of_drafts(K, temperature):
    law = Clashes(2)
    w, mean = np.exp(law.log_w / temperature), 0.0
    for drawn in itertools.product(range(3), repeat=K):
        mine = w[list(drawn)]
        mean += law.drawn[list(drawn)].prod() * mine.sum() ** 2 / (mine**2).sum()
    assert law.having_a_say(K, temperature) == pytest.approx(mean, abs=1e-9)


def test_equal_weights_all_have_a_say_and_one_draft_always_has():
    assert expected_ess(np.array([0.3, 0.7]), np.zeros(2), 6) == pytest.approx(6, abs=EXACT)
    assert Clashes(9).having_a_say(1) == 1


def test_each_further_pair_takes_the_same_factor_off_what_drafts_are_worth():
    one = Clashes(1).worth
    assert one == pytest.approx(1 / (2 * 0.99**2 + 2 * 0.01**2), abs=EXACT)
    for pairs in (2, 5, 13):
        assert Clashes(pairs).worth == pytest.approx(one**pairs, rel=EXACT)
    assert Clashes(2).having_a_say(4096) / 4096 == pytest.approx(one**2, rel=2e-3)


@pytest.mark.parametrize("pairs", [1, 4, 16])
def test_a_law_is_one_and_its_log_weights_spread_with_the_root_of_the_length(pairs):
    law = Clashes(pairs)
    for K in (2, 64):
        assert law.taken(K).sum() == pytest.approx(1, abs=EXACT)
    sd = math.sqrt(law.drawn @ law.log_w**2 - (law.drawn @ law.log_w) ** 2)
    assert sd == pytest.approx(math.sqrt(pairs) / 2 * math.log(99), abs=EXACT)
