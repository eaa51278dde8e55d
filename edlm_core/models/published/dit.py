"""MDLM's networks (Sahoo et al. 2024), under the names of its checkpoints: the denoiser, a transformer whose norms are
modulated by the noise level (Peebles & Xie 2023), and the left-to-right baseline, the same without modulation.

Norms, biases and the two halves that rotary turns are not those of `transformer.py`, so it is a network of its own.
`time_conditioning` is off in the published runs: whatever t, the denoiser is told sigma = 0.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

import torch
import torch.nn.functional as F
from msgspec import Meta, Struct
from torch import Tensor, nn

from ...refusals import Refusal
from ..kernels import padded
from ..transformer import KeyValueCache, Size, rotary, rotate

SINUSOIDS, LOWEST = 256, 10_000.0  # of the noise level; and the base of the rotary angles


class MdlmConfig(Struct, frozen=True, tag_field="model_type", tag="mdlm"):
    """What its config.json says of what decides the answer; the mask is the last of the ids."""

    vocab_size: Size
    hidden_dim: Size
    n_blocks: Annotated[int, Meta(ge=1, le=256)]
    n_heads: Size
    cond_dim: Size = 128
    causal: bool = False

    shifted: ClassVar[bool] = False
    constants: ClassVar = frozenset({"backbone.rotary_emb.inv_freq"})  # in the file, and worked out here
    fixed: ClassVar = {"time_conditioning": False}

    def __post_init__(self) -> None:
        if self.hidden_dim % (2 * self.n_heads):
            raise Refusal("network-heads", heads=self.n_heads, width=self.hidden_dim, kv_heads=self.n_heads)

    @property
    def family(self) -> str:
        return "MDLM's baseline" if self.causal else "MDLM"

    @property
    def inputs(self) -> int:
        return self.vocab_size

    @property
    def mask_token_id(self) -> int:
        return self.vocab_size - 1

    def network(self) -> Dit:
        return Dit(self)

    def published_name(self, name: str) -> str:
        """Of a tensor of the network, in the file."""
        return f"backbone.{name}"


class VocabEmbedding(nn.Module):
    def __init__(self, config: MdlmConfig) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(config.vocab_size, config.hidden_dim))


class SigmaMap(nn.Module):
    """The noise level as a vector: (B,) -> (B, cond_dim)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(SINUSOIDS, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, sigma: Tensor) -> Tensor:
        half = SINUSOIDS // 2
        frequency = torch.exp(-math.log(LOWEST) * torch.arange(half, device=sigma.device) / half)
        angle = sigma.float()[:, None] * frequency
        sinusoids = torch.cat([angle.cos(), angle.sin()], dim=-1)
        return F.silu(self.mlp(sinusoids.to(next(self.parameters()).dtype)))


class Norm(nn.Module):
    """A layer norm with a weight and no bias, worked out in float32."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x.float(), x.shape[-1:], eps=1e-5).to(x.dtype) * self.weight


class Block(nn.Module):
    def __init__(self, config: MdlmConfig) -> None:
        super().__init__()
        D = config.hidden_dim
        self.heads, self.causal = config.n_heads, config.causal
        self.norm1, self.norm2 = Norm(D), Norm(D)
        self.attn_qkv = nn.Linear(D, 3 * D, bias=False)
        self.attn_out = nn.Linear(D, D, bias=False)
        self.mlp = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(approximate="tanh"), nn.Linear(4 * D, D))
        self.adaLN_modulation = None if config.causal else nn.Linear(config.cond_dim, 6 * D)

    def forward(
        self, x: Tensor, c: Tensor | None, cos: Tensor, sin: Tensor, cache: KeyValueCache | None, block: int
    ) -> Tensor:
        """(B, S, D), (B, cond_dim) -> (B, S, D)."""
        if self.adaLN_modulation is None or c is None:
            x = x + self.attn_out(self._read(self.norm1(x), cos, sin, cache, block))
            return x + self.mlp(self.norm2(x))
        shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = self.adaLN_modulation(c)[:, None].chunk(6, dim=-1)
        read = self._read(self.norm1(x) * (1 + scale_a) + shift_a, cos, sin, cache, block)
        x = x + gate_a * self.attn_out(read)
        return x + gate_m * self.mlp(self.norm2(x) * (1 + scale_m) + shift_m)

    def _read(self, x: Tensor, cos: Tensor, sin: Tensor, cache: KeyValueCache | None, block: int) -> Tensor:
        B, S, D = x.shape
        q, k, v = self.attn_qkv(x).view(B, S, 3, self.heads, -1).permute(2, 0, 3, 1, 4)  # each (B, heads, S, D / heads)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            k, v = cache.extend(block, k, v)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal and S > 1)
        return y.transpose(1, 2).reshape(B, S, D)


class OutputLayer(nn.Module):
    def __init__(self, config: MdlmConfig) -> None:
        super().__init__()
        self.norm_final = Norm(config.hidden_dim)
        self.linear = nn.Linear(config.hidden_dim, config.vocab_size)
        self.adaLN_modulation = None if config.causal else nn.Linear(config.cond_dim, 2 * config.hidden_dim)

    def forward(self, x: Tensor, c: Tensor | None) -> Tensor:
        """Up to the map `linear`, which `Dit.logits` applies."""
        x = self.norm_final(x)
        if self.adaLN_modulation is None or c is None:
            return x
        shift, scale = self.adaLN_modulation(c)[:, None].chunk(2, dim=-1)
        return x * (1 + scale) + shift


class Dit(nn.Module):
    """ids (B, S) -> hidden states (B, S, D); `logits` turns chosen rows into (rows, V): as Transformer does."""

    def __init__(self, config: MdlmConfig) -> None:
        super().__init__()
        self.config = config
        self.vocab_embed = VocabEmbedding(config)
        self.sigma_map = None if config.causal else SigmaMap(config.cond_dim)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_blocks))
        self.output_layer = OutputLayer(config)

    def forward(self, ids: Tensor, cache: KeyValueCache | None = None, sigma: Tensor | None = None) -> Tensor:
        """`sigma` (B,): the noise level that a denoiser is told; none: 0."""
        B, S = ids.shape
        x = padded(self.vocab_embed.embedding[ids], S if cache is None else 1)
        c = None
        if self.sigma_map is not None:
            level = torch.zeros(B, device=ids.device) if sigma is None else sigma
            c = self.sigma_map(torch.cat([level, level[-1:].expand(len(x) - B)]))
        start = 0 if cache is None else cache.length
        positions = torch.arange(start, start + S, device=ids.device)
        cos, sin = rotary(positions, self.config.hidden_dim // self.config.n_heads, LOWEST)
        cos, sin = cos.to(x.dtype), sin.to(x.dtype)
        for n, block in enumerate(self.blocks):
            x = block(x, c, cos, sin, cache, n)
        if cache is not None:
            cache.length += S
        return self.output_layer(x, c)[:B]

    def logits(self, hidden: Tensor, vocab_size: int) -> Tensor:
        """Hidden rows (..., D) -> float32 logits (..., V)."""
        rows = hidden.reshape(-1, hidden.shape[-1])
        linear = self.output_layer.linear
        logits = F.linear(padded(rows), linear.weight[:vocab_size], linear.bias[:vocab_size])[: len(rows)]
        return logits.float().view(*hidden.shape[:-1], vocab_size)
