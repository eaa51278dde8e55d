"""The card's figures: paired by seed, in the same order whatever the batch, each named for what it is."""

import json
import math

import pytest
import torch

from edlm_core.__main__ import main
from edlm_core.config import Request, SampleConfig
from edlm_core.measure import evaluation
from edlm_core.measure.evaluation import effect, effect_requests, likelihoods, log_z_by_masks, sample_many
from edlm_core.measure.likelihood import nelbo_finite_k
from edlm_core.models import embeddings
from edlm_core.models.checkpoints import load_model
from edlm_core.runs import metrics
from edlm_core.runs.steps import energy_by_name, run
from edlm_core.training.corpus import Corpus, save_tokens


def test_many_texts_are_the_texts_of_their_seeds(monkeypatch):
    monkeypatch.setattr(evaluation, "CHAINS", 3)  # 5 = 3 + 2: the seam falls inside
    tales = load_model("tales", dtype=torch.float32)  # bf16 rounds differently at another batch size
    x_0, cost = sample_many(tales, Request("mdlm", "none", SampleConfig(length=12, num_steps=3, num_chains=5, seed=7)))
    for n in (0, 2, 3, 4):
        trace, _ = run(tales, Request("mdlm", "none", SampleConfig(length=12, num_steps=3, seed=7 + n)))
        assert x_0[n].tolist() == trace.x_0[0].tolist()
    assert (cost.denoiser_calls, cost.energy_calls) == (6, 0)


def plan(length=12, num=6, **grid):
    settings = {"steps": [3], "candidates": [4], "energies": ["ar"], "reveals": ["random"]} | grid
    return effect_requests(SampleConfig(length=length, num_chains=num), **settings)


