"""What is asked before a sweep: how this machine would do it, and every rate that its plan needs."""

import torch

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.grid import grid
from edlm_core.measure.plan import kinds_of, plan
from edlm_core.work.sweep_task import sweep_of
from edlm_core.work.tasks import MeasureSpeed, ScoreText


class Models:
    def __init__(self, model):
        self.model = lambda name: model


def finish(task, model):
    *_before, last = task.start(Models(model))
    assert last.share == 1
    return last.result


def test_a_plan_has_all_its_rates_and_the_threads_are_given_back(tiny, tiny_folder, monkeypatch):
    monkeypatch.setattr("edlm_core.models.pretrained.is_available", lambda: False)
    monkeypatch.setenv("EDLM_THREADS", "2")
    threads = torch.get_num_threads()
    base = Request("edlm", "ar", SampleConfig(length=8, num_steps=2, num_candidates=2, num_chains=2))
    requests = grid(base, sampler=("mdlm", "edlm", "ar"))
    speed = finish(MeasureSpeed(str(tiny_folder), kinds_of(requests), (), 2), tiny)
    assert (speed.how.threads, speed.how.judges, speed.how.fingerprint) == (2, ("ar",), tiny.fingerprint)
    assert torch.get_num_threads() == threads
    told = plan(sweep_of(requests, speed.how).cells, {}, speed.how.judges, speed.rates)
    assert (told.cells, told.texts, told.kept) == (3, 6, 0)
    assert told.seconds > 0


def test_a_text_is_scored_as_a_task(tiny):
    found = finish(ScoreText("tiny", "A cat."), tiny)
    assert [one.name for one in found.figures] == ["ar", "nelbo", "mdlm", "edlm"]
