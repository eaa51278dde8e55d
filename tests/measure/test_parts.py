"""Where the time goes: every second is somebody's, and nobody has what its sampler does not do."""

from dataclasses import replace

import pytest

from edlm_core.config import Request
from edlm_core.measure.bench import parts
from edlm_core.measure.cloze_record import recorded_cloze
from edlm_core.measure.real_text import real_text
from edlm_core.measure.spent import recorded_times

SMALL = replace(parts.BASE, length=8, num_steps=3, num_candidates=2)


@pytest.mark.parametrize(
    ("sampler", "has"),
    [
        ("mdlm", {"denoiser", "draws"}),
        ("edlm", {"denoiser", "energy", "draws"}),
        ("speculative", {"denoiser", "energy", "draws"}),
        ("ar", {"energy", "draws"}),
    ],
)
def test_each_part_is_that_of_its_functions(tiny, sampler, has):
    spent = parts.spent(tiny, Request(sampler, "ar", SMALL))
    assert {name for name in ("denoiser", "energy", "draws") if getattr(spent, name) > 0} == has
    assert spent.denoiser + spent.energy + spent.draws < spent.seconds
    assert spent.denoiser + spent.energy + spent.draws + spent.rest == pytest.approx(spent.seconds)


def test_one_thing_grows_at_a_time():
    base, varied = parts.BASE, [request.config for request in parts.requests()[len(parts.COMPARED) :]]
    assert all(
        sum(
            getattr(config, name) != getattr(base, name)
            for name in ("length", "num_steps", "num_candidates", "num_chains")
        )
        == 1
        for config in varied
    )


def test_what_was_recorded_can_be_read():
    times, answers, real = recorded_times(), recorded_cloze(), real_text("tales")
    assert {one.sampler for one in times.parts} == set(parts.COMPARED)
    assert len(times.parts) == len(parts.requests())
    assert answers.templates >= 200
    assert [row.sampler for row in answers.rows] == ["mdlm", "edlm", "corrector", "ar"]
    assert set(answers.rows[0].levels) == {1, 2, 3}
    assert set(real.judge_nll) == {"smollm2", "ar"}
    assert real_text("another") is None
