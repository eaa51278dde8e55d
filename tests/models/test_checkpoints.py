"""Model folders: what is written is what is read, and what is wrong with one is said in one line."""

import json
import re
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

from edlm_core.model_refs import BUNDLED
from edlm_core.models import checkpoints, weights
from edlm_core.models.adapters import adapt, adapter_weights
from edlm_core.models.checkpoints import (
    BadModel,
    best_device,
    best_dtype,
    fingerprint,
    load_model,
    save_adapters,
    save_network,
)
from edlm_core.models.networks import way_out
from edlm_core.models.pretrained import layers_as_transformer
from edlm_core.models.transformer import Transformer, TransformerConfig
from edlm_core.runs.steps import energy_by_name, judge_by_name


@pytest.fixture
def folder(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "tiny")


def load(folder):
    return load_model(str(folder), device="cpu", dtype=torch.float32)


def edit_config(folder, kind, **changes):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config[kind] |= changes
    path.write_text(json.dumps(config))


def edit_weights(folder, change, kind="denoiser"):
    path = folder / f"{kind}.safetensors"
    weights = load_file(str(path))
    change(weights)
    save_file(weights, str(path))
    forget_what_belongs_together(folder)


def forget_what_belongs_together(folder):
    """As in a folder that was made before config.json said so."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config.pop("together", None)
    path.write_text(json.dumps(config))


# ── round trips ──────────────────────────────────────────────────────────────────
def test_a_saved_network_is_read_back_to_the_precision_of_bf16(folder):
    torch.manual_seed(5)
    network = Transformer(TransformerConfig(3969, 16, depth=1, heads=2, kv_heads=1, hidden=24))
    save_network(folder, "denoiser", network)
    again = load(folder).denoiser.network
    assert again.config == network.config
    for (name, p), (other, q) in zip(network.named_parameters(), again.named_parameters(), strict=True):
        assert name == other
        assert torch.equal(p.bfloat16().float(), q)


def test_saving_one_network_leaves_the_other_as_it_was(folder):
    before = load(folder).autoregressive.network.state_dict()
    save_network(folder, "denoiser", Transformer(TransformerConfig(3969, 8, 1, 2, 2, 8)))
    after = load(folder).autoregressive.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_networks_come_in_the_dtype_asked_for_ready_for_use(folder, dtype):
    model = load_model(str(folder), device="cpu", dtype=dtype)
    for network in (model.denoiser.network, model.autoregressive.network):
        assert {p.dtype for p in network.parameters()} == {dtype}
        assert not network.training
        assert not any(p.requires_grad for p in network.parameters())
    assert (model.device.type, model.dtype, model.name) == ("cpu", dtype, "tiny")


def test_the_bundled_model_loads_by_name_both_networks_and_says_what_it_is(tales):
    assert tales.name == "tales"
    assert tales.denoiser.vocab_size == tales.tokenizer.vocab_size == tales.autoregressive.vocab_size
    assert tales.autoregressive.network.config.causal
    assert not tales.denoiser.network.config.causal
    assert re.fullmatch("[0-9a-f]{12}", tales.fingerprint)
    assert tales.device.type == best_device().type
    assert tales.dtype == best_dtype(tales.device)


def test_the_language_model_is_read_when_it_is_first_used(folder):
    (folder / "ar.safetensors").unlink()
    model = load(folder)
    with pytest.raises(BadModel, match=r"ar\.safetensors"):
        _ = model.autoregressive


def test_the_fingerprint_is_that_of_all_weights_and_of_nothing_else(folder):
    seen = {fingerprint(folder)}
    (folder / "card.md").write_text("words")
    (folder / "denoiser.resume.safetensors").write_bytes(b"state of a training run")
    assert {load(folder).fingerprint} == seen
    for kind in ("denoiser", "ar"):
        edit_weights(folder, lambda weights: weights["norm.weight"].add_(0.5), kind)
        seen.add(fingerprint(folder))
    assert len(seen) == 3


# ── damage ───────────────────────────────────────────────────────────────────────
WAY_OUT = r"copy the folder again from where it came, or train it again"


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "source_ids.json", "denoiser.safetensors"])
def test_a_missing_file_is_named_with_the_way_out(folder, name):
    (folder / name).unlink()
    with pytest.raises(BadModel, match=rf"expected \S*{re.escape(name)}, found no such file: {WAY_OUT}"):
        load(folder)


@pytest.mark.parametrize("keep", [0, 7, 500, -1])
def test_truncated_weights_are_named_with_the_way_out(folder, keep):
    path = folder / "denoiser.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadModel, match=rf"denoiser\.safetensors is damaged .*: {WAY_OUT}"):
        load(folder)


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda w: w.update(mean=w.pop("norm.weight")), "mean, expected nothing, got (16,)"),
        (lambda w: w.pop("norm.weight"), "norm.weight, expected (16,), got nothing"),
        (lambda w: w.update({"norm.weight": torch.zeros(4)}), "norm.weight, expected (16,), got (4,)"),
        (lambda w: w.update(extra=torch.zeros(2, 3)), "extra, expected nothing, got (2, 3)"),
    ],
    ids=["renamed", "missing", "reshaped", "added"],
)
def test_weights_of_another_network_are_refused_with_the_first_difference(folder, change, difference):
    edit_weights(folder, change)
    expected = rf"denoiser\.safetensors does not fit config\.json .*{re.escape(difference)}\): {WAY_OUT}"
    with pytest.raises(BadModel, match=expected):
        load(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"denoiser": 3}',
        '{"denoiser": []}',
        '{"denoiser": {"inputs": 9, "colour": 1}}',
        "\xff\xfe",
        "[" * 100_000,
    ],
)
def test_a_config_that_describes_no_network_is_named_with_the_way_out(folder, text):
    (folder / "config.json").write_text(text, encoding="latin-1")
    with pytest.raises(BadModel, match=rf"(?s)config\.json does not describe a network named 'denoiser' .*{WAY_OUT}"):
        load(folder)


@pytest.mark.parametrize(
    "changes",
    [{"heads": 0}, {"heads": 3}, {"kv_heads": 0}, {"width": -16}, {"width": "16"}, {"depth": 0}, {"width": 1.5}],
)
def test_a_config_of_an_impossible_network_is_named_with_the_way_out(folder, changes):
    edit_config(folder, "denoiser", **changes)
    with pytest.raises(BadModel, match=rf"config\.json does not describe a network named 'denoiser' .*{WAY_OUT}"):
        load(folder)


@pytest.mark.parametrize("inputs", [3967, 3970])
def test_a_vocabulary_of_another_size_than_the_tokenizers_is_refused_with_both_sizes(folder, inputs):
    edit_config(folder, "denoiser", inputs=inputs)
    with pytest.raises(BadModel, match=rf"3968 tokens, as tokenizer\.json has, got {inputs} in .*{WAY_OUT}"):
        load(folder)


def test_a_damaged_tokenizer_is_named_with_the_way_out(folder):
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(BadModel, match=rf"tokenizer\.json is not a tokenizer file: .*{WAY_OUT}"):
        load(folder)


# ── SmolLM2 and its adapters ─────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def small_source(tiny):
    """A Llama of two small layers in SmolLM2's place, with its ids."""
    torch.manual_seed(1)
    shape = LlamaConfig(
        vocab_size=49152,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_theta": 1e4, "rope_type": "default"},
    )
    return LlamaForCausalLM(shape).eval()


