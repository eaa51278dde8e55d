"""The benchmark: its rivals sample the right law, its counts are right, and what it prints can be read."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from edlm_core.bench.published import published_steps
from edlm_core.config import SampleConfig
from edlm_core.exact import ExactDenoiser, ExactEnergy, ExactLanguageModel, chain_law, random_world
from edlm_core.sampling import sample
from edlm_core.schedules import LogLinearSchedule
from tests.goodness import p_value

WORLD = random_world(2, 3, 0.5, seed=16)
CPU = torch.device("cpu")
SHORT = SampleConfig(length=12, num_steps=6, num_candidates=3, num_chains=2)


def exact_log_probs(x_0):
    """The world's joint from left to right, every token at every position, as a network would say it."""
    tables, prefix, rows = ExactLanguageModel(WORLD).tables, torch.zeros_like(x_0[:, 0]), []
    for table, token in zip(tables, x_0.unbind(-1), strict=True):
        rows.append(table[prefix])
        prefix = prefix * WORLD.vocab_size + token
    return torch.stack(rows, 1)


def counts_of(write, config, texts):
    """How often each clean text is written by runs of config.num_chains chains."""
    counts = np.zeros(len(WORLD.joint))
    for seed in range(0, texts, config.num_chains):
        x_0 = write(replace(config, seed=seed))
        np.add.at(counts, (x_0 @ torch.tensor([4, 2, 1])).numpy(), 1)
    return counts


def by_published(config):
    *_, x_0 = published_steps(ExactDenoiser(WORLD), exact_log_probs, config)
    return x_0


def by_ours(config):
    return sample(ExactDenoiser(WORLD), ExactEnergy(WORLD), LogLinearSchedule(), config).x_0


# ── the same law, else there is no race ──────────────────────────────────────────
@pytest.mark.parametrize(
    ("steps", "K", "options"),
    [
        (1, 1, {}),
        (3, 1, {}),
        (2, 3, {}),
        (5, 2, {}),
        (4, 3, {"window": (0.6, 1.0)}),
        (2, 3, {"energy_temperature": 3.0}),
    ],
)
@pytest.mark.parametrize(("B", "texts"), [(1, 1024), (512, 4096)])
def test_the_published_step_and_ours_draw_from_the_same_exact_law(steps, K, options, B, texts):
    law = chain_law(WORLD, LogLinearSchedule(), steps, K, **options)
    config = SampleConfig(length=3, num_steps=steps, num_candidates=K, num_chains=B, **options)
    assert p_value(counts_of(by_published, config, texts), law) > 1e-3
    assert p_value(counts_of(by_ours, config, texts), law) > 1e-3


def test_the_test_above_would_notice_the_published_faults():
    law = chain_law(WORLD, LogLinearSchedule(), 2, 3)
    flipped = chain_law(WORLD, LogLinearSchedule(), 2, 3, sign=-1.0)
    without = chain_law(WORLD, LogLinearSchedule(), 2, 1)
    assert p_value(flipped * 1024, law) < 1e-3
    assert p_value(without * 1024, law) < 1e-3
