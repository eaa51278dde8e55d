"""What a run is said to hold against what the allocator counts; and what is refused before the first step."""

from dataclasses import replace

import pytest
import torch

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.bench.timing import peak_bytes
from edlm_core.models.checkpoints import load_model, save_network
from edlm_core.models.transformer import PairTransformer, Transformer, TransformerConfig
from edlm_core.refusals import Refusal
from edlm_core.runs import budget
from edlm_core.runs.steps import Cost, generate, run_steps

CPU = torch.device("cpu")
WITHIN = 2.5  # times the truth: a prediction is never below it, and never above this


@pytest.fixture(scope="module")
def model(tiny, tmp_path_factory):
    """Networks whose activations count beside a vocabulary of 4 k."""
    folder = tmp_path_factory.mktemp("models") / "middling"
    tiny.tokenizer.save(folder)
    V = tiny.tokenizer.vocab_size
    torch.manual_seed(0)
    for kind, inputs, build in (
        ("denoiser", V + 1, Transformer),
        ("ar", V, Transformer),
        ("energy", V + 1, PairTransformer),
    ):
        shape = TransformerConfig(inputs, 96, depth=2, heads=4, kv_heads=2, hidden=256, causal=kind == "ar")
        save_network(folder, kind, build(shape))
    return load_model(str(folder), device="cpu", dtype=torch.float32)


def request(sampler, energy, **config):
    return Request(sampler, energy, SampleConfig(**{"length": 48, "num_steps": 4} | config))


@pytest.mark.parametrize(
    "asked",
    [
        request("mdlm", "none", num_chains=8),
        request("edlm", "ar", num_chains=2, num_candidates=8),
        request("edlm", "ar", num_candidates=64),
        request("edlm", "nce", num_candidates=16),
        request("edlm", "ar+nce", num_candidates=4, temperature=0.8),
        request("edlm", "ar", num_candidates=4, adaptive=True),
        request("block", "ar", num_candidates=256, length=16),
        request("gibbs", "coar", num_chains=2, num_candidates=8),
        request("corrector", "ar", num_chains=2, num_candidates=8),
        request("smc", "ar", num_chains=2, num_candidates=8),
        request("speculative", "ar", num_chains=2, num_candidates=4),
        request("entropy", "none", num_chains=4),
        request("remask", "none", num_chains=4),
        request("ar", "none", num_chains=8),
    ],
    ids=lambda asked: f"{asked.sampler}-{asked.energy}",
)
def test_a_run_holds_no_more_than_predicted_and_not_far_less(model, asked):
    def read():
        for _ in run_steps(model, asked, Cost()):
            pass

    predicted = budget.peak_of(model, asked)  # loads the networks too
    assert predicted / WITHIN < peak_bytes(read, CPU) <= predicted


@pytest.mark.parametrize("sampler", ["mdlm", "edlm", "remask", "ar"])
def test_who_keeps_all_records_is_told_of_all_their_tables(model, sampler):
    asked = request(sampler, "ar", num_chains=4, num_steps=16, num_candidates=2)
    predicted = budget.peak_of(model, asked, keeps_records=True)
    assert predicted / WITHIN < peak_bytes(lambda: generate(model, asked), CPU) <= predicted
    assert predicted > 2 * budget.peak_of(model, asked)


# ── refused before the first step ────────────────────────────────────────────────
HUGE = request("edlm", "ar", num_chains=1024, length=1024, num_candidates=512, num_steps=1)


def free(monkeypatch, gigabytes):
    monkeypatch.setattr(budget, "free_bytes", lambda device: int(gigabytes * 1e9) + budget.RESERVE)


def test_a_run_beyond_what_is_free_is_refused_with_the_numbers_and_the_setting(model, monkeypatch):
    free(monkeypatch, 4)
    cost = Cost()
    with pytest.raises(
        Refusal, match=r"fits into the 4\.0 GB that are free, got one of about \d+\.\d GB: lower "
    ) as no:
        next(run_steps(model, HUGE, cost))
    assert cost.denoiser_calls == 0
    assert no.value.values | {"setting": "num", "most": 1} == no.value.values  # at no K and no L do 1024 texts fit
    free(monkeypatch, 0.001)
    with pytest.raises(Refusal, match="lower num, candidates and length"):
        budget.check(model, HUGE)
    free(monkeypatch, 4)
    with pytest.raises(Refusal, match="GB: lower candidates to 128"):
        budget.check(model, request("edlm", "ar", num_chains=32, length=128, num_candidates=512))


def test_the_setting_named_makes_it_fit(model, monkeypatch):
    free(monkeypatch, 1)
    fields = {"candidates": "num_candidates", "num": "num_chains", "length": "length"}
    for asked in (
        request("edlm", "ar", num_chains=32, length=128, num_candidates=512),
        request("mdlm", "none", num_chains=1024, length=64),
        request("mdlm", "none", num_chains=200, length=1024),
    ):
        with pytest.raises(Refusal) as no:
            budget.check(model, asked)
        said = {fields[no.value.values["setting"]]: no.value.values["most"]}
        budget.check(model, replace(asked, config=replace(asked.config, **said)))


def test_what_fits_is_let_through_and_worth_a_word_above_3_gb(model, monkeypatch):
    free(monkeypatch, 1000)
    modest, large = request("edlm", "ar"), request("mdlm", "none", num_chains=256, length=1024)
    budget.check(model, large)
    assert not budget.needs(model, [modest], {}).worth_a_word
    asked = budget.needs(model, [modest, large], {"denoiser": 1e-5, "ar": 1e-5})
    assert asked.worth_a_word
    assert asked.bytes == budget.peak_of(model, large)
    assert asked.seconds > 1
    assert budget.needs(model, [modest], {}).seconds is None


def test_what_a_control_group_leaves_is_all_there_is(tmp_path, monkeypatch):
    assert budget._left_by_groups(tmp_path) == []
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 150\n")
    assert budget._left_by_groups(tmp_path) == []
    (tmp_path / "memory.max").write_text("1000\n")
    assert budget._left_by_groups(tmp_path) == [450]
    (tmp_path / "memory").mkdir()
    for name, text in (("limit_in_bytes", "900"), ("usage_in_bytes", "800"), ("stat", "total_inactive_file 50")):
        (tmp_path / "memory" / f"memory.{name}").write_text(text)
    assert budget._left_by_groups(tmp_path) == [450, 150]
    assert budget.free_bytes(CPU) > 0
