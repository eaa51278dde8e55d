"""`sample` and `record`: what is refused before any work, how far the work is, and what is written."""

import json
import re

import pytest

from edlm_core import __main__ as command_line
from edlm_core.characters import visible
from edlm_core.commands import announce, progress, record, sample
from edlm_core.runs import budget
from edlm_core.runs.run_file import load_run

SHORT = ["--length", "8", "--steps", "2", "--candidates", "2"]


@pytest.fixture
def no_model(monkeypatch):
    """Whoever loads a model has begun to work."""

    def loaded(name):
        raise AssertionError(f"{name} was loaded")

    for module in (sample, record):
        monkeypatch.setattr(module, "load_model", loaded)


def refused(capsys, arguments):
    """The one line on stderr."""
    with pytest.raises(SystemExit) as stopped:
        command_line.main(arguments)
    out, err = capsys.readouterr()
    assert (stopped.value.code, out, err.count("\n")) == (2, "", 1)
    return err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["sample", "--seed", "4294967295", "--num", "17"], "seed + num of at most 4294967296, got 4294967295 + 17"),
        (["sample", "--sampler", "smc", "--energy", "nce"], "energy: expected one of none, ar, smollm2, text:<model>"),
        (["sample", "--energy", "ar+fo\no"], r"got 'fo\no'"),
        (["record", "/nonexistent/run.json"], "/nonexistent/run.json: expected a file that can be written"),
        (["record", "/"], "expected no such file, found one"),
        (["record", "/", "--force"], "expected a regular file"),
        (["record", "run.json", "--steps", "0"], "steps: expected a whole number from 1 to 1024, got 0"),
        (["record", "run.json", "--samplers", "mdlm", "edlm", "ar", "smc"], "expected at most 3 lanes, got 4"),
    ],
)
def test_it_is_refused_in_one_line_before_a_model_is_loaded(no_model, capsys, arguments, reason):
    assert reason in refused(capsys, arguments)


def test_what_came_is_shown_by_name_where_a_terminal_would_obey_it(no_model, capsys):
    err = refused(capsys, ["record", "no\nsuch\x1b[31m/run.json"])
    assert "U+001B" in err
    assert "\x1b" not in err


def test_an_argument_that_the_parser_refuses_is_one_line_too(capsys):
    assert "two lines" in refused(capsys, ["sample", "two\nlines"])


def test_a_refusal_behind_lines_of_progress_is_a_line_of_its_own(tiny_folder, capsys, monkeypatch):
    class Broken:
        share = 0.5

        def __init__(self, model, request, judges): ...

        def __iter__(self):
            yield
            raise FloatingPointError("the energy model\nis damaged")

    monkeypatch.setattr(progress, "QUIET_SECONDS", -1)
    monkeypatch.setattr(sample, "Trial", Broken)
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["sample", "--model", str(tiny_folder)])
    first, second = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2
    assert first.startswith("writing by edlm: 50%")
    assert second == "python -m edlm_core: the energy model is damaged"


def test_how_a_prompt_was_read_is_said_on_stderr_unless_it_is_refused(tiny_folder, capsys):
    arguments = ["sample", "--model", str(tiny_folder), *SHORT, "--json", "--prompt"]
    command_line.main([*arguments, "a __"])
    out, err = capsys.readouterr()
    assert (json.loads(out)["config"]["prompt"], err) == ("a __", "prompt: 2 blanks found.\n")
    assert "blanks found" not in refused(capsys, [*arguments, "_" * 9])


def test_a_judges_figure_has_entropy_and_repetition_beside_it(tiny_folder, capsys):
    arguments = ["sample", "--model", str(tiny_folder), *SHORT, "--num", "2", "--judge", "ar"]
    command_line.main([*arguments, "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert all(len(answer[name]) == 2 for name in ("judge_nll", "entropy", "repeated_words"))
    command_line.main(arguments)
    out = capsys.readouterr().out
    for text, *figures in zip(*(answer[n] for n in ("texts", "judge_nll", "entropy", "repeated_words")), strict=True):
        nll, entropy, repeated = figures
        said = f"{nll:.3f} nats per token by ar, entropy {entropy:.3f}, repeated words {repeated:.1%}"
        assert visible(f"{text}\n{said}") in out


@pytest.mark.parametrize("command", ["sample", "record"])
def test_what_takes_long_tells_how_far_it_is_on_stderr_alone(tiny_folder, tmp_path, capsys, monkeypatch, command):
    monkeypatch.setattr(progress, "QUIET_SECONDS", -1)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    where = [str(tmp_path / "run.json")] if command == "record" else ["--json"]
    command_line.main([command, *where, "--model", str(tiny_folder), *SHORT, "--reveal", "dilated"])
    out, err = capsys.readouterr()
    shares = [int(line.split("%")[0].split()[-1]) for line in err.splitlines()]
    assert len(shares) >= 2
    assert shares == sorted(shares)
    assert shares[-1] == 100
    assert (command == "record") == (out == "")


def test_record_keeps_a_file_that_is_there_unless_told_otherwise(tiny_folder, tmp_path, capsys):
    path = tmp_path / "run.json"
    arguments = ["record", str(path), "--model", str(tiny_folder), *SHORT]
    command_line.main([*arguments, "--seed", "1"])
    before = path.read_bytes()
    assert "say --force to replace it" in refused(capsys, [*arguments, "--seed", "2"])
    assert path.read_bytes() == before
    command_line.main([*arguments, "--seed", "2", "--force"])
    assert json.loads(path.read_text())["config"]["seed"] == 2
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_a_recorded_run_says_under_what_conditions_it_was_made(tiny_folder, tmp_path):
    path = tmp_path / "run.json"
    command_line.main(["record", str(path), "--model", str(tiny_folder), *SHORT])
    assert int(load_run(path.read_bytes()).software["threads"]) >= 1


def test_what_is_worth_a_word_is_said_before_the_first_step(tiny_folder, capsys, monkeypatch):
    arguments = ["sample", "--model", str(tiny_folder), *SHORT]
    command_line.main(arguments)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(budget, "WORTH_A_WORD", 0)
    command_line.main(arguments)
    assert capsys.readouterr().err == "takes up to 0.0 GB\n"
    monkeypatch.setattr(announce, "FAST", 1.0)  # every token takes a second, so it is worth measuring
    command_line.main([*arguments, "--energy", "ar"])
    assert re.fullmatch(r"takes up to 0\.0 GB, and about \d+ s to write the texts\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["sample", "--num", "64"],
        ["evaluate", "--num", "16", "--length", "1024"],
        ["evaluate", "--num", "2", "--length", "8", "--draws", "512"],
        ["compare", "--judge", "ar"],
        ["record", "run.json", "--length", "1024"],
    ],
)
def test_what_does_not_fit_is_refused_before_the_first_step(tiny_folder, tmp_path, capsys, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(budget, "free_bytes", lambda device: budget.RESERVE + 2**20)
    monkeypatch.setattr("edlm_core.runs.steps.steps_of", None)  # whoever takes a step fails
    monkeypatch.setattr("edlm_core.measure.evaluation.autoregressive_steps", None)
    assert "that are free" in refused(capsys, [*arguments, "--model", str(tiny_folder)])
