"""What a run file holds is what the sampler did, and a file that is damaged is refused."""

import base64
import json

import numpy as np
import pytest
import torch

from edlm_core.catalogue import SAMPLERS
from edlm_core.config import Request, SampleConfig
from edlm_core.refusals import Refusal
from edlm_core.runs import run_file
from edlm_core.runs.recording import Recording
from edlm_core.runs.run_file import COLUMNS, BadRun, lane_array, load_run, save_run
from edlm_core.runs.steps import Cost, generate, run_steps

CONFIG = SampleConfig(length=24, num_steps=6, num_candidates=4, seed=5)
PROMPT = 'Tom said, "___ ___" and went on'
REQUESTS = [Request(sampler, "ar", CONFIG, PROMPT) for sampler in ("mdlm", "edlm", "ar")]


@pytest.fixture(scope="module")
def recorded(tales):
    recording = Recording(tales, REQUESTS, "a title")
    shares = list(recording.steps())
    recording.measure(["ar"])
    return recording.result(), shares


@pytest.fixture(scope="module")
def file(recorded):
    return json.loads(save_run(recorded[0]))


def ids(recorded, lane, name):
    return np.array(recorded.token_ids)[lane_array(recorded.lanes[lane], name)]


def test_each_lane_ends_in_the_text_that_its_sampler_writes_alone(recorded, tales):
    for n, request in enumerate(REQUESTS):
        trace, cost = generate(tales, request)
        assert ids(recorded[0], n, "x")[-1].tolist() == trace.x_0[0].tolist()
        assert recorded[0].lanes[n].denoiser_calls == cost.denoiser_calls
        assert recorded[0].lanes[n].energy_calls == cost.energy_calls


def test_the_arrays_are_those_of_the_step_records(recorded, tales):
    lane = recorded[0].lanes[1]
    for n, record in enumerate(run_steps(tales, REQUESTS[1], Cost())):
        masked, p = record.masked[0], record.log_probs.exp()
        assert ids(recorded[0], 1, "candidate")[n].tolist() == record.proposals.x_0[0].tolist()
        torch.testing.assert_close(torch.tensor(lane_array(lane, "energy")[n]), record.energy[0].float())
        torch.testing.assert_close(torch.tensor(lane_array(lane, "weight")[n]), record.weights.normalized[0].float())
        top = p.topk(8, -1)
        assert ids(recorded[0], 1, "marginal_id")[n][masked].tolist() == top.indices.tolist()
        np.testing.assert_allclose(lane_array(lane, "marginal_p")[n][masked] / 65535, top.values, atol=1e-5)
        entropy = torch.distributions.Categorical(probs=p).entropy()
        np.testing.assert_allclose(lane_array(lane, "entropy")[n][masked] / 1000, entropy, atol=1e-3)
        assert not lane_array(lane, "entropy")[n][~masked].any()
        assert lane.chosen[n] == int(record.chosen)


def test_progress_rises_to_one_and_a_partial_run_is_a_whole_file(tales):
    recording = Recording(tales, REQUESTS[:2], "")
    shares = []
    for share in recording.steps():
        shares.append(share)
        partial = load_run(save_run(recording.result()))
        assert sum(lane.steps for lane in partial.lanes) == len(shares)
        if len(shares) == 5:
            break
    assert shares == sorted(shares)
    assert 0 < shares[-1] < 1


def test_a_finished_recording_reports_that_all_is_done(recorded):
    assert recorded[1] == sorted(recorded[1])
    assert recorded[1][-1] == pytest.approx(1)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_any_sampler_records_opens_again(tiny, sampler):
    recording = Recording(tiny, [Request(sampler, "ar", CONFIG, PROMPT)], "")
    list(recording.steps())
    recording.measure(["ar"])
    run = recording.result()
    assert run.complete
    assert load_run(save_run(run)) == run


def test_a_run_that_was_stopped_says_so_in_its_file_and_one_that_ended_does_not(tiny, recorded):
    recording = Recording(tiny, REQUESTS[:1], "")
    next(recording.steps())
    stopped = load_run(save_run(recording.result()))
    assert not stopped.complete
    assert json.loads(save_run(stopped))["complete"] is False
    assert "complete" not in json.loads(save_run(recorded[0]))


def test_an_older_file_that_ends_with_masks_was_stopped(tiny):
    recording = Recording(tiny, REQUESTS[:1], "")
    next(recording.steps())
    file = json.loads(save_run(recording.result()))
    del file["complete"]
    assert not load_run(json.dumps(file).encode()).complete


def test_what_is_recorded_is_encoded_once(tiny):
    recording = Recording(tiny, REQUESTS[:1], "")
    steps = recording.steps()
    next(steps)
    first = recording.result()
    assert recording.result() is first
    next(steps)
    assert recording.result().lanes[0].steps == first.lanes[0].steps + 1
    list(steps)
    before = recording.result()
    recording.measure([])
    measured = recording.result()
    assert measured.lanes[0].measures.keys() > before.lanes[0].measures.keys()
    assert recording.result() is measured