@pytest.fixture
def adapted_folder(folder, small_source, monkeypatch):
    monkeypatch.setattr(checkpoints, "load_language_model", lambda device, dtype: small_source.to(device, dtype))
    network = layers_as_transformer(small_source, range(2), load(folder).tokenizer.to_source, causal=True)
    adapt(network, 2)
    with torch.no_grad():
        for weight in adapter_weights(network).values():
            weight.normal_(0, 0.3)
    save_adapters(folder, "smollm2", network)
    return folder


@torch.inference_mode()
def test_smollm2_comes_as_published_and_with_the_folders_adapters_merged_in(adapted_folder):
    model = load(adapted_folder)
    x_0 = torch.arange(40, 60)[None]
    plain, adapted = model.smollm2.token_log_probs(x_0), model.smollm2_adapted.token_log_probs(x_0)
    assert plain.shape == adapted.shape
    assert (plain - adapted).abs().max() > 0.1
    edit_weights(adapted_folder, lambda weights: [w.zero_() for w in weights.values()], "smollm2")
    torch.testing.assert_close(load(adapted_folder).smollm2_adapted.token_log_probs(x_0), plain_on_our_ids(model, x_0))


def plain_on_our_ids(model, x_0):
    """What SmolLM2 as published says of x_0 if only our ids could follow."""
    to_source = torch.tensor(model.tokenizer.to_source)
    ids = torch.cat([torch.full((1, 1), model.tokenizer.end_of_text), x_0], 1)
    log_probs = model.smollm2.model(to_source[ids]).logits[..., to_source].log_softmax(-1)
    return log_probs[:, :-1].gather(-1, x_0[..., None])[..., 0]


