"""LLaDA (Nie et al. 2025) and Dream (Ye et al. 2025): masked-diffusion denoisers with the block of a language model.

Both are a Transformer of ours that reads in both directions, so that all there is to a family is its words for the
shape and for the tensors. Dream was adapted from a left-to-right model and still answers one place late: what it says
of position i stands at i - 1 (`shifted`), and position 0 keeps its own.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from ..transformer import Size, Transformer, TransformerConfig

BLOCK = {  # of ours, and the layer's name in LLaDA and in Dream
    "attention_norm": ("attn_norm", "input_layernorm"),
    "attention.query": ("q_proj", "self_attn.q_proj"),
    "attention.key": ("k_proj", "self_attn.k_proj"),
    "attention.value": ("v_proj", "self_attn.v_proj"),
    "attention.out": ("attn_out", "self_attn.o_proj"),
    "feed_forward_norm": ("ff_norm", "post_attention_layernorm"),
    "feed_forward.gate": ("ff_proj", "mlp.gate_proj"),
    "feed_forward.up": ("up_proj", "mlp.up_proj"),
    "feed_forward.down": ("ff_out", "mlp.down_proj"),
}
Base = Annotated[float, Meta(ge=1, le=1e9)]
Eps = Annotated[float, Meta(gt=0, le=1e-2)]


class LladaConfig(Struct, frozen=True, tag_field="model_type", tag="llada"):
    """What its config.json says of what decides the answer. The rest is passed over, but for what is `fixed` here."""

    d_model: Size
    n_heads: Size
    n_layers: Size
    mlp_hidden_size: Size
    embedding_size: Size
    mask_token_id: Annotated[int, Meta(ge=0)]
    n_kv_heads: Size | None = None
    rope_theta: Base = 10_000.0
    rms_norm_eps: Eps = 1e-5
    weight_tying: bool = False
    include_qkv_bias: bool = False

    family: ClassVar[str] = "LLaDA"
    shifted: ClassVar[bool] = False
    constants: ClassVar = frozenset[str]()
    fixed: ClassVar = {
        "block_type": "llama",
        "layer_norm_type": "rms",
        "activation_type": "silu",
        "rope": True,
        "include_bias": False,
    }

    @property
    def inputs(self) -> int:
        return self.embedding_size

    def network(self) -> Transformer:
        shape = TransformerConfig(
            inputs=self.inputs,
            width=self.d_model,
            depth=self.n_layers,
            heads=self.n_heads,
            kv_heads=self.n_kv_heads or self.n_heads,
            hidden=self.mlp_hidden_size,
            rope_base=self.rope_theta,
            norm_eps=self.rms_norm_eps,
            qkv_bias=self.include_qkv_bias,
            tied=self.weight_tying,
        )
        return Transformer(shape)

    def published_name(self, name: str) -> str:
        """Of a tensor of the network, in the file."""
        around = {"embedding": "wte", "norm": "ln_f", "head": "ff_out"}
        return "model.transformer." + renamed(name, around, "blocks", 0)


class DreamConfig(Struct, frozen=True, tag_field="model_type", tag="Dream"):
    """Qwen2's words for its shape, and its biases of queries, keys and values."""

    hidden_size: Size
    num_attention_heads: Size
    num_key_value_heads: Size
    num_hidden_layers: Size
    intermediate_size: Size
    vocab_size: Size
    mask_token_id: Annotated[int, Meta(ge=0)]
    rope_theta: Base = 10_000.0
    rms_norm_eps: Eps = 1e-6
    tie_word_embeddings: bool = False

    family: ClassVar[str] = "Dream"
    shifted: ClassVar[bool] = True
    constants: ClassVar = frozenset[str]()
    fixed: ClassVar = {"hidden_act": "silu", "rope_scaling": None, "use_sliding_window": False}

    @property
    def inputs(self) -> int:
        return self.vocab_size

    def network(self) -> Transformer:
        shape = TransformerConfig(
            inputs=self.inputs,
            width=self.hidden_size,
            depth=self.num_hidden_layers,
            heads=self.num_attention_heads,
            kv_heads=self.num_key_value_heads,
            hidden=self.intermediate_size,
            rope_base=self.rope_theta,
            norm_eps=self.rms_norm_eps,
            qkv_bias=True,
            tied=self.tie_word_embeddings,
        )
        return Transformer(shape)

    def published_name(self, name: str) -> str:
        """Of a tensor of the network, in the file."""
        if name.startswith("head."):
            return "lm_head.weight"
        return "model." + renamed(name, {"embedding": "embed_tokens", "norm": "norm"}, "layers", 1)


def renamed(name: str, around: dict[str, str], blocks: str, column: int) -> str:
    """`blocks.2.attention.query.weight` -> `layers.2.self_attn.q_proj.weight`; outside of the blocks by `around`."""
    layer, _, kind = name.rpartition(".")
    if not name.startswith("blocks."):
        return f"{around[layer]}.{kind}"
    _, number, part = layer.split(".", 2)
    return f"{blocks}.{number}.{BLOCK[part][column]}.{kind}"
