"""What is settled before the first token is drawn: who is revealed when, masked again when, and run together."""

import numpy as np
import pytest
import torch

from edlm_core.config import SampleConfig
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.method.timetable import branched, remasked, reveal_schedule, scheduled, together

SCHEDULE = LogLinearSchedule()
MASKED = torch.tensor([True, False, True, True, True, False, True, True])


@pytest.mark.parametrize("reveal", ["random", "dilated"])
@pytest.mark.parametrize("seed", range(5))
def test_every_masked_position_is_revealed_once_in_order_and_no_step_is_empty(reveal, seed):
    events = scheduled(seed, MASKED, SCHEDULE, SampleConfig(length=8, num_steps=5, reveal=reveal))
    assert torch.equal(torch.stack([e.reveal for e in events]).sum(0), MASKED.long())
    assert [e.step for e in events] == sorted({e.step for e in events})
    assert all(e.reveal.any() and not e.hide.any() for e in events)
    assert [t for e in events for t in (e.t, e.s)] == [(5 - n) / 5 for e in events for n in (e.step, e.step + 1)]


def test_the_reveal_schedule_of_a_batch_is_that_of_each_chains_seed():
    config = SampleConfig(length=8, num_steps=5, num_chains=3, seed=7)
    rows = reveal_schedule(torch.stack([MASKED] * 3), SCHEDULE, config)
    for b, row in enumerate(rows):
        for event in scheduled(7 + b, MASKED, SCHEDULE, config):
            assert torch.equal(row == event.step, event.reveal)
        assert torch.equal(row == -1, ~MASKED)


@pytest.mark.parametrize("steps", [4, 10])
def test_with_remasking_as_many_are_visible_at_each_time_as_without(steps):
    """A position is visible after step n with probability alpha(s): (n + 1) / T, whatever was masked again."""
    config, L = SampleConfig(length=200, num_steps=steps), 200
    visible = np.zeros(steps)
    for seed in range(60):
        now, events = (
            torch.zeros(L, dtype=torch.bool),
            remasked(seed, torch.ones(L, dtype=torch.bool), SCHEDULE, config),
        )
        assert [e.step for e in events] == list(range(steps))  # with 200 positions none is empty
        for e in events:
            assert not (e.hide & ~now).any()  # only what is visible is masked again
            now = (now & ~e.hide) | e.reveal
            visible[e.step] += now.double().mean() / 60
        assert now.all()
    # What a step masks again is hidden before the next one, so it is counted there.
    sigma = [0.0, *(min(0.1, (1 - (n + 1) / steps) / (n / steps)) for n in range(1, steps))]
    expected = [(n + 1) / steps + sigma[n] * n / steps for n in range(steps)]
    np.testing.assert_allclose(visible, expected, atol=0.015)


def test_remasking_leaves_what_is_fixed_alone():
    for event in remasked(3, MASKED, SCHEDULE, SampleConfig(length=8, num_steps=9)):
        assert not ((event.reveal | event.hide) & ~MASKED).any()


def test_a_branch_does_at_its_step_what_was_to_be_done_before():
    events = scheduled(1, MASKED, SCHEDULE, SampleConfig(length=8, num_steps=5))
    middle = events[1].step
    left = branched(events, middle, MASKED, 5)  # nothing has been written yet
    assert torch.equal(left[0].reveal, events[0].reveal | events[1].reveal)
    assert left[0].step == middle
    assert left[1:] == events[2:]
    done = events[2].reveal
    written = branched(events, middle, MASKED & ~done & ~events[0].reveal, 5)
    assert [e.step for e in written] == [e.step for e in events if e.step >= middle and e is not events[2]]
    assert branched(events, middle, torch.zeros(8, dtype=torch.bool), 5) == []


def test_chains_run_together_by_the_number_of_their_event_and_apart_where_the_window_parts_them():
    tables = [scheduled(seed, MASKED, SCHEDULE, SampleConfig(length=8, num_steps=6)) for seed in range(4)]
    groups = list(together(tables, (0.4, 1.0)))
    seen = {b: [] for b in range(4)}
    for chains, events, inside in groups:
        assert all((0.4 <= e.t <= 1.0) == inside for e in events)
        for b, e in zip(chains, events, strict=True):
            seen[b].append(e)
    assert [seen[b] for b in range(4)] == [list(table) for table in tables]
    assert len(list(together(tables, (0.0, 1.0)))) == max(map(len, tables))
