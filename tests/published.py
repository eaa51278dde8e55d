"""A folder of MDLM's denoiser, or of its left-to-right baseline, in the layout of the hubs, with random weights."""

import json

import torch
from safetensors.torch import save_file

V = 23
MDLM = {"model_type": "mdlm", "vocab_size": V, "hidden_dim": 24, "cond_dim": 10, "n_blocks": 2, "n_heads": 3}


def randomised(weights, seed=0, scale=0.3):
    """Far from a small start, so that every part matters."""
    draw = torch.Generator().manual_seed(seed)
    return {n: torch.randn(w.shape, generator=draw) * scale + (w.ndim == 1) for n, w in sorted(weights.items())}


def write(folder, config, weights):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    save_file({name: weight.contiguous() for name, weight in weights.items()}, folder / "model.safetensors")
    return folder


def mdlm_weights(causal=False):
    D, C = 24, 10
    block = {
        "norm1.weight": (D,),
        "norm2.weight": (D,),
        "attn_qkv.weight": (3 * D, D),
        "attn_out.weight": (D, D),
        "mlp.0.weight": (4 * D, D),
        "mlp.0.bias": (4 * D,),
        "mlp.2.weight": (D, 4 * D),
        "mlp.2.bias": (D,),
    }
    last = {"norm_final.weight": (D,), "linear.weight": (V, D), "linear.bias": (V,)}
    rest = {"vocab_embed.embedding": (V, D), "rotary_emb.inv_freq": (4,)}
    if not causal:
        block |= {"adaLN_modulation.weight": (6 * D, C), "adaLN_modulation.bias": (6 * D,)}
        last |= {"adaLN_modulation.weight": (2 * D, C), "adaLN_modulation.bias": (2 * D,)}
        rest |= {
            "sigma_map.mlp.0.weight": (C, 256),
            "sigma_map.mlp.0.bias": (C,),
            "sigma_map.mlp.2.weight": (C, C),
            "sigma_map.mlp.2.bias": (C,),
        }
    shapes = {f"blocks.{n}.{name}": shape for n in range(2) for name, shape in block.items()}
    shapes |= {f"output_layer.{name}": shape for name, shape in last.items()} | rest
    # Gates multiply: at 0.3 logits are in the hundreds, where a float32 is no finer than the bound below.
    return randomised({f"backbone.{name}": torch.empty(shape) for name, shape in shapes.items()}, scale=0.15)
