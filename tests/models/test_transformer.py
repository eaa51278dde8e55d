"""The network: against itself with a cache, and against another implementation of the same architecture."""

import pytest
import torch
from msgspec.structs import replace
from transformers import LlamaConfig, LlamaForCausalLM

from edlm_core.models.transformer import KeyValueCache, Transformer, TransformerConfig, rotary, rotate

SHAPE = TransformerConfig(inputs=12, width=24, depth=3, heads=4, kv_heads=2, hidden=40, rope_base=1000.0)


def network(seed=0, **changes):
    """Weights far from their small start, so that every part of the network matters."""
    torch.manual_seed(seed)
    net = Transformer(replace(SHAPE, **changes)).eval()
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn_like(p) * 0.3 + (p.ndim == 1))
    return net


def ids(rows, length, seed=1):
    return torch.randint(SHAPE.inputs, (rows, length), generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
@pytest.mark.parametrize("first", [1, 4])
def test_reading_one_by_one_with_a_cache_equals_one_full_pass(first):
    net, x = network(causal=True), ids(3, 9)
    cache = KeyValueCache(SHAPE.depth)
    pieces = [net(x[:, :first], cache), *(net(x[:, n : n + 1], cache) for n in range(first, 9))]
    torch.testing.assert_close(torch.cat(pieces, 1), net(x), atol=1e-5, rtol=1e-5)
    assert cache.length == 9


@torch.no_grad()
@pytest.mark.parametrize("changed", [0, 3, 7])
def test_causal_what_comes_later_changes_nothing_before_it(changed):
    net, x = network(causal=True), ids(1, 8)
    y = x.clone()
    y[0, changed] = (y[0, changed] + 1) % SHAPE.inputs
    moved = (net(x) != net(y)).any(-1)[0]
    assert moved.tolist() == [n >= changed for n in range(8)]


@torch.no_grad()
@pytest.mark.parametrize("changed", [0, 3, 7])
def test_bidirectional_every_position_sees_every_other(changed):
    net, x = network(causal=False), ids(1, 8)
    y = x.clone()
    y[0, changed] = (y[0, changed] + 1) % SHAPE.inputs
    assert (net(x) != net(y)).any(-1).all()


@torch.no_grad()
def test_rows_of_a_batch_do_not_see_each_other():
    net, x = network(), ids(2, 6)
    y = torch.stack([x[0], ids(1, 6, seed=5)[0]])
    torch.testing.assert_close(net(x)[0], net(y)[0])
    assert not torch.allclose(net(x)[1], net(y)[1])


def test_a_rotary_product_depends_on_the_distance_alone():
    q, k = torch.randn(2, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def product(m, n):
        (cos_m, cos_n), (sin_m, sin_n) = rotary(torch.tensor([m, n]), 8, 1000.0)
        return float(rotate(q, cos_m, sin_m) @ rotate(k, cos_n, sin_n))

    assert product(3, 1) == pytest.approx(product(103, 101), rel=1e-4)
    assert product(3, 1) != pytest.approx(product(1, 3), rel=1e-2)
    assert product(7, 7) == pytest.approx(float(q @ k))


@torch.no_grad()
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_it_computes_what_transformers_llama_computes_with_the_same_weights(causal, kv_heads):
    net = network(causal=causal, kv_heads=kv_heads)
    llama = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=SHAPE.inputs, hidden_size=SHAPE.width, num_hidden_layers=SHAPE.depth,
            num_attention_heads=SHAPE.heads, num_key_value_heads=kv_heads, intermediate_size=SHAPE.hidden,
            rms_norm_eps=1e-5, rope_parameters={"rope_type": "default", "rope_theta": SHAPE.rope_base},
            tie_word_embeddings=True, attn_implementation="eager",
        )
    ).eval()  # fmt: skip
    names = {
        "embedding": "embed_tokens", "blocks": "layers", "attention_norm": "input_layernorm",
        "feed_forward_norm": "post_attention_layernorm", "attention.query": "self_attn.q_proj",
        "attention.key": "self_attn.k_proj", "attention.value": "self_attn.v_proj", "attention.out": "self_attn.o_proj",
        "feed_forward.gate": "mlp.gate_proj", "feed_forward.up": "mlp.up_proj", "feed_forward.down": "mlp.down_proj",
    }  # fmt: skip
    weights = {}
    for name, p in net.state_dict().items():
        for ours, theirs in names.items():
            name = name.replace(f"{ours}.", f"{theirs}.")
        weights[name] = p
    llama.model.load_state_dict(weights)
    x = ids(2, 7)
    everything = None if causal else torch.zeros(2, 1, 7, 7)  # an additive mask that masks nothing
    expected = llama(x, attention_mask=everything).logits
    torch.testing.assert_close(net.logits(net(x), SHAPE.inputs), expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_logits_are_float32_in_any_body_and_leave_the_mask_out(dtype):
    net = network().to(dtype)
    hidden = net(ids(2, 5))
    logits = net.logits(hidden, SHAPE.inputs - 1)
    assert hidden.dtype == dtype
    assert logits.dtype == torch.float32
    assert logits.shape == (2, 5, SHAPE.inputs - 1)
    expected = hidden.double() @ net.embedding.weight[:-1].double().T
    torch.testing.assert_close(logits.double(), expected, rtol=2**-7 if dtype == torch.bfloat16 else 1e-4, atol=0.05)


@torch.no_grad()
def test_dropout_acts_in_training_only():
    net, x = network(dropout=0.5), ids(1, 6)
    assert torch.equal(net(x), net(x))
    net.train()
    assert not torch.equal(net(x), net(x))


@pytest.mark.parametrize(
    "changes",
    [{"heads": 5}, {"kv_heads": 3}, {"heads": 0}, {"kv_heads": 0}, {"depth": 0}, {"hidden": -1}, {"inputs": 0},
     {"width": 12}],
)  # fmt: skip
def test_a_shape_that_cannot_be_built_is_refused(changes):
    with pytest.raises(ValueError, match="expected"):
        replace(SHAPE, **changes)
