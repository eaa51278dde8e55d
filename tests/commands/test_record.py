"""`record` writes a whole file or none, and asks before it replaces one."""

import pytest

from edlm_core.__main__ import main
from edlm_core.runs.run_file import load_run


@pytest.fixture
def record(tiny_folder, capsys):
    def run(path, *more):
        main(["record", str(path), "--model", str(tiny_folder), "--length", "6", "--steps", "2", "--judge", *more])
        return capsys.readouterr()

    return run


def test_a_file_is_written_that_opens(record, tmp_path):
    record(tmp_path / "a.json", "--title", "A walk")
    run = load_run((tmp_path / "a.json").read_bytes())
    assert run.complete
    assert run.title == "A walk"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_file_that_is_there_is_replaced_only_when_asked_to(record, tmp_path, capsys):
    path = tmp_path / "a.json"
    path.write_text("mine")
    with pytest.raises(SystemExit, match="2"):
        record(path)
    assert "--force" in capsys.readouterr().err
    assert path.read_text() == "mine"
    record(path, "--force")
    assert load_run(path.read_bytes()).complete


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(("nowhere/a.json",), "can be written"), (("a.json", "--title", "a\udcff"), "title: expected")],
)
def test_what_cannot_be_written_is_refused_in_one_line_before_a_model_is_loaded(
    tmp_path, capsys, monkeypatch, arguments, reason
):
    monkeypatch.setattr("edlm_core.commands.record.load_model", lambda _name: pytest.fail("it was loaded"))
    with pytest.raises(SystemExit, match="2"):
        main(["record", str(tmp_path / arguments[0]), *arguments[1:]])
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1
