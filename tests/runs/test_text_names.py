"""An energy's text model goes by name and fingerprint in a file, never by path."""

import json
from types import SimpleNamespace

import pytest

from edlm_core.config import SampleConfig
from edlm_core.models.text_fingerprint import fingerprint
from edlm_core.refusals import Refusal
from edlm_core.runs.recording import encode_run
from edlm_core.runs.run_file import load_run, save_run
from edlm_core.runs.steps import energy_by_name
from edlm_core.runs.text_names import foreign_energy, is_recorded, recorded_energy


@pytest.fixture
def owl(tmp_path):
    folder = tmp_path / "ann" / "owl"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    fingerprint.cache_clear()
    return folder


def test_a_folder_becomes_its_name_and_what_it_holds(owl):
    name = recorded_energy(f"ar+text:{owl}", fingerprint)
    assert name == f"ar+text:owl#{fingerprint(str(owl))}"
    assert is_recorded(name.removeprefix("ar+text:"))
    assert recorded_energy(name, fingerprint) == name
    before = fingerprint(str(owl))
    (owl / "model.safetensors").write_bytes(b"others")
    fingerprint.cache_clear()
    assert fingerprint(str(owl)) != before


@pytest.mark.parametrize("energy", ["ar", "none", "ar+nce", "text:smollm2", "text:owl#0123456789ab"])
def test_what_holds_no_path_stays(energy):
    assert foreign_energy(energy) == energy


@pytest.mark.parametrize("path", ["/home/ann/owl", "/home/ann/owl/", r"C:\Users\ann\owl", "ann/owl", "owl"])
def test_a_path_in_a_file_is_never_looked_up(path):
    assert foreign_energy(f"text:{path}") == "text:owl#unknown"
    assert not is_recorded(path)


def test_such_a_run_opens_and_is_refused_where_it_would_have_to_run_again(owl, tiny):
    request = SimpleNamespace(energy=f"text:{owl}", prompt=None, config=SampleConfig(length=4, num_steps=2))
    run = load_run(save_run(encode_run(tiny, [request], [_nothing(tiny)], "", complete=False)))
    assert str(owl.parent) not in save_run(run).decode()
    with pytest.raises(Refusal, match="expected a text model that is loaded here, got owl#"):
        energy_by_name(tiny, run.energy)
    tiny.text_models[str(owl)] = language_model = SimpleNamespace(vocab_size=3)
    try:
        assert energy_by_name(tiny, run.energy).language_model is language_model
    finally:
        del tiny.text_models[str(owl)]


def test_an_older_file_with_a_path_loses_it(tiny):
    request = SimpleNamespace(energy="ar", prompt=None, config=SampleConfig(length=4, num_steps=2))
    file = json.loads(save_run(encode_run(tiny, [request], [_nothing(tiny)], "", complete=False)))
    run = load_run(json.dumps(file | {"energy": "text:/home/ann/owl"}).encode())
    assert run.energy == "text:owl#unknown"


def _nothing(model):
    """A lane before its first step."""
    import torch

    from edlm_core.runs.recording import LaneRecorder

    mask_id = model.tokenizer.mask_id
    return LaneRecorder("edlm", torch.full((4,), mask_id), mask_id).lane()