def test_the_difference_to_mdlm_is_paired(tales):
    rows = list(effect(tales, plan(reveals=["random", "dilated"]), ["ar"]))
    assert [(r.sampler, r.steps, r.candidates, r.reveal) for r in rows] == [
        ("ar", 12, 1, "–"), ("mdlm", 12, 1, "random"), ("mdlm", 3, 1, "random"), ("edlm", 3, 4, "random"),
        ("mdlm", 3, 1, "dilated"), ("edlm", 3, 4, "dilated"),
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


def test_a_judge_is_marked_where_it_wrote_the_text_or_decided_it(tiny):
    rows = list(effect(tiny, plan(num=2), ["ar"], reference=torch.zeros(2, 12, dtype=torch.long)))
    assert {(row.sampler, row.self_judged) for row in rows} == {
        ("real text", ()), ("ar", ("ar",)), ("mdlm", ()), ("edlm", ("ar",)),
    }  # fmt: skip


def test_a_row_counts_the_calls_of_sixteen_texts(tiny):
    few, many = (list(effect(tiny, plan(num=num), ["ar"])) for num in (16, 32))
    assert [row.denoiser_calls for row in few] == pytest.approx([12, 8, 3, 3], abs=1.5)
    assert [row.energy_calls for row in few] == [0, 0, 0, few[3].denoiser_calls]
    assert [row.denoiser_calls for row in many] == pytest.approx([row.denoiser_calls for row in few], abs=1.5)


def test_the_measures_of_a_row_are_those_of_its_texts(tiny):
    """Two real texts, known beforehand; a stand-in for the embedder gives every sentence one of two directions."""

    def embed(sentences):
        return torch.tensor([[1.0, 0] if "dog" in s else [0.6, 0.8] for s in sentences])

    texts = ["Tom saw a dog. The cat ran home.", "Tom saw a cat. He ran and ran. The"]
    ids = [tiny.tokenizer.encode(text) for text in texts]
    size = max(map(len, ids))
    ids = [row + tiny.tokenizer.encode(" dog") * (size - len(row)) for row in ids]
    row = next(effect(tiny, [], ["ar"], reference=torch.tensor(ids), embed=embed))
    decoded = [tiny.tokenizer.decode(x) for x in ids]
    assert (row.sampler, row.texts) == ("real text", 2)
    assert row.distinct_2 == metrics.distinct_n(decoded, 2)
    assert row.similarity == metrics.mean_interval([metrics.sentence_similarity(t, embed) for t in decoded])
    assert row.repeated_words[0] == pytest.approx(sum(map(metrics.repeated_words, decoded)) / 2)
    assert row.entropy[0] == pytest.approx(sum(map(metrics.token_entropy, ids)) / 2)


def test_without_an_embedder_or_neighbouring_sentences_there_is_no_similarity(tiny):
    ids = torch.tensor([tiny.tokenizer.encode("Tom saw a dog")] * 2)
    assert next(effect(tiny, [], ["ar"], reference=ids)).similarity is None
    assert next(effect(tiny, [], ["ar"], reference=ids, embed=lambda s: torch.ones(len(s), 1))).similarity is None
    ids[1, 1] = tiny.tokenizer.encode(".")[0]  # one text of two sentences has a figure and no interval
    assert next(effect(tiny, [], ["ar"], reference=ids, embed=lambda s: torch.ones(len(s), 1))).similarity is None


# ── likelihood ───────────────────────────────────────────────────────────────────
def test_likelihoods_are_named_and_the_difference_of_the_bounds_is_paired(tales32):
    windows = torch.randint(tales32.tokenizer.vocab_size, (4, 12), generator=torch.Generator().manual_seed(0))
    configs = [SampleConfig(length=12, num_steps=2, num_candidates=K) for K in (2, 4)]
    figures = likelihoods(tales32, windows, ["ar"], configs, z_draws=4)
    kinds = (figures.ar_nll.kind, figures.mdlm_nelbo.kind, figures.paper_formula["ar"].nll.kind)
    assert kinds == ("exact", "upper bound", "not a bound")
    assert [(b.energy, b.candidates) for b in figures.samplers] == [("none", 1), ("ar", 2), ("ar", 4)]
    energy = energy_by_name(tales32, "ar")
    plain, four = (
        nelbo_finite_k(tales32.denoiser, energy, tales32.schedule, SampleConfig(num_steps=2, num_candidates=K), windows)
        for K in (1, 4)
    )
    gaps = [a - b for a, b in zip(four.per_text, plain.per_text, strict=True)]
    assert figures.samplers[2].against_mdlm == pytest.approx(metrics.mean_interval(gaps), abs=1e-4)
    assert figures.samplers[0].against_mdlm is None


def test_where_everything_is_masked_log_z_is_0_and_lies_below_the_end_with_a_draw_from_the_target(tales32):
    ends = list(log_z_by_masks(tales32, "ar", num_texts=4, length=12, draws=8, seed=0))
    assert [end.masked for end in ends] == [2, 6, 8, 12]
    assert ends[-1].log_z.lower[0] < 0 < ends[-1].log_z.with_target[0]
    spread = [end.log_z.sd_log_w[0] for end in ends]
    assert spread == sorted(spread)
    assert ends[-1].log_z.upper_is == "estimate"


# ── the command ──────────────────────────────────────────────────────────────────
SMALL = ["--num", "2", "--length", "8", "--steps", "2", "--candidates", "2", "--draws", "4", "--judge", "ar"]


@pytest.fixture
def command(tiny_folder, capsys):
    def call(*arguments):
        main(["evaluate", "--model", str(tiny_folder), *SMALL, *arguments])
        return capsys.readouterr().out

    return call


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokens")
    tokens = torch.randint(200, (300,), generator=torch.Generator().manual_seed(0))
    split = Corpus(tokens, torch.arange(100), torch.arange(0, 100, 10))
    save_tokens(folder / "tokens.safetensors", {"train": split, "valid": split})
    return folder


def test_without_a_corpus_the_command_says_what_it_leaves_out_and_prints_the_rest(command, monkeypatch):
    monkeypatch.setattr(embeddings, "is_available", lambda: False)
    answer = json.loads(command("--json"))
    assert answer["likelihood"] is None
    assert set(answer["left_out"]) == {"likelihood", "similarity"}
    assert "--data" in answer["left_out"]["likelihood"]
    assert [row["sampler"] for row in answer["effect"]] == ["ar", "mdlm", "mdlm", "edlm"]
    assert [row["similarity"] for row in answer["effect"]] == [None] * 4
    assert [end["masked"] for end in answer["log_z"]] == [2, 4, 8]


def test_with_a_corpus_every_likelihood_says_what_it_is(command, corpus):
    answer = json.loads(command("--json", "--data", str(corpus), "--windows", "3"))
    figures = answer["likelihood"]
    assert figures["ar_nll"].keys() == {"kind", "mean", "over_texts", "over_draws", "texts", "draws"}
    assert figures["ar_nll"]["kind"] == "exact"
    assert figures["ar_nll"]["texts"] == 3
    assert figures["paper_formula"]["ar"]["nll"]["kind"] == "not a bound"
    assert figures["paper_formula"]["ar"]["log_z"]["draws"] == 4
    bounds = [(b["candidates"], b["nelbo_finite_k"]["kind"]) for b in figures["samplers"]]
    assert bounds == [(1, "upper bound"), (2, "upper bound")]
    assert answer["effect"][0]["sampler"] == "real text"
    assert all(math.isfinite(row["judge_nll"]["ar"][1]) for row in answer["effect"])


def test_without_json_it_is_tables(command, corpus):
    lines = command("--data", str(corpus), "--windows", "2").splitlines()
    assert sum(line.startswith("| ---") for line in lines) == 4
    widths = [line.count("|") for line in lines if line.startswith("|")]
    assert len(set(widths)) == 3  # likelihood; log Z, twice; the effect
    assert any(line.startswith("| paper formula, ar | not a bound") for line in lines)
    assert not [line for line in command().splitlines() if "paper formula" in line]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--num", "1"], "num: expected a whole number from 2"),
        (["--windows", "1"], "windows: expected a whole number from 2"),
        (["--draws", "1"], "draws: expected a whole number from 2"),
        (["--steps", "0"], "steps: expected a whole number"),
        (["--data", "/nowhere"], "missing train.txt, valid.txt"),
    ],
)
def test_it_refuses_before_it_measures(command, capsys, arguments, reason):
    with pytest.raises(SystemExit):
        command(*arguments)
    assert reason in capsys.readouterr().err
