"""The card's figures: paired by seed, in the same order whatever the batch, likelihoods against the definition."""

import math

import pytest
import torch

from edlm_core import evaluation, metrics
from edlm_core.checkpoints import load_model
from edlm_core.config import Request, SampleConfig
from edlm_core.evaluation import effect, likelihood, sample_many
from edlm_core.runs import run


def test_many_texts_are_the_texts_of_their_seeds(monkeypatch):
    monkeypatch.setattr(evaluation, "CHAINS", 3)  # 5 = 3 + 2: the seam falls inside
    tales = load_model("tales", dtype=torch.float32)  # bf16 rounds differently at another batch size
    x_0, _ = sample_many(tales, Request("mdlm", "none", SampleConfig(length=12, num_steps=3, num_chains=5, seed=7)))
    for n in (0, 2, 3, 4):
        trace, _ = run(tales, Request("mdlm", "none", SampleConfig(length=12, num_steps=3, seed=7 + n)))
        assert x_0[n].tolist() == trace.x_0[0].tolist()


def test_the_difference_to_mdlm_is_paired(tales):
    settings = {"num_texts": 6, "length": 12, "steps": [3], "candidates": [4], "energies": ["ar"], "judges": ["ar"]}
    rows = list(effect(tales, **settings, reveals=["random", "dilated"], seed=0))
    assert [(r.sampler, r.steps, r.reveal) for r in rows] == [
        ("ar", 12, "–"), ("mdlm", 12, "random"), ("mdlm", 3, "random"), ("edlm", 3, "random"), ("mdlm", 3, "dilated"),
        ("edlm", 3, "dilated"),
    ]  # fmt: skip
    nll = []
    for row in rows[2:]:
        config = SampleConfig(length=12, num_steps=3, num_candidates=4, num_chains=6, reveal=row.reveal)
        x_0, _ = sample_many(tales, Request(row.sampler, "ar", config))
        nll.append(metrics.judge_nll(tales.autoregressive, x_0, torch.ones_like(x_0, dtype=torch.bool)))
    assert [bool(row.against_mdlm) for row in rows] == [False, False, False, True, True, True]
    for row, values in zip(rows[3:], nll[1:], strict=True):
        expected = metrics.mean_interval([a - b for a, b in zip(values, nll[0], strict=True)])
        assert row.against_mdlm["ar"] == pytest.approx(expected, abs=1e-4)


def test_the_autoregressive_nll_is_that_of_every_token_on_its_own(tales):
    windows = torch.randint(tales.tokenizer.vocab_size, (3, 8), generator=torch.Generator().manual_seed(0))
    total = 0.0
    for row in windows:
        for n in range(8):  # one prefix at a time: no causal mask, no batch
            prefix = torch.cat([torch.tensor([tales.tokenizer.end_of_text]), row[:n]])[None]
            logits = tales.autoregressive.network.logits(tales.autoregressive.network(prefix)[0, -1], 3968)
            total -= float(logits.log_softmax(-1)[row[n]])
    assert likelihood(tales, windows, rounds=2)["ar_nll"][0] == pytest.approx(total / 24, rel=0.02)


def test_the_nelbo_of_real_text_lies_below_that_of_scrambled_text(tales):
    text = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
    ids = torch.tensor(tales.tokenizer.encode(text))
    scrambled = ids[torch.randperm(len(ids), generator=torch.Generator().manual_seed(0))]
    good, bad = (likelihood(tales, x[None].repeat(16, 1), rounds=4)["mdlm_nelbo"] for x in (ids, scrambled))
    assert good[0] + good[1] < bad[0] - bad[1]
    assert math.isfinite(bad[0])
