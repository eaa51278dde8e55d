"""A branch keeps its parent's schedule and noise, and differs where it was made to."""

import numpy as np
import pytest
import torch
from msgspec import structs

from edlm_core.config import Request, SampleConfig
from edlm_core.method.sampling import Branch, sample_steps
from edlm_core.runs.branches import BranchRecording, Split, one_token, with_candidate, with_token
from edlm_core.runs.recording import Recording
from edlm_core.runs.run_file import lane_array, load_run, save_run
from edlm_core.runs.steps import energy_by_name, generate, x_T_of

PROMPT = "Tom ___ ___ ran"


def request(reveal="random", **more):
    return Request(
        "edlm", "ar", SampleConfig(length=14, num_steps=5, num_candidates=4, reveal=reveal, seed=3, **more), PROMPT
    )


def record(model, asked):
    recording = Recording(model, [asked], "parent")
    list(recording.steps())
    return load_run(save_run(recording.result()))


def branch(model, parent, asked, split):
    work = BranchRecording(model, parent, 0, asked, split)
    shares = list(work.steps())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    return load_run(save_run(work.result()))


def ids(run_file, lane, name="x"):
    return np.array(run_file.token_ids)[lane_array(run_file.lanes[lane], name)]


def steps_from(model, asked, at):
    return list(
        sample_steps(
            model.denoiser,
            energy_by_name(model, "ar"),
            model.schedule,
            asked.config,
            x_T=x_T_of(model, asked),
            branch=at,
        )
    )


# ── in the sampler ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("reveal", ["random", "dilated"])
@pytest.mark.parametrize("chains", [1, 3])
def test_from_the_parents_own_state_the_rest_of_the_run_comes_out_again(tiny, reveal, chains):
    asked = request(reveal, num_chains=chains)
    parent = generate(tiny, asked)[0].steps
    for record in parent:
        if len(record.chains) < chains:
            continue
        for b, n in enumerate(record.step.tolist()):
            later = [
                (r.step[list(r.chains).index(b)], r.x_s[list(r.chains).index(b)])
                for r in parent
                if b in r.chains.tolist() and int(r.step[r.chains.tolist().index(b)]) >= n
            ]
            again = [
                (r.step[r.chains.tolist().index(b)], r.x_s[r.chains.tolist().index(b)])
                for r in steps_from(tiny, asked, Branch(n, record.x_t[b]))
                if b in r.chains.tolist()
            ]
            assert len(later) == len(again)
            for (step, x), (step_again, x_again) in zip(later, again, strict=True):
                assert step == step_again
                assert torch.equal(x, x_again)


def test_what_should_have_been_revealed_before_is_revealed_at_once(tiny):
    asked = request()
    parent = generate(tiny, asked)[0].steps
    third = parent[2]
    x = parent[0].x_t[0]  # nothing written yet, at the third step
    first, *rest = steps_from(tiny, asked, Branch(int(third.step), x))
    due = parent[0].revealed[0] | parent[1].revealed[0] | third.revealed[0]
    assert torch.equal(first.revealed[0], due)
    assert all(torch.equal(a.revealed, b.revealed) for a, b in zip(rest, parent[3:], strict=True))


def test_a_finished_state_has_no_steps(tiny):
    asked = request()
    trace, _ = generate(tiny, asked)
    assert steps_from(tiny, asked, Branch(2, trace.x_0[0])) == []


# ── as a run of its own ──────────────────────────────────────────────────────────
def test_taking_the_same_candidate_gives_the_same_run(tiny):
    asked = request()
    parent = record(tiny, asked)
    for n in range(parent.lanes[0].steps - 1):
        both = branch(tiny, parent, asked, with_candidate(parent, 0, n, parent.lanes[0].chosen[n]))
        for name in ("x", "candidate"):
            np.testing.assert_array_equal(ids(both, 0, name), ids(both, 1, name))
        assert both.lanes[0].chosen == both.lanes[1].chosen
        np.testing.assert_allclose(
            lane_array(both.lanes[0], "token_energy"), lane_array(both.lanes[1], "token_energy"), atol=1e-4
        )


def test_another_candidate_is_written_at_the_split_and_nothing_before_it_changes(tiny):
    asked, n = request(), 1
    parent = record(tiny, asked)
    lane = parent.lanes[0]
    k = next(k for k in range(4) if k != lane.chosen[n])
    both = branch(tiny, parent, asked, with_candidate(parent, 0, n, k))
    old, new = ids(both, 0), ids(both, 1)
    np.testing.assert_array_equal(old[: n + 1], new[: n + 1])
    written = old[n] != old[n + 1]
    np.testing.assert_array_equal(new[n + 1][written], ids(parent, 0, "candidate")[n, k][written])
    assert both.lanes[1].chosen[n] == k
    assert both.lanes[1].step == both.lanes[0].step
    np.testing.assert_array_equal(old == tiny.tokenizer.mask_id, new == tiny.tokenizer.mask_id)


def test_a_changed_word_stays(tiny):
    asked = request()
    parent = record(tiny, asked)
    token = one_token(tiny.tokenizer, " dog")
    masked = ids(parent, 0)[1] == tiny.tokenizer.mask_id
    written = int(np.flatnonzero(~masked)[-1])
    for position in (int(np.flatnonzero(masked)[0]), written):
        both = branch(tiny, parent, asked, with_token(parent, 0, 0, position, token))
        assert (ids(both, 1)[1:, position] == token).all()
        assert (ids(both, 1)[-1] != tiny.tokenizer.mask_id).all()


def test_what_cannot_be_branched_is_refused_with_the_reason(tiny):
    asked = request()
    parent = record(tiny, asked)
    last = parent.lanes[0].steps - 1
    with pytest.raises(ValueError, match="take an earlier step"):
        BranchRecording(tiny, parent, 0, asked, with_candidate(parent, 0, last, 1))
    old = structs.replace(parent, lanes=[structs.replace(parent.lanes[0], token_energy=None)])
    with pytest.raises(ValueError, match="version 2"):
        BranchRecording(tiny, old, 0, asked, Split(1, np.zeros(14)))
    with pytest.raises(ValueError, match="expected one token, got 2"):
        one_token(tiny.tokenizer, " dog dog")
