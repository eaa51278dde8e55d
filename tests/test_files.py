"""Written whole or not at all; read only if regular and small enough."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from edlm_core.files import check_writable, read_bounded, write_whole
from edlm_core.messages import Counted
from edlm_core.refusals import MESSAGES, Refusal


def test_what_is_written_is_read_again(tmp_path):
    write_whole(tmp_path / "a", "é")
    assert read_bounded(tmp_path / "a", 10) == "é".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_file_is_replaced_only_if_asked(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    for refuse in (check_writable, lambda p: write_whole(p, "new")):
        with pytest.raises(Refusal, match="expected no such file"):
            refuse(path)
    assert path.read_text() == "old"
    path.chmod(0o640)
    write_whole(path, "new", replace=True)
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("where", ["nowhere/a", "a-file/a"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, where):
    (tmp_path / "a-file").write_text("")
    with pytest.raises(Refusal, match="expected a file that can be written"):
        check_writable(tmp_path / where)


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refusal, match="No space left on device"):
        write_whole(path, "new", replace=True)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_where_there_are_no_hard_links_a_file_is_written_all_the_same_and_none_replaced(tmp_path, monkeypatch):
    def unsupported(*_paths):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", unsupported)
    write_whole(tmp_path / "a", "first")
    assert (tmp_path / "a").read_text() == "first"
    monkeypatch.setattr("edlm_core.files.check_writable", lambda *_args, **_more: None)  # it appears after the check
    with pytest.raises(Refusal, match="found one"):
        write_whole(tmp_path / "a", "second")
    assert (tmp_path / "a").read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_kill_in_the_middle_leaves_the_old_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    code = (
        "import sys, pathlib; from edlm_core.files import write_whole\n"
        "while True: write_whole(pathlib.Path(sys.argv[1]), b'new' * 10_000_000, replace=True); print('.', flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
    assert process.stdout.readline()
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert path.read_bytes() == b"new" * 10_000_000


def test_devices_folders_and_giants_are_not_read(tmp_path):
    (tmp_path / "big").write_bytes(b"x" * 11)
    for path, reason in (
        ("/dev/zero", "regular file"),
        (tmp_path, "regular file"),
        (tmp_path / "big", "at most 0 MiB"),
        (tmp_path / "none", "found none"),
    ):
        with pytest.raises(Refusal, match=reason):
            read_bounded(type(tmp_path)(path), 10)


def test_every_message_says_what_was_expected_or_happened_and_what_to_do():
    """A setting or a file was expected otherwise; what befell a visitor's work is told in
    sentences; one that quotes another refusal has that one's advice."""
    advice = r"[:;.] (try|ask|open|let|make|mend|choose|check)\b|{problem}|{reason}"
    for code, message in MESSAGES.items():
        for form in message[1:] if isinstance(message, Counted) else [message]:
            assert ": " in form or ". " in form, code
            assert "expected" in form or re.search(advice, form, re.IGNORECASE), code
