"""What a recorded sweep says of two samplers, from a planted file whose answer is known."""

import sqlite3
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.paired import wilson
from edlm_core.measure.recorded import duel
from edlm_core.measure.settled import settled

CONFIG = SampleConfig(length=64, num_steps=16, num_candidates=8)
WHERE = {"model": "tales", "fingerprint": "abc", "processor": "A processor", "device": "cpu", "dtype": "float32"}
MADE = WHERE | {"threads": 2, "batch_size": 2, "created": datetime(2026, 11, 26, tzinfo=UTC).timestamp()}


def plant(path, rows):
    columns = sorted({name for row in rows for name in row})
    file = sqlite3.connect(path)
    file.execute(f"CREATE TABLE trials ({', '.join(columns)})")
    file.executemany(f"INSERT INTO trials VALUES ({', '.join(':' + name for name in columns)})", rows)
    file.commit()
    file.close()


def rows(sampler, nll, seconds, config=CONFIG, **values):
    """A row a text, from seed 0; `seconds` is a text's, by batch of two."""
    request = settled(Request(sampler, "ar", config))
    setting = asdict(request.config) | {"sampler": request.sampler, "energy": request.energy, "prompt": request.prompt}
    setting["window_low"], setting["window_high"] = setting.pop("window")
    return [
        MADE
        | setting
        | {"seed": n, "batch": n - n % 2, "seconds": seconds[n // 2], "judge_nll_smollm2": one, "judge_nll_ar": None}
        | values
        for n, one in enumerate(nll)
    ]


@pytest.fixture
def folder(tmp_path):
    """Five pairs and a text without a partner: three are won, one is lost, one is even."""
    own = rows("corrector", [2.0, 3.0, 3.5, 4.0, 2.5, None], [4.0, 8.0, 6.0])
    other = rows("mdlm", [3.0, 3.5, 3.0, 4.0, 5.0, 1.0], [1.0, 1.0, 2.0])
    plant(tmp_path / "one.db", own + other + rows("mdlm", [9.0] * 6, [9.0] * 3, replace(CONFIG, num_steps=8)))
    return tmp_path


def test_pairs_are_counted_by_seed(folder):
    found = duel("corrector", "mdlm", replace(CONFIG, seed=77), folder=folder)
    assert (found.n, found.wins, found.share) == (5, 3, 0.6)
    assert (found.low, found.high) == wilson(3, 5) == pytest.approx((0.2307, 0.8824), abs=1e-4)
    assert found.differences == (-2.5, -1.0, -0.5, 0.0, 0.5)
    assert [found.quantile(d) for d in (-3, -1.0, -0.2, 1)] == [0, 0.4, 0.6, 1]
    lost = duel("mdlm", "corrector", CONFIG, folder=folder)
    assert (lost.n, lost.wins) == (5, 1)


def test_time_is_a_ratio_of_batches(folder):
    found = duel("corrector", "mdlm", CONFIG, folder=folder)
    assert found.ratio == 4  # of 4, 8 and 3
    assert 3 <= found.ratio_low < 4 < found.ratio_high <= 8


def test_it_says_where_it_comes_from(folder):
    found = duel("corrector", "mdlm", CONFIG, folder=folder)
    assert (found.processor, found.weights, found.date.isoformat()) == ("A processor", "abc", "2026-11-26")
    assert (found.better.config.num_candidates, found.worse.config.num_candidates) == (8, 1)
    assert (found.better.sampler, found.worse.sampler, found.batch_size, found.judge) == (
        "corrector",
        "mdlm",
        2,
        "smollm2",
    )


def test_what_was_not_recorded_is_not_answered(folder, tmp_path):
    assert duel("edlm", "mdlm", CONFIG, folder=folder) is None
    assert duel("corrector", "mdlm", replace(CONFIG, num_steps=4), folder=folder) is None
    assert duel("corrector", "mdlm", CONFIG, prompt="Tom", folder=folder) is None
    assert duel("corrector", "mdlm", CONFIG, judge="ar", folder=folder) is None
    assert duel("corrector", "mdlm", CONFIG, folder=tmp_path / "nowhere") is None


def test_the_wilson_interval_is_the_published_one():
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)
