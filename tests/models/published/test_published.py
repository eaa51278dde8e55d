"""Public checkpoints: the answers of another implementation of the same architecture, and what is refused."""

import json
import struct

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from edlm_core.models.published.layout import load_published, read_published_config
from edlm_core.models.published.parity import agreements, certificate
from edlm_core.models.transformer import KeyValueCache
from edlm_core.refusals import Refusal

from ...published import MDLM, V, mdlm_weights, randomised, write

PLENTY = 2**40
L = 7
LLADA = {
    "model_type": "llada",
    "d_model": 24,
    "n_heads": 3,
    "n_kv_heads": 3,
    "n_layers": 2,
    "mlp_hidden_size": 40,
    "vocab_size": V,
    "embedding_size": V,
    "mask_token_id": 20,
    "rope_theta": 500.0,
    "rms_norm_eps": 1e-5,
    "block_type": "llama",
    "include_bias": False,
}
DREAM = {
    "model_type": "Dream",
    "hidden_size": 24,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "num_hidden_layers": 3,
    "intermediate_size": 40,
    "vocab_size": V,
    "mask_token_id": 22,
    "rope_theta": 900.0,
    "rms_norm_eps": 1e-6,
}


def ids(rows=3, seed=1):
    return torch.randint(V, (rows, L), generator=torch.Generator().manual_seed(seed))


def everywhere(model, x):
    """A left-to-right model of the library, made to look both ways."""
    return model(x, attention_mask=torch.zeros(len(x), 1, L, L)).logits


# ── against other implementations ────────────────────────────────────────────────


@pytest.fixture
def llada(tmp_path):
    shape = LlamaConfig(
        vocab_size=V,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=3,
        num_key_value_heads=3,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0},
        rms_norm_eps=1e-5,
        attn_implementation="eager",
    )
    library = LlamaForCausalLM(shape).eval()
    library.load_state_dict(randomised(library.state_dict()))
    names = {
        "input_layernorm": "attn_norm",
        "self_attn.o_proj": "attn_out",
        "self_attn.": "",
        "post_attention_layernorm": "ff_norm",
        "mlp.gate_proj": "ff_proj",
        "mlp.up_proj": "up_proj",
        "mlp.down_proj": "ff_out",
        "model.layers": "model.transformer.blocks",
        "model.embed_tokens": "model.transformer.wte",
        "model.norm": "model.transformer.ln_f",
        "lm_head": "model.transformer.ff_out",
    }
    weights = {}
    for name, weight in library.state_dict().items():
        for old, new in names.items():
            name = name.replace(old, new)
        weights[name] = weight
    return write(tmp_path / "llada", LLADA, weights), library


@pytest.fixture
def dream(tmp_path):
    shape = Qwen2Config(
        vocab_size=V,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        rope_parameters={"rope_type": "default", "rope_theta": 900.0},
        rms_norm_eps=1e-6,
        attn_implementation="eager",
    )
    library = Qwen2ForCausalLM(shape).eval()
    library.load_state_dict(randomised(library.state_dict()))
    return write(tmp_path / "dream", DREAM, library.state_dict()), library


@torch.no_grad()
@pytest.mark.parametrize(("family", "shifted"), [("llada", False), ("dream", True)])
@pytest.mark.parametrize("rows", [1, 3])
def test_it_answers_as_the_library_does_when_it_looks_both_ways(request, family, shifted, rows):
    folder, library = request.getfixturevalue(family)
    published, x = load_published(folder, free=PLENTY), ids(rows)
    assert published.config.shifted is shifted
    expected = everywhere(library, x)
    torch.testing.assert_close(published.network.logits(published.network(x), V), expected, atol=1e-4, rtol=1e-4)
    (found,) = agreements(published, {"x_t": x, "logits": expected})
    assert found.argmax_equal
    assert found.max_difference < 1e-4
    (other,) = agreements(published, {"x_t": x, "logits": expected + torch.eye(V)[0]})
    assert other.max_difference > 0.9