def test_as_an_energy_it_is_the_adapted_one_as_a_judge_the_published_one(adapted_folder):
    model = load(adapted_folder)
    assert judge_by_name(model, "smollm2") is model.smollm2
    assert energy_by_name(model, "smollm2").language_model is model.smollm2_adapted


def test_without_adapters_it_is_still_a_judge_and_the_energy_names_the_missing_file(adapted_folder):
    (adapted_folder / "smollm2.safetensors").unlink()
    model = load(adapted_folder)
    assert model.smollm2.token_log_probs(torch.zeros(1, 3, dtype=torch.long)).shape == (1, 3)
    with pytest.raises(BadModel, match=rf"expected \S*smollm2\.safetensors, found no such file: {WAY_OUT}"):
        _ = model.smollm2_adapted


def test_damaged_adapters_are_named_with_the_way_out(adapted_folder):
    path = adapted_folder / "smollm2.safetensors"
    path.write_bytes(path.read_bytes()[:99])
    with pytest.raises(BadModel, match=rf"smollm2\.safetensors is damaged .*: {WAY_OUT}"):
        _ = load(adapted_folder).smollm2_adapted


def test_adapters_of_another_network_are_refused_with_the_first_difference_and_the_way_out(adapted_folder):
    edit_weights(adapted_folder, lambda weights: weights.pop("blocks.0.attention.key.a"), "smollm2")
    difference = r"smollm2\.safetensors does not fit SmolLM2: .* blocks\.0\.attention\.key\.a is the first to differ"
    with pytest.raises(BadModel, match=rf"{difference}.*: {WAY_OUT}"):
        _ = load(adapted_folder).smollm2_adapted


def test_a_file_too_large_for_a_small_model_is_not_read(folder, monkeypatch):
    monkeypatch.setattr(weights, "MAX_WEIGHTS_BYTES", 2**20 // 64)
    with pytest.raises(BadModel, match=r"expected at most .* MiB in \S*denoiser\.safetensors"):
        load(folder)


@pytest.mark.parametrize("name", ["nonsense", "tales/config.json", "../nowhere", "\0"])
def test_an_unknown_model_is_refused_with_the_names_there_are(name):
    with pytest.raises(BadModel, match=r"expected a bundled model \(.*tales.*\) or a folder"):
        load_model(name)


# ── what config.json and the weights may say ─────────────────────────────────────
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rope_base": "1e4"}, "$.denoiser.rope_base: expected the type float, got str"),
        ({"causal": "no"}, "$.denoiser.causal: expected the type bool, got str"),
        ({"causal": True}, "expected causal to be false, got true"),
        ({"width": 2**40}, "$.denoiser.width: expected a number <= 262144, got another"),
        ({"depth": 1_000_000}, "$.denoiser.depth: expected a number <= 256, got another"),
        ({"dropout": 1.0}, "$.denoiser.dropout: expected a number < 1.0, got another"),
        ({"colour": 1}, "$.denoiser: colour is not known"),
    ],
)
def test_a_shape_of_another_type_or_beyond_bounds_is_refused_with_what_was_expected(folder, changes, reason):
    edit_config(folder, "denoiser", **changes)
    with pytest.raises(BadModel, match=rf"'denoiser' as expected \(.*{re.escape(reason)}.*\): {WAY_OUT}"):
        load(folder)


