"""What recorded sweeps say, in sentences, from planted ones."""

from datetime import date

import pytest
from msgspec.structs import replace

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.recorded import Duel
from edlm_core.runs.run_file import load_run
from pages.parts.app.cache import ASSETS
from pages.parts.watch import averages


def planted_duel():
    """Ten pairs: six are won, three lost, one is even."""
    differences = (-2.0, -1.5, -1.0, -0.8, -0.5, -0.2, 0.0, 0.4, 0.9, 1.2)
    requests = [Request(sampler, "ar", SampleConfig()) for sampler in ("corrector", "mdlm")]
    return Duel(
        10,
        6,
        0.6,
        0.31,
        0.83,
        4.41,
        4.1,
        4.84,
        differences,
        *requests,
        judge="smollm2",
        batch_size=16,
        model="tales",
        weights="abc",
        processor="A processor",
        device="cpu",
        dtype="bfloat16",
        threads=2,
        date=date(2026, 11, 26),
    )


@pytest.fixture
def run():
    return load_run((ASSETS / "runs" / "1-repair.json").read_bytes())


def judged(run, plain, own, judge="smollm2"):
    measures = [{f"judge_nll_{judge}": value} for value in (plain, own)]
    return replace(run, lanes=[replace(lane, measures=m) for lane, m in zip(run.lanes, measures, strict=True)])


def test_the_claim_has_its_interval_its_number_and_its_price():
    said = averages.claim(planted_duel())
    for part in ("On 10 texts", "60%", "31% to 83%", "4.4 times as long in batches of 16"):
        assert part in said
    where = averages.provenance(planted_duel())
    assert "T = 16, K = 8, 64 tokens" in where
    assert "16 at a time on A processor, bfloat16, 2026-11-26; nine batches in ten took 4.1 to 4.8 times" in where


def test_a_run_says_where_it_lies_among_others(run, monkeypatch):
    asked = []
    monkeypatch.setattr(averages, "duel", lambda *a, **k: asked.append((a, k)) or planted_duel())
    here, among = averages.standing(judged(run, 5.0, 4.2))
    assert "reads better than the independent one, by 0.80 nats a token (SmolLM2)" in here
    assert among == (
        "Of 10 pairs with these settings 40% came out at least as well as this one; in 30% the corrected text was the "
        "worse one."
    )
    ((own, plain, config), how) = asked[0]
    assert (own, plain, config, how["prompt"], how["judge"]) == ("edlm", "mdlm", run.config, run.prompt, "smollm2")
    here, among = averages.standing(judged(run, 4.0, 4.5, judge="ar"))
    assert "the corrected text is the worse one, by 0.50 nats a token (small autoregressive model)" in here
    assert among.startswith("That happens: of 10 pairs")


def test_nothing_is_said_of_what_was_not_measured(run):
    assert averages.standing(replace(run, lanes=run.lanes[:1])) == []
    assert averages.standing(judged(run, 5.0, 4.0, judge="other")) == []
    assert len(averages.standing(judged(run, 5.0, 4.0))) == 1  # no recorded pairs with its prompt
