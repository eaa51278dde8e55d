"""Which models there are, and when one is another."""

import os
import shutil

import pytest

from edlm_core.model_refs import BUNDLED, data_folder, model_refs
from edlm_core.models.checkpoints import BadModel, load_model


@pytest.fixture
def mine(tiny_folder, tmp_path, monkeypatch):
    """The folder `mine` among the user's models."""
    monkeypatch.setenv("EDLM_DATA", str(tmp_path))
    return shutil.copytree(tiny_folder, tmp_path / "models" / "mine")


def test_the_bundled_models_come_first_then_the_users(mine):
    refs = model_refs()
    assert list(refs) == ["tales", "mine"]
    assert (refs["tales"].folder, refs["mine"].folder) == (BUNDLED / "tales", mine)


def test_the_users_models_load_by_name(mine):
    assert load_model("mine").folder == mine
    with pytest.raises(BadModel, match=r"expected a bundled model \(tales, mine\) or a folder"):
        load_model("thine")


def test_a_users_model_does_not_stand_in_for_a_bundled_one(mine):
    shutil.copytree(mine, mine.parent / "tales")
    assert model_refs()["tales"].folder == BUNDLED / "tales"
    assert load_model("tales").folder == BUNDLED / "tales"


def test_a_ref_is_another_when_the_weights_are_and_only_then(mine):
    ref = model_refs()["mine"]
    assert model_refs()["mine"] == ref
    (mine / "card.md").write_text("words")
    (mine / "ar.resume.safetensors").write_bytes(b"state of a training run")
    assert model_refs()["mine"] == ref
    for name in ("ar.safetensors", "tokenizer.json"):
        status = (mine / name).stat()
        os.utime(mine / name, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
        assert model_refs()["mine"] != ref
        ref = model_refs()["mine"]


def test_without_a_folder_of_ones_own_it_is_the_systems(monkeypatch):
    monkeypatch.delenv("EDLM_DATA", raising=False)
    assert data_folder().name == "edlm-explorer"