@pytest.mark.parametrize("said", [{"version": 99}, {"format": "something"}, {"version": "1"}])
def test_another_format_or_version_is_refused(folder, said):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | said))
    with pytest.raises(BadModel, match=r"expected edlm-model 1, got|expected the type int, got str"):
        load(folder)


def test_deep_nesting_is_called_by_its_name(folder):
    (folder / "config.json").write_text('{"format": "edlm-model", "version": 1, "x": ' + "[" * 100_000)
    with pytest.raises(BadModel, match="nested too deeply"):
        load(folder)


def test_a_giant_is_refused_before_anything_of_its_size_is_made(folder):
    edit_config(folder, "denoiser", width=2**17, hidden=2**18, depth=256)  # 44 TB of weights
    with pytest.raises(BadModel, match=r"denoiser\.safetensors does not fit config\.json"):
        load(folder)


@pytest.mark.parametrize("dtype", [torch.int8, torch.float64])
def test_weights_of_another_dtype_are_refused(folder, dtype):
    edit_weights(folder, lambda weights: weights.update({"norm.weight": torch.zeros(16, dtype=dtype)}))
    with pytest.raises(BadModel, match=r"expected weights in BF16, F16 or F32, got (I8|F64) in norm\.weight"):
        load(folder)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf, 1e30])
def test_weights_that_are_no_numbers_are_refused_before_sampling(folder, value):
    edit_weights(folder, lambda weights: weights["blocks.1.attention.key.weight"][0, 0:1].fill_(value))
    with pytest.raises(BadModel, match=r"from -10000 to 10000, got others, or no numbers, in blocks\.1\.attention"):
        load(folder)


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer.json", "source_ids.json", "denoiser.safetensors", "ar.safetensors"]
)
def test_a_device_in_place_of_a_file_is_not_read(folder, name):
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    with pytest.raises(BadModel, match=rf"{re.escape(name)}: expected a regular file, found a folder or a device"):
        _ = load(folder).autoregressive


def test_ids_in_another_order_or_of_another_tokenizer_do_not_belong_to_the_weights(folder):
    path = folder / "source_ids.json"
    ids = json.loads(path.read_text())
    path.write_text(json.dumps(ids[::-1]))
    with pytest.raises(
        BadModel, match=rf"expected the weights of denoiser to be made for this tokenizer\.json .*{WAY_OUT}"
    ):
        load(folder)
    path.write_text(json.dumps(ids, indent=1) + "\r\n")  # the same ids, written otherwise
    load(folder)
    forget_what_belongs_together(folder)
    path.write_text(json.dumps(ids[::-1]))
    load(folder)  # an older folder does not say


@pytest.mark.parametrize("changed", [lambda ids: [*ids[:-1], -1], lambda ids: ids[:-1] + ids[:1]])
def test_source_ids_that_are_negative_or_stand_twice_are_refused(folder, changed):
    path = folder / "source_ids.json"
    path.write_text(json.dumps(changed(json.loads(path.read_text()))))
    with pytest.raises(BadModel, match=r"source_ids\.json does not fit tokenizer\.json"):
        load(folder)


def test_a_source_id_that_smollm2_lacks_is_refused_when_it_is_asked(adapted_folder):
    forget_what_belongs_together(adapted_folder)
    path = adapted_folder / "source_ids.json"
    path.write_text(json.dumps([*json.loads(path.read_text())[:-1], 49_152]))
    with pytest.raises(BadModel, match="expected ids from 0 to 49151, SmolLM2's last, got 49152"):
        _ = load(adapted_folder).smollm2


def test_git_restores_a_bundled_folder_and_no_other(folder):
    assert "git checkout -- assets/models/tales" in str(way_out(BUNDLED / "tales"))
    assert "git" not in str(way_out(folder))
