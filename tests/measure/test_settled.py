"""Requests that write the same texts have one form, and others don't."""

from dataclasses import replace

import pytest

from edlm_core.catalogue import SAMPLERS
from edlm_core.config import Request, SampleConfig
from edlm_core.measure.settled import settled
from edlm_core.measure.trial import run_trial

CONFIG = SampleConfig(length=12, num_steps=3, num_candidates=3, window=(0.2, 1), energy_temperature=2, num_chains=2)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_it_writes_the_same_texts(tiny, sampler):
    request = Request(sampler, "ar", CONFIG)
    assert run_trial(tiny, settled(request)).ids == run_trial(tiny, request).ids
    assert settled(settled(request)) == settled(request)


def test_what_a_sampler_does_not_listen_to_tells_no_requests_apart():
    other = replace(CONFIG, num_candidates=5, window=(0, 0.5))
    assert settled(Request("mdlm", "nce", other)) == settled(Request("edlm", "none", CONFIG))
    assert settled(Request("ar", "ar", replace(CONFIG, num_steps=9))) == settled(Request("ar", "none", CONFIG))
    assert settled(Request("edlm", "ar", other)) != settled(Request("edlm", "ar", CONFIG))
