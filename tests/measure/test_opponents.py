"""Whom a setting is held against."""

from edlm_core.measure.opponents import conditions, heard, opponent

from ..trials import planted


def one(sampler, **config):
    return planted(sampler, [3.0], 0.1, **config)[0]


def test_the_opponent_is_the_one_most_like_it_in_what_both_listen_to():
    four, sixteen = one("mdlm", num_steps=4), one("mdlm", num_steps=16)
    assert opponent(one("edlm", num_steps=16, num_candidates=4), [four, sixteen]) is sixteen
    assert opponent(one("edlm", num_steps=4), [sixteen, four]) is four
    assert opponent(one("speculative"), [four, sixteen]) is four  # it knows no T: the first
    assert opponent(one("edlm"), []) is None


def test_settings_of_two_machines_are_no_pairs():
    here = one("mdlm")
    assert conditions(here) == conditions(one("edlm", num_steps=8))
    for name in ("processor", "threads", "fingerprint", "length", "prompt"):
        assert conditions(here) != conditions(here | {name: "another"})


def test_a_sampler_is_named_by_what_it_listens_to():
    assert "num_candidates" not in heard("mdlm")
    assert heard("ar") == ("temperature",)
    assert {"num_steps", "num_candidates", "reveal", "energy"} <= set(heard("edlm"))
