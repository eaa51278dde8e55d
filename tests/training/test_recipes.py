"""Recipes as values, and what they start from."""

import itertools
import json
import shutil
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from edlm_core.__main__ import main
from edlm_core.models.checkpoints import load_model
from edlm_core.models.tokenizer import restrict
from edlm_core.refusals import Refusal
from edlm_core.training import loop
from edlm_core.training.recipes import RECIPES, Adapters, Autoregressive, Denoiser, Energy, from_json, to_json
from edlm_core.training.settings import TrainConfig
from edlm_core.training.starts import Blocks, Folder, Fresh, Layers
from edlm_core.training.train import train_steps

CPU = torch.device("cpu")
STORY = "Tom saw a dog. Tom ran to the park. The dog ran home. "
SHORT = TrainConfig(minutes=3 / 60, tokens_per_step=64, lengths=(16,), valid_length=16, learning_rate=1e-3)
SMALL = Fresh(16, 1, 2, 24)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    seconds = itertools.count()
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for split in ("train", "valid"):
        (folder / f"{split}.txt").write_text(STORY * 8)
    lines = [f"{name} {verb}." for name in ("Tom", "Lily", "Ben") for verb in ("ran", "sat", "ate", "fell", "hid")]
    (folder / "sentences.txt").write_text("\n".join([*lines, *(f"The dog {line}" for line in lines)]))
    return folder


@pytest.mark.parametrize(
    "recipe",
    [
        Denoiser(SHORT, Layers((0, 1, 29)), dropout=0.1),
        Denoiser(TrainConfig(minutes=60), Folder("tales"), corpus="sentences"),
        Autoregressive(TrainConfig(minutes=0.5, muon=False), SMALL),
        Adapters(SHORT, rank=4),
        Energy(SHORT, Blocks("ar", 2), loss="ranking", negatives=5),
    ],
)
def test_a_recipe_goes_through_json_and_back(recipe):
    again = from_json(json.loads(json.dumps(to_json(recipe))))
    assert again == recipe
    assert hash(again) == hash(recipe)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "nonsense"},
        {"kind": None},
        {"start": {"kind": "blocks"}},
        {"start": {}},
        {"start": 3},
        {"dropout": "0.1"},
        {"dropout": 1.0},
        {"corpus": "poems"},
        {"more": 1},
        {"config": {}},
        {"config": {"minutes": -1}},
        {"config": {"minutes": 1, "seed": 0.5}},
        {"start": {"kind": "fresh", "width": 7}},
    ],
)
def test_json_that_is_no_recipe_is_refused(change):
    with pytest.raises((Refusal, ValueError), match=r"expected|can't start"):
        from_json(to_json(Denoiser(SHORT)) | change)
    with pytest.raises(Refusal, match="recipe: expected"):
        from_json([1])


def test_a_recipe_can_be_started_only_as_what_fits_it():
    for kind, start in (("denoiser", Blocks()), ("ar", Blocks()), ("smollm2", Fresh()), ("energy", Fresh())):
        with pytest.raises(Refusal, match=f"{kind} can't start as {start.name}"):
            RECIPES[kind](SHORT, start)


@pytest.mark.parametrize(("recipe", "part"), [(Denoiser, "denoiser"), (Autoregressive, "ar")])
def test_from_a_folder_it_starts_as_that_folders_weights_and_with_its_tokenizer(
    recipe, part, tiny_folder, data, tmp_path
):
    plan = recipe(SHORT, Folder(str(tiny_folder)), dropout=0.25).plan(data, tmp_path / "new", CPU)
    stored = load_file(str(tiny_folder / f"{part}.safetensors"))
    assert all(torch.equal(p, stored[name].float()) for name, p in plan.network.state_dict().items())
    assert all(p.requires_grad for p in plan.network.parameters())
    assert plan.network.config.dropout == 0.25
    for name in ("tokenizer.json", "source_ids.json"):
        assert (tmp_path / "new" / name).read_bytes() == (tiny_folder / name).read_bytes()


def test_another_tokenizer_in_the_folder_to_train_in_is_refused(tales, tiny_folder, data, tmp_path):
    restrict(tales.tokenizer._hf, [STORY], 300).save(tmp_path)
    with pytest.raises(Refusal, match="to have the same tokenizer"):
        train_steps(Denoiser(SHORT, Folder(str(tiny_folder))), data, tmp_path, device=CPU)


def test_what_a_folder_has_is_replaced_only_where_asked(tiny_folder, data, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    before = (folder / "denoiser.safetensors").read_bytes()
    with pytest.raises(Refusal, match="expected no such file, found one"):
        train_steps(Denoiser(SHORT, SMALL), data, folder, device=CPU)
    assert (folder / "denoiser.safetensors").read_bytes() == before
    list(train_steps(Denoiser(SHORT, SMALL), data, folder, replace=True, device=CPU))
    assert load_model(str(folder), device="cpu").denoiser.network.config.width == 16
    assert list(train_steps(Denoiser(SHORT, SMALL), data, folder, device=CPU)) == []  # its own run, finished


@pytest.mark.parametrize("recipe", [Denoiser, Autoregressive])
def test_sentences_are_trained_on_too(recipe, tiny_folder, data, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    progresses = list(train_steps(recipe(SHORT, SMALL, corpus="sentences"), data, folder, replace=True, device=CPU))
    assert [p.step for p in progresses] == [1, 2, 3]
    assert progresses[-1].validation.valid > 0


def test_where_nothing_can_be_written_it_is_said_before_any_work(data, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="expected a file that can be written"):
        train_steps(Denoiser(SHORT), data, tmp_path / "file" / "model", device=CPU)


def test_the_command_starts_from_a_folder_and_says_when_it_has_nothing_left_to_do(tiny_folder, data, tmp_path, capsys):
    command = [
        "train",
        "ar",
        "--data",
        str(data),
        "--out",
        str(tmp_path / "new"),
        "--from",
        str(tiny_folder),
        "--corpus",
        "sentences",
        "--tokens-per-step",
        "64",
        "--minutes",
        "0.05",
    ]
    main(command)
    assert "ar: step 3, train" in capsys.readouterr().err
    main(command)
    assert capsys.readouterr().err == "ar: finished before, nothing left to do\n"
