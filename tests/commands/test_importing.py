"""`import`: says whether a public checkpoint answers as the published code did; a user's mistake is one line."""

import json

import pytest
import torch
from safetensors.torch import save_file

from edlm_core.__main__ import main
from edlm_core.models.published.layout import load_published

from ..published import MDLM, V, mdlm_weights, write


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "mdlm", MDLM, mdlm_weights())


@pytest.fixture
def answers(folder, tmp_path):
    """What the network itself says, and 0.5 more in one place."""
    x_t = torch.arange(12).view(2, 6)
    network = load_published(folder, free=2**40).network
    with torch.no_grad():
        logits = network.logits(network(x_t), V)
    logits[1, 2, 3] += 0.5
    save_file({"x_t": x_t, "logits_sigma0": logits}, tmp_path / "expected.safetensors")
    return tmp_path / "expected.safetensors"


def test_it_prints_the_largest_difference_and_a_certificate(folder, answers, capsys):
    main(["import", str(folder), "--expected", str(answers), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["max_difference"] == pytest.approx(0.5, abs=1e-4)
    assert [answer["name"] for answer in said["answers"]] == ["logits_sigma0"]
    assert (said["family"], said["tensors"], len(said["best"])) == ("MDLM", 30, 16)
    main(["import", str(folder), "--expected", str(answers)])
    assert "logits_sigma0: differs, largest difference 5.0e-01" in capsys.readouterr().out


def test_without_answers_it_prints_the_certificate_alone(folder, capsys):
    main(["import", str(folder), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert "max_difference" not in said
    assert said["family"] == "MDLM"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["/nowhere"], "path: expected a folder with config.json and safetensors, got '/nowhere'"),
        (["FOLDER", "--expected", "/nowhere"], "/nowhere: expected a file, found none"),
        (["FOLDER", "--expected", "FOLDER"], "expected a regular file, found a folder"),
        (["FOLDER", "--expected", "FOLDER/model.safetensors"], "expected an input and an answer"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(folder, capsys, argv, said):
    with pytest.raises(SystemExit) as left:
        main(["import", *(part.replace("FOLDER", str(folder)) for part in argv)])
    assert left.value.code == 2
    out, err = capsys.readouterr()
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
