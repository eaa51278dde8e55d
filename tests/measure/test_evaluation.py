"""The card's figures: paired by seed, in the same order whatever the batch, each named for what it is."""

import json
import math
from dataclasses import replace

import pytest
import torch

from edlm_core.__main__ import main
from edlm_core.commands import progress
from edlm_core.config import SampleConfig
from edlm_core.measure.evaluation import likelihoods, log_z_by_masks
from edlm_core.measure.likelihood import nelbo_finite_k
from edlm_core.measure.paired import mean_interval
from edlm_core.models import embeddings
from edlm_core.runs.steps import energy_by_name
from edlm_core.training.corpus import Corpus, save_tokens


# ── likelihood ───────────────────────────────────────────────────────────────────
def test_likelihoods_are_named_and_the_difference_of_the_bounds_is_paired(tales32):
    windows = torch.randint(tales32.tokenizer.vocab_size, (4, 12), generator=torch.Generator().manual_seed(0))
    configs = [SampleConfig(length=12, num_steps=2, num_candidates=K) for K in (2, 4)]
    told = []
    figures = likelihoods(tales32, windows, ["ar"], configs, z_draws=4, tell=lambda *said: told.append(said))
    assert told == sorted(told, key=lambda said: said[0])
    assert 0 == told[0][0] < told[-1][0] < 1
    assert len({share for share, what in told if "paper formula" in what}) == 8  # within the call: its draws
    kinds = (figures.ar_nll.kind, figures.mdlm_nelbo.kind, figures.paper_formula["ar"].nll.kind)
    assert kinds == ("exact", "upper bound", "not a bound")
    assert [(b.energy, b.candidates) for b in figures.samplers] == [("none", 1), ("ar", 2), ("ar", 4)]
    energy = energy_by_name(tales32, "ar")
    plain, four = (
        nelbo_finite_k(tales32.denoiser, energy, tales32.schedule, SampleConfig(num_steps=2, num_candidates=K), windows)
        for K in (1, 4)
    )
    gaps = [a - b for a, b in zip(four.per_text, plain.per_text, strict=True)]
    assert figures.samplers[2].against_mdlm == pytest.approx(mean_interval(gaps), abs=1e-4)
    assert figures.samplers[0].against_mdlm is None


def test_where_everything_is_masked_log_z_is_0_and_lies_below_the_end_with_a_draw_from_the_target(tales32):
    ends = list(log_z_by_masks(tales32, "ar", num_texts=4, length=12, draws=8, seed=0))
    assert [end.masked for end in ends] == [2, 6, 8, 12]
    assert ends[-1].log_z.lower[0] < 0 < ends[-1].log_z.with_target[0]
    spread = [end.log_z.sd_log_w[0] for end in ends]
    assert spread == sorted(spread)
    assert ends[-1].log_z.upper_is == "estimate"


def test_log_z_does_not_depend_on_how_many_texts_are_scored_at_once_and_each_lot_is_told(tales32, monkeypatch):
    def measured():
        told = []
        texts = {"num_texts": 4, "length": 12, "draws": 8, "seed": 0}
        ends = log_z_by_masks(tales32, "ar", **texts, tell=lambda *said: told.append(said))
        return [end.log_z.jackknife[0] for end in ends], [share for share, what in told if "masked" in what]

    whole, told_once = measured()
    monkeypatch.setattr("edlm_core.measure.log_z.ROWS", 9)
    apart, told = measured()
    assert apart == pytest.approx(whole, abs=1e-4)
    assert len(told) == 4 * len(told_once)
    assert told == sorted(told)


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
    assert answer["held_out"] == "valid"
    assert all(math.isfinite(row["judge_nll"]["ar"][1]) for row in answer["effect"])


def test_what_is_held_out_is_the_test_part_where_the_corpus_has_one(command, corpus, tiny, monkeypatch):
    from edlm_core.commands import evaluate

    whole = evaluate.load_corpus(corpus, tiny.tokenizer)
    other = replace(whole["valid"], tokens=whole["valid"].tokens.flip(0))
    monkeypatch.setattr(evaluate, "load_corpus", lambda *_: whole | {"test": other})
    tested = json.loads(command("--json", "--data", str(corpus), "--windows", "3"))
    monkeypatch.setattr(evaluate, "load_corpus", lambda *_: {"valid": other})
    same = json.loads(command("--json", "--data", str(corpus), "--windows", "3"))
    assert (tested["held_out"], same["held_out"]) == ("test", "valid")
    assert tested["likelihood"] == same["likelihood"]


def test_each_stage_says_how_far_it_is_on_stderr(tiny_folder, corpus, capsys, monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", -1)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    main(["evaluate", "--model", str(tiny_folder), *SMALL, "--data", str(corpus), "--windows", "2", "--json"])
    out, err = capsys.readouterr()
    json.loads(out)
    stages = [
        "likelihood, paper formula of ar: 0%",
        "likelihood, bound of ar T=2 K=2 random: ",
        "log Z of ar, writing texts: 2%",
        "log Z of ar, 8 tokens masked: ",
        "edlm ar T=2 K=2 random: 100%",
    ]
    where = [err.find(stage) for stage in stages]
    assert where == sorted(where)
    assert where[0] == 0


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
        (["--energy", "none", "--steps", "1"], "energy: expected an energy to measure, got none"),
        (["--energy", "ar", "none"], "energy: expected an energy to measure, got none"),
        (["--seed", "4294967295"], "seed: expected seed + num of at most 4294967296, got 4294967295 + 2"),
        (["--seed", "4294967295", "--num", "17"], "seed: expected seed + num of at most 4294967296"),
        (["--data", "/nowhere"], "missing train.txt, valid.txt"),
    ],
)
def test_it_refuses_before_it_measures(command, capsys, arguments, reason):
    with pytest.raises(SystemExit):
        command(*arguments)
    assert reason in capsys.readouterr().err