@pytest.mark.parametrize("title", ["a\udcff", "a" * 501])
def test_a_title_that_no_file_can_have_is_refused_before_any_work(tiny, title):
    with pytest.raises(Refusal, match="title: expected at most 500 characters"):
        Recording(tiny, REQUESTS[:1], title)


def test_a_run_that_no_page_could_open_is_not_written(recorded, monkeypatch):
    monkeypatch.setattr(run_file, "MAX_BYTES", 10_000)
    with pytest.raises(BadRun, match="expected a run file of at most"):
        save_run(recorded[0])


def test_lanes_share_the_reveal_schedule(recorded):
    mdlm, edlm = recorded[0].lanes[:2]
    mask = len(recorded[0].vocabulary) - 1
    assert mdlm.step == edlm.step
    np.testing.assert_array_equal(lane_array(mdlm, "x") == mask, lane_array(edlm, "x") == mask)


def test_a_saved_run_loads_as_it_was(recorded):
    assert load_run(save_run(recorded[0])) == recorded[0]


def test_fixed_marks_the_prompt_and_nothing_else(recorded, tales):
    fixed = np.frombuffer(base64.b64decode(recorded[0].fixed), np.uint8)
    start = ids(recorded[0], 0, "x")[0]
    assert (fixed == (start != tales.tokenizer.mask_id)).all()
    assert tales.tokenizer.decode(start[fixed == 1].tolist()) == 'Tom said, "" and went on'


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_an_array_of_the_wrong_size_is_refused(file, name):
    lane = dict(file["lanes"][0])
    lane[name] = lane[name][4:]
    with pytest.raises(BadRun, match=f"{name} does not have as many numbers as its axes S"):
        load_run(json.dumps(file | {"lanes": [lane]}).encode())


@pytest.mark.parametrize("name", ["num_steps", "length", "num_candidates"])
def test_a_size_beyond_all_limits_is_refused_at_the_door(file, name):
    """A billion steps would be drawn as a billion places of the stage's slider."""
    with pytest.raises(BadRun, match="got 1000000000"):
        load_run(json.dumps(file | {"config": file["config"] | {name: 10**9}}).encode())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"version": 3}, "version 1 or 2, got 3"),
        ({"format": "other"}, "another JSON file"),
        ({"vocabulary": []}, r"damaged one \(\$\.vocabulary: expected a length >= 1"),
        ({"lanes": []}, "damaged"),
        ({"lanes": [{}]}, r"\$\.lanes\[0\]: sampler is missing"),
        ({"fixed": "!!"}, "fixed is not base64"),
        ({"config": None}, r"\$\.config: expected the type object, got null"),
        ({"title": 3}, r"\$\.title: expected the type str, got int"),
        ({"end_of_text": 10**9}, r"\$\.end_of_text: expected a number <= 65535"),
    ],
)
def test_a_damaged_file_is_refused_with_what_is_wrong(file, change, expected):
    with pytest.raises(BadRun, match=expected):
        load_run(json.dumps(file | change).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("steps", 10**7),
        ("length", -1),
        ("candidates", True),
        ("chosen", [99] * 6),
        ("t", ["x"] * 6),
        ("measures", {"a": "b"}),
    ],
)
def test_a_lane_with_impossible_numbers_is_refused(file, field, value):
    with pytest.raises(BadRun, match="damaged"):
        load_run(json.dumps(file | {"lanes": [file["lanes"][0] | {field: value}]}).encode())


def test_indices_beyond_the_vocabulary_are_refused(file):
    lane = file["lanes"][0]
    x = np.full((lane["steps"] + 1, lane["length"]), 60_000, "<u2")
    with pytest.raises(BadRun, match="outside the vocabulary"):
        load_run(json.dumps(file | {"lanes": [lane | {"x": base64.b64encode(x.tobytes()).decode()}]}).encode())


def test_numbers_that_are_not_finite_are_refused(file):
    lane = file["lanes"][0]
    energy = np.full((lane["steps"], lane["candidates"]), np.nan, "<f4")
    with pytest.raises(BadRun, match="not finite"):
        load_run(
            json.dumps(file | {"lanes": [lane | {"energy": base64.b64encode(energy.tobytes()).decode()}]}).encode()
        )


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"[]", b"null", b"[" * 100_000, b'{"format": "edlm-run"}'])
def test_what_is_no_run_file_is_refused(data):
    with pytest.raises(BadRun):
        load_run(data)


def test_measures_say_what_the_judge_says(recorded, tales):
    from edlm_core.runs.metrics import judge_nll

    x_0 = torch.from_numpy(ids(recorded[0], 1, "x")[-1:])
    generated = torch.from_numpy(ids(recorded[0], 1, "x")[:1] == tales.tokenizer.mask_id)
    measures = recorded[0].lanes[1].measures
    assert measures["judge_nll_ar"] == pytest.approx(judge_nll(tales.autoregressive, x_0, generated)[0], abs=1e-5)
    x, first = ids(recorded[0], 1, "x"), ids(recorded[0], 1, "candidate")[:, 0]
    written = (x[:-1] == tales.tokenizer.mask_id) & (x[1:] != tales.tokenizer.mask_id)
    assert measures["changed"] == (written & (x[1:] != first)).sum() / written.sum() > 0
    assert recorded[0].lanes[0].measures["changed"] == 0
