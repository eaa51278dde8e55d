"""Whatever a folder or a prompt holds: it works, or it is refused in one line, and memory stays bounded."""

import resource
import sys

import pytest
import torch

from edlm_core.characters import unsendable
from edlm_core.config import Request, SampleConfig
from edlm_core.models.checkpoints import load_model
from edlm_core.models.prompts import condition
from edlm_core.refusals import Refusal
from edlm_core.runs.steps import generate

from .hostile import mutated, nasty_prompt

SHORT = Request("edlm", "ar", SampleConfig(length=8, num_steps=2, num_candidates=2), "Tom")


def peak_resident_bytes():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def answer(work):
    """What `work` returns, or its refusal, which has to be one line that can be sent anywhere."""
    try:
        return work()
    except Refusal as refusal:
        message = str(refusal)
        assert "\n" not in message
        assert not unsendable(message)
        assert len(message) < 2000
        return refusal


@pytest.mark.parametrize("seed", range(40))
def test_a_mutated_folder_works_or_is_refused_in_one_line(tiny_folder, tmp_path, seed):
    before = peak_resident_bytes()
    wrong = mutated(tiny_folder, tmp_path / "tiny", seed)
    done = answer(lambda: generate(load_model(str(tmp_path / "tiny"), device="cpu", dtype=torch.float32), SHORT))
    assert isinstance(done, Refusal) or done[0].x_0.shape == (1, 8), wrong
    assert peak_resident_bytes() - before < 500e6, wrong


@pytest.mark.parametrize("seed", range(100))
def test_a_nasty_prompt_is_fixed_as_it_is_or_refused_in_one_line(tiny, seed):
    prompt = nasty_prompt(seed)
    ids = answer(lambda: condition(tiny.tokenizer, prompt, 64).tolist())
    if not isinstance(ids, Refusal):
        assert not unsendable(prompt)
        fixed = tiny.tokenizer.decode([i for i in ids if i != tiny.tokenizer.mask_id])
        assert fixed.replace(" ", "") == prompt.replace("_", "").replace(" ", "")