def one_text(weights, x, sigma, causal):
    """MDLM's forward pass of one text, word by word of its paper and its code's facts, in float64: (L,) -> (L, V)."""
    w = {name.removeprefix("backbone."): weight.double() for name, weight in weights.items()}
    H = 3

    def norm(v, weight):
        return (v - v.mean()) / (v.var(unbiased=False) + 1e-5).sqrt() * weight

    def turned(v, i):
        half = len(v) // 2
        angles = torch.tensor([i * 10_000.0 ** (-2 * k / len(v)) for k in range(half)], dtype=torch.float64)
        a, b = v[:half], v[half:]
        return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()])

    def modulation(place, parts):
        if causal:
            ones, zeros = torch.ones(24).double(), torch.zeros(24).double()
            return (zeros, zeros, ones) * 2 if parts == 6 else (zeros, zeros)
        angles = [sigma * 10_000.0 ** (-k / 128) for k in range(128)]
        waves = torch.tensor([*map(torch.math.cos, angles), *map(torch.math.sin, angles)], dtype=torch.float64)
        inner = F.silu(w["sigma_map.mlp.0.weight"] @ waves + w["sigma_map.mlp.0.bias"])
        c = F.silu(w["sigma_map.mlp.2.weight"] @ inner + w["sigma_map.mlp.2.bias"])
        return (w[f"{place}.adaLN_modulation.weight"] @ c + w[f"{place}.adaLN_modulation.bias"]).chunk(parts)

    rows = [w["vocab_embed.embedding"][i] for i in x.tolist()]
    for n in range(2):
        b = f"blocks.{n}"
        shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = modulation(b, 6)
        read = [w[f"{b}.attn_qkv.weight"] @ (norm(r, w[f"{b}.norm1.weight"]) * (1 + scale_a) + shift_a) for r in rows]
        heads = []
        for h in range(H):
            q, k, v = ([r.view(3, H, -1)[part, h] for r in read] for part in range(3))
            q, k = ([turned(vector, i) for i, vector in enumerate(vectors)] for vectors in (q, k))
            heads.append([])
            for i in range(L):
                seen = range(i + 1 if causal else L)
                weight = torch.stack([q[i] @ k[j] / len(q[i]) ** 0.5 for j in seen]).softmax(0)
                heads[h].append(sum(p * v[j] for p, j in zip(weight, seen, strict=True)))
        for i in range(L):
            mixed = torch.cat([heads[h][i] for h in range(H)])
            rows[i] = rows[i] + gate_a * (w[f"{b}.attn_out.weight"] @ mixed)
            inner = norm(rows[i], w[f"{b}.norm2.weight"]) * (1 + scale_m) + shift_m
            inner = F.gelu(w[f"{b}.mlp.0.weight"] @ inner + w[f"{b}.mlp.0.bias"], approximate="tanh")
            rows[i] = rows[i] + gate_m * (w[f"{b}.mlp.2.weight"] @ inner + w[f"{b}.mlp.2.bias"])
    shift, scale = modulation("output_layer", 2)
    last = [norm(r, w["output_layer.norm_final.weight"]) * (1 + scale) + shift for r in rows]
    return torch.stack([w["output_layer.linear.weight"] @ r + w["output_layer.linear.bias"] for r in last])


@pytest.fixture
def mdlm(tmp_path):
    return write(tmp_path / "mdlm", MDLM, mdlm_weights())


@pytest.fixture
def baseline(tmp_path):
    return write(tmp_path / "baseline", MDLM | {"causal": True}, mdlm_weights(causal=True))


