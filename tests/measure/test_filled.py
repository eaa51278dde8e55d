"""How a setting fills blanks, kept for the board: found by all that decides it, and by nothing else."""

import pytest

from edlm_core.__main__ import main
from edlm_core.commands import cloze as command
from edlm_core.measure import recorded
from edlm_core.measure.cloze import Cloze, Filling, templates
from edlm_core.measure.filled import cloze_command, filled_of
from edlm_core.refusals import Refusal

from ..trials import planted


@pytest.fixture
def kept(monkeypatch, tmp_path, tiny_folder, tiny):
    """The planted answer of two templates in five, as the command keeps it."""
    monkeypatch.setenv("EDLM_DATA", str(tmp_path))
    monkeypatch.setattr(recorded, "FOLDER", tmp_path / "recorded")
    fits = [Filling.FITTING if n % 5 < 2 else Filling.OFF for n in range(len(templates()))]

    def fill_in(model, requests, chosen, tell):
        for request in requests:
            yield Cloze(request, tuple(chosen), tuple((one,) * 4 for one in fits), (("",) * 4,) * len(chosen))

    monkeypatch.setattr(command, "fill_in", fill_in)
    words = ["--keep", "--model", str(tiny_folder), "--samplers", "edlm", "--steps", "16", "--reveal", "dilated"]
    main(["cloze", *words])
    return planted("edlm", [3.0], 0.1)[0] | {"model": str(tiny_folder), "fingerprint": tiny.fingerprint}


def test_it_is_found_by_sampler_setting_and_weights(kept):
    found = filled_of(kept)
    assert (found.share, found.templates, found.texts) == (pytest.approx(0.4), 225, 900)
    assert found.estimate.high - 0.4 == pytest.approx(1.971 * (0.4 * 0.6 / 224) ** 0.5, rel=1e-3)
    assert found.command.endswith("edlm --steps 16 --reveal dilated --energy ar --candidates 8 --num 4 --seed 0")
    assert filled_of(kept | {"seed": 7, "length": 20, "prompt": "Tom"}) == found  # those are the templates'
    for other in ({"num_steps": 8}, {"temperature": 0.8}, {"fingerprint": "x"}, {"sampler": "corrector"}):
        assert filled_of(kept | other) is None


def test_the_command_says_what_differs_from_the_rule():
    row = planted("edlm", [3.0], 0.1, temperature=0.8, window=(0.25, 1.0), adaptive=True)[0]
    assert cloze_command(row).endswith("--candidates 8 --window 0.25 1.0 --adaptive --temperature 0.8")
    assert cloze_command(planted("ar", [3.0], 0.1)[0]).endswith("--samplers ar")


def test_a_part_of_the_templates_is_not_kept(tiny_folder, capsys):
    with pytest.raises(SystemExit):
        main(["cloze", "--keep", "--model", str(tiny_folder), "--levels", "1"])
    assert "keep: expected all rules and levels" in capsys.readouterr().err


def test_a_damaged_file_is_named(kept, tmp_path):
    (path,) = (tmp_path / "cloze").iterdir()
    path.write_text("{}")
    with pytest.raises(Refusal, match=path.name):
        filled_of(kept)
