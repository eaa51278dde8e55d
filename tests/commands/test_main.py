"""The command line: text in, text or one JSON object out, every refusal one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from edlm_core.__main__ import main
from edlm_core.config import Request, SampleConfig
from edlm_core.models import checkpoints
from edlm_core.models.checkpoints import load_model, save_network
from edlm_core.models.tokenizer import restrict
from edlm_core.runs.metrics import repeated_words, token_entropy
from edlm_core.runs.steps import generate

SHORT = ["--length", "12", "--steps", "3", "--candidates", "3"]


@pytest.fixture
def cli(tiny_folder, capsys):
    """Run a command with the tiny model; what it printed on stdout, with nothing but `said` on stderr."""

    def call(command, *arguments, said=""):
        main([command, *(["--model", str(tiny_folder)] if command == "sample" else []), *arguments])
        out, err = capsys.readouterr()
        assert err == said
        return out

    return call


# ── refusals ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--candidates", "0"], "candidates: expected a whole number from 1 to 512, got 0"),
        (["--candidates", "513"], "got 513"),
        (["--steps", "0"], "steps: expected a whole number from 1 to 1024, got 0"),
        (["--steps", "2.5"], "invalid int value: '2.5'"),
        (["--length", "0"], "length: expected a whole number from 1 to 1024, got 0"),
        (["--num", "0"], "num: expected a whole number from 1 to 1024, got 0"),
        (["--seed", "-1"], "seed: expected a whole number"),
        (["--window", "-0.1", "1"], "window: expected 0 <= low <= high <= 1, got -0.1 1.0"),
        (["--window", "0.9", "0.1"], "got 0.9 0.1"),
        (["--window", "nan", "1"], "got nan 1.0"),
        (["--window", "0.5"], "expected 2 arguments"),
        (["--temperature", "nan"], "temperature: expected a number from 0.001 up, got nan"),
        (["--temperature", "inf"], "got inf"),
        (["--temperature", "0"], "got 0.0"),
        (["--energy-temperature", "nan"], "energy temperature: expected a number from 0.001 up, got nan"),
        (["--energy-temperature", "0"], "got 0.0"),
        (["--energy", "foo"], "energy: expected one of none, ar, coar, nce, smollm2, text:<model>, got 'foo'"),
        (["--sampler", "foo"], "invalid choice: 'foo'"),
        (["--judge", "foo"], "invalid choice: 'foo'"),
        (["--model", "nonsense"], "expected a bundled model (tales) or a folder, got 'nonsense'"),
        (["--prompt", ""], "prompt: expected some text, got none"),
        (["--prompt", "Once upon a time there was a dog", "--length", "4"], "prompt: expected at most 4 tokens"),
        (["--prompt", "a \x04 bell"], "expected text without control characters, got U+0004 END OF TRANSMISSION"),
        (["--prompt", "a \udcff byte"], "expected text without control characters, got U+DCFF"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_sample_refuses_in_one_line_with_the_reason(tiny_folder, capsys, arguments, reason):
    model = [] if "--model" in arguments else ["--model", str(tiny_folder)]
    refused(capsys, ["sample", *model, *arguments], reason)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "the following arguments are required: command"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["exact", "--steps", "0"], "steps: expected a whole number"),
        (["exact", "--candidates", "0"], "candidates: expected a whole number"),
        (["exact", "--world", "foo"], "invalid choice: 'foo'"),
        (["train", "denoiser"], "the following arguments are required: --data"),
        (["train", "denoiser", "--data", "/nowhere"], "missing train.txt, valid.txt"),
        (["train", "tokenizer", "--data", "/nowhere"], "/nowhere/train.txt"),
        (["train", "nonsense", "--data", "."], "invalid choice: 'nonsense'"),
        (["tokenize", "--data", "/nowhere", "--to", "/nowhere"], "missing train.txt, valid.txt"),
    ],
)
def test_every_command_refuses_in_one_line_with_the_reason(capsys, arguments, reason):
    refused(capsys, arguments, reason)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--minutes", "0"], "minutes: expected a positive number, got 0.0"),
        (["--minutes", "nan"], "minutes: expected a positive number, got nan"),
        (["--heads", "0"], "at least 1"),
        (["--heads", "5"], "expected 2 x heads (5) to divide width (384)"),
        (["--tokens-per-step", "10"], "tokens per step: expected at least 128"),
        (["--layers", "one"], "expected layer numbers with commas between, got 'one'"),
    ],
)
def test_train_refuses_before_it_starts(corpus_folder, tiny_folder, capsys, arguments, reason):
    settings = ["--data", str(corpus_folder), "--out", str(tiny_folder), *arguments]
    refused(capsys, ["train", "denoiser", *settings], reason)


def refused(capsys, arguments, reason):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    out, err = capsys.readouterr()
    assert stopped.value.code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert reason in err


def test_a_damaged_network_ends_in_one_line_not_in_a_traceback(tiny_folder, tmp_path, capsys):
    model = load_model(str(tiny_folder), device="cpu", dtype=torch.float32)
    model.tokenizer.save(tmp_path)
    save_network(tmp_path, "denoiser", model.denoiser.network)
    broken = model.autoregressive.network
    broken.norm.weight.fill_(torch.nan)
    save_network(tmp_path, "ar", broken)
    refused(
        capsys,
        ["sample", "--model", str(tmp_path), *SHORT],
        "ar.safetensors: expected weights from -10000 to 10000, got others, or no numbers, in norm.weight",
    )


# ── sample ───────────────────────────────────────────────────────────────────────
def test_the_same_seed_writes_the_same_text_in_another_process(cli, tiny_folder):
    arguments = [*SHORT, "--num", "2", "--seed", "7"]
    here = cli("sample", *arguments)
    done = subprocess.run(
        [sys.executable, "-m", "edlm_core", "sample", "--model", str(tiny_folder), *arguments],
        capture_output=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[2],
        check=True,
    )
    assert (done.stdout, done.stderr) == (here, "")
    assert cli("sample", *SHORT, "--num", "2", "--seed", "8") != here


@pytest.mark.parametrize("sampler", ["mdlm", "edlm", "ar"])
def test_the_json_object_holds_texts_config_and_costs(cli, tiny_folder, sampler):
    arguments = [*SHORT, "--sampler", sampler, "--num", "2", "--prompt", "Once upon a time"]
    answer = json.loads(cli("sample", *arguments, "--json"))
    assert answer.keys() == {"texts", "config", "denoiser_calls", "energy_calls", "seconds", "ess", "device"}
    assert len(answer["texts"]) == 2
    assert all(text.startswith("Once upon a time") for text in answer["texts"])
    assert (
        answer["config"].items()
        >= {
            "length": 12,
            "num_steps": 3,
            "num_candidates": 3,
            "num_chains": 2,
            "seed": 0,
            "sampler": sampler,
            "energy": "ar",
            "prompt": "Once upon a time",
            "model": "tiny",
        }.items()
    )
    assert answer["config"]["fingerprint"] == load_model(str(tiny_folder)).fingerprint
    assert 1 <= answer["denoiser_calls"] <= (8 if sampler == "ar" else 3)
    assert answer["energy_calls"] == (answer["denoiser_calls"] if sampler == "edlm" else 0)
    assert len(answer["ess"]) == answer["denoiser_calls"]
    assert all(1 <= e <= 3 for e in answer["ess"])
    assert cli("sample", *arguments).rstrip("\n") == "\n\n".join(answer["texts"])


def test_a_judge_adds_each_texts_nats_per_written_token(cli, tiny_folder):
    prompt = "Once upon a time"
    answer = json.loads(cli("sample", *SHORT, "--num", "2", "--judge", "ar", "--prompt", prompt, "--json"))
    model = load_model(str(tiny_folder))
    config = SampleConfig(length=12, num_steps=3, num_candidates=3, num_chains=2)
    x_0 = generate(model, Request("edlm", "ar", config, prompt))[0].x_0
    assert [model.tokenizer.decode(x) for x in x_0.tolist()] == answer["texts"]
    written = -model.autoregressive.token_log_probs(x_0.to(model.device))[:, len(model.tokenizer.encode(prompt)) :]
    assert answer["judge"] == "ar"
    assert answer["entropy"] == [token_entropy(row) for row in x_0.tolist()]
    assert answer["repeated_words"] == [repeated_words(text) for text in answer["texts"]]
    assert answer["judge_nll"] == pytest.approx(written.mean(-1).tolist(), rel=1e-5)


def test_text_n_is_drawn_from_seed_plus_n(cli, monkeypatch):
    monkeypatch.setattr(checkpoints, "best_dtype", lambda device: torch.float32)  # bf16 rounds by the batch's shape
    both = json.loads(cli("sample", *SHORT, "--num", "2", "--seed", "4", "--json"))["texts"]
    assert json.loads(cli("sample", *SHORT, "--seed", "5", "--json"))["texts"] == both[1:]


@pytest.mark.parametrize("arguments", [["--energy", "none"], ["--candidates", "1"], ["--window", "0", "0"]])
def test_without_an_energy_or_candidates_or_a_window_it_writes_what_mdlm_writes(cli, arguments):
    base = ["--length", "12", "--steps", "3"]
    assert cli("sample", *base, *arguments) == cli("sample", *base, "--sampler", "mdlm")


def test_blanks_are_filled_and_nothing_else_is_touched(cli):
    asked = ("sample", "--prompt", "Tom saw a ___ in the tree.", "--length", "10", "--json")
    text = json.loads(cli(*asked, said="prompt: 3 blanks found.\n"))["texts"][0]
    assert text.startswith("Tom saw a")
    assert text.endswith(" in the tree.")
    assert "▢" not in text


# ── exact ────────────────────────────────────────────────────────────────────────
def test_exact_ranks_edlm_before_mdlm_before_the_flipped_sign(cli):
    answer = json.loads(cli("exact", "--world", "pairs", "--steps", "4", "--candidates", "8", "--json"))
    assert answer["tv_edlm"] < answer["tv_mdlm"] < answer["tv_flipped_sign"]
    expected = {"tv_mdlm": 0.2275, "tv_edlm": 0.0137, "tv_flipped_sign": 0.4155}
    assert {k: answer[k] for k in expected} == pytest.approx(expected, abs=1e-4)
    assert (answer["world"], answer["steps"], answer["candidates"]) == ("pairs", 4, 8)


def test_exact_without_json_is_one_line_a_figure(cli):
    lines = cli("exact", "--world", "dirichlet", "--steps", "1", "--candidates", "2").splitlines()
    assert [line.split()[0] for line in lines[-3:]] == ["tv_mdlm", "tv_edlm", "tv_flipped_sign"]
    assert [round(float(line.split()[1]), 3) for line in lines[-3:-1]] == [0.567, 0.388]


# ── from text to a model folder ──────────────────────────────────────────────────
@pytest.fixture(scope="module")
def corpus_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    for split, names in (("train", "Tom Lily Max Sue"), ("valid", "Ben")):
        stories = [f"{n} saw a dog. {n} ran to the park. The dog ran home." * 8 for n in names.split()]
        (folder / f"{split}.txt").write_text("\n<|endoftext|>\n".join(stories), encoding="utf-8")
    return folder


def test_text_becomes_tokens_then_two_networks_then_text_again(tales, corpus_folder, tmp_path, capsys):
    out, tokens = tmp_path / "small", tmp_path / "tokens"
    restrict(tales.tokenizer._hf, [(corpus_folder / "train.txt").read_text()], 300).save(out)
    main(["tokenize", "--data", str(corpus_folder), "--out", str(out), "--to", str(tokens)])
    for kind in ("denoiser", "ar"):
        shape = ["--width", "16", "--depth", "1", "--heads", "2", "--hidden", "16", "--tokens-per-step", "128"]
        main(["train", kind, "--data", str(tokens), "--out", str(out), "--minutes", "0.005", *shape])
    assert "valid" in capsys.readouterr().err
    main(["sample", "--model", str(out), *SHORT, "--prompt", "Tom saw", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["texts"][0].startswith("Tom saw")
    assert answer["config"]["model"] == "small"


def test_train_tokenizer_writes_smollm2s_tokens_of_the_text(smollm2_tokenizer, corpus_folder, tmp_path):
    main(["train", "tokenizer", "--data", str(corpus_folder), "--out", str(tmp_path), "--size", "300"])
    source = json.loads((tmp_path / "source_ids.json").read_text())
    assert len(source) <= 300
    assert set(smollm2_tokenizer.encode("Tom saw a dog.", add_special_tokens=False).ids) <= set(source)