@torch.no_grad()
@pytest.mark.parametrize("rows", [1, 2])
def test_mdlm_answers_as_its_paper_says_at_any_noise_level(mdlm, rows):
    published, x, sigma = load_published(mdlm, free=PLENTY), ids(rows), torch.tensor([0.3, 2.5])[:rows]
    weights = load_file(mdlm / "model.safetensors")
    still = torch.stack([one_text(weights, row, 0.0, False) for row in x]).float()
    noisy = torch.stack([one_text(weights, row, s.item(), False) for row, s in zip(x, sigma, strict=True)]).float()
    assert (still - noisy).abs().max() > 0.1
    answers = {"x_t": x, "logits_sigma0": still, "logits_sigma": noisy, "sigma": sigma}
    found = agreements(published, answers)
    assert [a.name for a in found] == ["logits_sigma0", "logits_sigma"]
    assert max(a.max_difference for a in found) < 1e-4
    assert all(a.argmax_equal for a in found)


@torch.no_grad()
def test_its_baseline_reads_left_to_right_and_one_by_one_with_a_cache(baseline):
    published, x = load_published(baseline, free=PLENTY), ids(3)
    weights = load_file(baseline / "model.safetensors")
    logits = torch.stack([one_text(weights, row, 0.0, True) for row in x]).float()
    logits[..., V - 1] = -1000
    (found,) = agreements(published, {"x": x, "log_probs": logits.log_softmax(-1)})
    assert found.max_difference < 1e-3  # at -1000 a float32 is no finer than 6e-5
    assert found.argmax_equal
    cache = KeyValueCache(2)
    pieces = torch.cat([published.network(x[:, n : n + 1], cache) for n in range(L)], 1)
    torch.testing.assert_close(pieces, published.network(x), atol=1e-5, rtol=1e-5)


def test_a_certificate_is_the_same_at_every_reading_and_another_for_other_weights(mdlm):
    first = certificate(load_published(mdlm, free=PLENTY))
    assert first == certificate(load_published(mdlm, free=PLENTY))
    assert first["parameters"] == sum(w.numel() for n, w in mdlm_weights().items() if "inv_freq" not in n)
    weights = load_file(mdlm / "model.safetensors")
    save_file({n: w * 1.1 for n, w in weights.items()}, mdlm / "model.safetensors")
    assert certificate(load_published(mdlm, free=PLENTY))["log_probs"] != first["log_probs"]


def test_weights_in_parts_are_read_by_their_index(mdlm):
    whole = certificate(load_published(mdlm, free=PLENTY))
    weights = load_file(mdlm / "model.safetensors")
    (mdlm / "model.safetensors").unlink()
    parts = {f"model-0000{n}-of-00002.safetensors": list(weights)[n::2] for n in (0, 1)}
    for file, names in parts.items():
        save_file({name: weights[name] for name in names}, mdlm / file)
    index = {"weight_map": {name: file for file, names in parts.items() for name in names}}
    (mdlm / "model.safetensors.index.json").write_text(json.dumps(index))
    assert certificate(load_published(mdlm, free=PLENTY)) == whole
    index["weight_map"][next(iter(weights))] = "../elsewhere.safetensors"
    (mdlm / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(Refusal, match=r"index\.json: expected the names of files beside it, got '\.\./elsewhere"):
        load_published(mdlm, free=PLENTY)


# ── at the door ──────────────────────────────────────────────────────────────────


def test_code_in_the_folder_is_never_run(mdlm, monkeypatch):
    monkeypatch.setenv("HF_TRUST_REMOTE_CODE", "1")
    (mdlm / "evil.py").write_text(f"open({str(mdlm / 'was-run')!r}, 'w')\nclass Model: pass")
    auto_map = {"auto_map": {"AutoConfig": "evil.Model", "AutoModelForMaskedLM": "evil.Model"}}
    (mdlm / "config.json").write_text(json.dumps(MDLM | auto_map))
    load_published(mdlm, free=PLENTY)
    assert not (mdlm / "was-run").exists()


def test_weights_that_do_not_fit_into_memory_are_refused_with_both_numbers(mdlm):
    said = r"model\.safetensors: expected weights that fit into memory, they take 0\.0 GB in float32 and 0\.0 GB are"
    with pytest.raises(Refusal, match=said):
        load_published(mdlm, free=1000)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "bert"}, r"config\.json: expected model_type to be one of mdlm, llada, Dream, got 'bert'"),
        ({"hidden_dim": "24"}, r"config\.json: .*hidden_dim"),
        ({"hidden_dim": 2**40}, r"config\.json: .*hidden_dim"),
        ({"n_heads": 5}, r"config\.json: .*heads"),
        ({"time_conditioning": True}, r"config\.json: .*expected time_conditioning to be false"),
        (LLADA | {"mask_token_id": 23}, r"expected mask_token_id to be at most 22, got 23"),
        (LLADA | {"mask_token_id": -1}, r"mask_token_id"),
        (LLADA | {"block_type": "sequential"}, r"expected block_type to be \"llama\""),
        (LLADA | {"include_bias": True}, r"expected include_bias to be false"),
        (DREAM | {"use_sliding_window": True}, r"expected use_sliding_window to be false"),
        ({"n_blocks": 3}, r"model\.safetensors does not fit config\.json .*backbone\.blocks\.2"),
        ({"vocab_size": 24}, r"model\.safetensors does not fit config\.json"),
    ],
)
def test_a_config_that_is_no_such_models_is_named(mdlm, changes, said):
    (mdlm / "config.json").write_text(json.dumps(MDLM | changes))
    with pytest.raises(Refusal, match=said):
        load_published(mdlm, free=PLENTY)


