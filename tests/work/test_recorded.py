"""Files of recorded texts are read as a store is, and say what is wrong with them."""

import sqlite3

import pytest

from edlm_core.refusals import Refusal
from edlm_core.work.cells import calls, figures, paired, texts
from edlm_core.work.recorded import Recorded

from ..trials import sweep_rows, write_recorded


def test_a_file_says_what_the_store_would(tmp_path):
    path = write_recorded(tmp_path / "a file?.db")  # a name that an address would cut off
    before = path.read_bytes()
    trials = Recorded(path)
    by_cell = {one.cell: one for one in figures(trials)}
    assert by_cell["corrector-16-8"].texts == 17
    assert by_cell["corrector-16-8"].missing["judge_nll_smollm2"] == 1
    assert by_cell["mdlm-16-1"].row["sampler"] == "mdlm"
    assert paired(trials, "mdlm-16-1", "entropy")[3] == pytest.approx(3.03)
    assert calls(trials)["edlm-16-8"] == {"denoiser_calls": 16, "energy_calls": 8, "scored": 64}
    assert texts(trials, "ar-64-1")[2]["text"].startswith("Text 2 of ar")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["noise", "empty", "cut", "other", "newer"])
def test_what_is_no_such_file_is_refused_in_a_line(tmp_path, damage):
    path = write_recorded(tmp_path / "one.db", sweep_rows())
    data = path.read_bytes()
    if damage in ("noise", "empty", "cut"):
        path.write_bytes({"noise": b"no database" * 500, "empty": b"", "cut": data[: len(data) // 2]}[damage])
    else:
        with sqlite3.connect(path) as file:
            file.execute("DROP TABLE trials" if damage == "other" else "UPDATE schema SET version = 999")
        file.close()
    with pytest.raises(Refusal) as refusal:
        figures(Recorded(path))
    assert refusal.value.code == ("store-version" if damage == "newer" else "recorded")
    assert "\n" not in str(refusal.value)
    assert str(tmp_path) not in str(refusal.value)
