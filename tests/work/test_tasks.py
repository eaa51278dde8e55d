"""Tasks are plain values: they compare, go to JSON and back, and are named by the hash of it."""

from dataclasses import FrozenInstanceError, replace

import pytest

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.settled import How
from edlm_core.refusals import Refusal
from edlm_core.work import tasks
from edlm_core.work.task import KINDS, Doing, Progress, task_id, task_json, task_of_json

REQUEST = Request("edlm", "ar", SampleConfig(window=(0.25, 0.75), seed=2**32 - 1), "Tom “saw” <b>")
AT = tasks.Place("0" * 64, 1, 3)
ALL = [
    tasks.Record("tales", (REQUEST, replace(REQUEST, sampler="mdlm")), "A title"),
    tasks.DrawPool(AT, 128),
    tasks.Substitute(AT, 2),
    tasks.Substitute(AT, 2, other=0),
    tasks.CheckSign(AT),
    tasks.CoupleText(AT),
    tasks.CoupleTexts("tales", "0123456789ab", (REQUEST, replace(REQUEST, sampler="mdlm"))),
    tasks.MeterFactorisation("tales", "0123456789ab", REQUEST, (4, 8), 3),
    tasks.RunSweep("tales", "", (REQUEST,), ("ar",)),
    tasks.MeasureCells(How("tales", "0123456789ab", "cpu", "float32", 2, ("ar",), 16), (REQUEST,), "A title", "ray"),
    tasks.MeasureSpeed("tales", (REQUEST,), ("ar",), 16),
    tasks.ScoreText("tales", "Tom “saw” <b>"),
    tasks.TakeTimesApart("tales"),
    tasks.Train('{"kind": "denoiser"}', "corpus", "model"),
    tasks.Write("tales", REQUEST, log_probs=True),
    tasks.TakeBranch(AT, draft=1),
    tasks.TakeBranch(AT, word=(4, " cat")),
]


def test_every_kind_of_task_is_tried_here():
    assert {type(task) for task in ALL} == set(KINDS.values())
    assert all(KINDS[kind].kind == kind for kind in KINDS)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.kind)
def test_a_task_comes_back_from_json_as_it_was(task):
    again = task_of_json(task_json(task))
    assert again == task
    assert hash(again) == hash(task)
    assert task_id(again) == task_id(task)
    with pytest.raises(FrozenInstanceError):
        task.kind = "other"


def test_other_settings_have_another_name_and_the_same_ones_the_same():
    assert len({task_id(task) for task in ALL}) == len(ALL)
    whole = replace(REQUEST, config=replace(REQUEST.config, temperature=1))  # 1 and 1.0 are one temperature
    assert task_id(tasks.Record("tales", (whole,))) == task_id(tasks.Record("tales", (REQUEST,)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "expected the JSON of a task"),
        (b"[1]", "expected the JSON of a task"),
        (b'{"kind": "nonsense"}', "expected one of branch, cells"),
        (b'{"kind": "pool", "count": 3}', "expected the JSON of a task"),
        (task_json(ALL[0]).replace(b'"edlm"', b'"nonsense"'), "expected one of mdlm"),
    ],
)
def test_what_is_no_task_is_refused(data, words):
    with pytest.raises(Refusal, match=words):
        task_of_json(data)


def test_a_result_is_made_when_it_is_looked_at_and_only_once():
    made = []
    progress = Progress(0.5, Doing("writing"), lambda: made.append(1) or "text")
    assert made == []
    assert (progress.result, progress.result) == ("text", "text")
    assert made == [1]
    assert Progress(0.0, Doing("loading")).result is None