def damaged(path, how):
    data, weights = path.read_bytes(), load_file(path)
    if how == "truncated":
        path.write_bytes(data[:-10])
    elif how == "trailing":
        path.write_bytes(data + b"x")
    elif how == "pointer":
        path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    elif how == "header":
        path.write_bytes(struct.pack("<Q", 2**62) + data[8:])
    elif how == "nan":
        weights["backbone.blocks.1.norm1.weight"][3] = float("nan")
        save_file(weights, path)
    elif how == "extra":
        save_file(weights | {"backbone.more": torch.ones(1)}, path)
    elif how == "missing":
        save_file({n: w for n, w in weights.items() if "norm_final" not in n}, path)
    elif how == "pickled":
        path.unlink()
        path.with_name("pytorch_model.bin").write_bytes(b"\x80\x04.")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("truncated", r"model\.safetensors is damaged"),
        ("trailing", r"model\.safetensors is damaged"),
        ("pointer", r"model\.safetensors: expected weights, found a pointer of Git LFS"),
        ("header", r"model\.safetensors is damaged"),
        ("nan", r"expected weights from -10000 to 10000.* in backbone\.blocks\.1\.norm1\.weight"),
        ("extra", r"does not fit config\.json \(first difference: backbone\.more, expected nothing"),
        ("missing", r"does not fit config\.json \(first difference: backbone\.output_layer\.norm_final\.weight"),
        ("pickled", r"expected weights as model\.safetensors, found \S*pytorch_model\.bin, which could run code"),
    ],
)
def test_damaged_weights_are_named_with_their_file(mdlm, how, said):
    damaged(mdlm / "model.safetensors", how)
    with pytest.raises(Refusal, match=said):
        load_published(mdlm, free=PLENTY)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "expected an input and an answer"),
        ({"x_t": ids()}, "expected an input and an answer"),
        ({"x_t": ids() + V, "logits": torch.zeros(3, L, V)}, "from 0 to 22"),
        ({"x_t": ids(), "logits": torch.zeros(3, L, V - 1)}, r"logits: expected the shape \(3, 7, 23\), got"),
        ({"x_t": ids(), "logits_sigma": torch.zeros(3, L, V)}, "expected a noise level for each text"),
    ],
)
def test_answers_that_can_not_be_compared_are_refused(mdlm, answers, said):
    with pytest.raises(Refusal, match=said):
        agreements(load_published(mdlm, free=PLENTY), answers)


def test_a_folder_is_looked_at_without_its_weights(mdlm):
    (mdlm / "model.safetensors").unlink()
    assert read_published_config(mdlm).mask_token_id == V - 1
