"""The one small network: a transformer over token ids, bidirectional or causal.

Pre-norm blocks of rotary grouped-query attention and a SwiGLU feed-forward, RMS norms, no
biases, input and output embeddings tied: the Llama block, so that layers of a pretrained
model of the same width fit in. What published relatives of it do otherwise is a field of the
config. The body runs in the dtype of its weights; the head (`logits`) returns float32 always.
"""

from __future__ import annotations

from typing import Annotated

import torch
import torch.nn.functional as F
from msgspec import Meta, Struct
from msgspec.structs import replace
from torch import Tensor, nn

from ..refusals import Refusal
from .kernels import added, gated, padded, rms_norm

ROWS_OF_LOGITS = 256  # how many positions meet the vocabulary at once: few enough for their logits to stay in the cache


Size = Annotated[int, Meta(ge=1, le=2**18)]


class TransformerConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Shape of a network. `inputs` counts the embeddings: V, or V + 1 with the mask.

    What stands in a file is held against the types and bounds below (`checkpoints.py`): a shape within them is cheap to
    look at, however little memory there is for its weights.
    """

    inputs: Size
    width: Size = 384
    depth: Annotated[int, Meta(ge=1, le=256)] = 6
    heads: Size = 6
    kv_heads: Size = 6  # fewer than `heads`: groups of heads share keys and values
    hidden: Size = 1024
    causal: bool = False
    rope_base: Annotated[float, Meta(ge=1, le=1e9)] = 100_000.0
    dropout: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    norm_eps: Annotated[float, Meta(gt=0, le=1e-2)] = 1e-5
    qkv_bias: bool = False  # of queries, keys and values (Qwen2's block)
    tied: bool = True  # the embeddings are the head too

    def __post_init__(self) -> None:
        sizes = self.inputs, self.width, self.depth, self.heads, self.kv_heads, self.hidden
        if min(sizes) < 1:
            raise Refusal("network-sizes", got=min(sizes))
        if self.width % (2 * self.heads) or self.heads % self.kv_heads:  # rotary turns pairs of numbers
            raise Refusal("network-heads", heads=self.heads, width=self.width, kv_heads=self.kv_heads)


class KeyValueCache:
    """Keys and values of the positions already read, one pair a block: (B, kv_heads, S, width / heads)."""

    def __init__(self, depth: int) -> None:
        self.blocks: list[tuple[Tensor, Tensor] | None] = [None] * depth
        self.length = 0

    def extend(self, block: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        old = self.blocks[block]
        if old is not None:
            k, v = torch.cat([old[0], k], dim=2), torch.cat([old[1], v], dim=2)
        self.blocks[block] = (k, v)
        return k, v


def rotary(positions: Tensor, head_width: int, base: float) -> tuple[Tensor, Tensor]:
    """cos and sin of the rotary angles, the sine's sign as `rotate` needs it: (S,) -> two (S, head_width)."""
    frequency = base ** (-torch.arange(0, head_width, 2, device=positions.device, dtype=torch.float32) / head_width)
    angle = positions.float()[:, None] * frequency
    cos, sin = angle.cos(), angle.sin()
    return torch.cat([cos, cos], dim=-1), torch.cat([-sin, sin], dim=-1)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """The two halves of x (..., S, head_width) are the coordinates of points that turn."""
    return (x * cos).addcmul_(x.roll(x.shape[-1] // 2, -1), sin)


class Attention(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.causal = config.heads, config.kv_heads, config.causal
        head_width = config.width // config.heads
        self.query = nn.Linear(config.width, config.width, bias=config.qkv_bias)
        self.key = nn.Linear(config.width, config.kv_heads * head_width, bias=config.qkv_bias)
        self.value = nn.Linear(config.width, config.kv_heads * head_width, bias=config.qkv_bias)
        self.out = nn.Linear(config.width, config.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: KeyValueCache | None, block: int) -> Tensor:
        """Up to the map `out`, which Block applies: (B, S, D) -> (B, S, D)."""
        B, S, D = x.shape
        q = self.query(x).view(B, S, self.heads, -1).transpose(1, 2)  # (B, heads, S, D / heads)
        k = self.key(x).view(B, S, self.kv_heads, -1).transpose(1, 2)
        v = self.value(x).view(B, S, self.kv_heads, -1).transpose(1, 2)
        q, k = rotate(q, cos, sin).to(v.dtype), rotate(k, cos, sin).to(v.dtype)
        if cache is not None:
            k, v = cache.extend(block, k, v)
        # A cached call reads one new position, which may look at everything before it.
        y = F.scaled_dot_product_attention(
            q, k, v, is_causal=self.causal and S > 1, enable_gqa=self.heads > self.kv_heads
        )
        return y.transpose(1, 2).reshape(B, S, D)


class FeedForward(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.gate = nn.Linear(config.width, config.hidden, bias=False)
        self.up = nn.Linear(config.width, config.hidden, bias=False)
        self.down = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Up to the map `down`, which Block applies: (B, S, D) -> (B, S, H)."""
        return gated(x, self.gate, self.up)


class Block(nn.Module):
    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(config.width, eps=config.norm_eps)
        self.attention = Attention(config)
        self.feed_forward_norm = nn.RMSNorm(config.width, eps=config.norm_eps)
        self.feed_forward = FeedForward(config)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: KeyValueCache | None, block: int) -> Tensor:
        read = self.attention(rms_norm(x, self.attention_norm), cos, sin, cache, block)
        x = added(x, read, self.attention.out, self.dropout)
        return added(x, self.feed_forward(rms_norm(x, self.feed_forward_norm)), self.feed_forward.down, self.dropout)


class Transformer(nn.Module):
    """ids (B, S) -> hidden states (B, S, width); `logits` turns chosen rows into (rows, V)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.inputs, config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.norm = nn.RMSNorm(config.width, eps=config.norm_eps)
        self.head = None if config.tied else nn.Linear(config.width, config.inputs, bias=False)
        self.apply(self._initialise)

    def _initialise(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, Attention) and self.config.qkv_bias:
            for linear in (module.query, module.key, module.value):
                nn.init.zeros_(linear.bias)
        if isinstance(module, Attention):
            nn.init.normal_(module.out.weight, std=0.02 / (2 * self.config.depth) ** 0.5)
        if isinstance(module, FeedForward):
            nn.init.normal_(module.down.weight, std=0.02 / (2 * self.config.depth) ** 0.5)

    def forward(self, ids: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        return self.body(self.embedding(ids), cache)

    def body(self, x: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        """Everything between the embeddings (B, S, width) and the hidden states (B, S, width)."""
        B, S, _ = x.shape
        x = padded(x, S if cache is None else 1)  # with a cache the same at every length
        start = 0 if cache is None else cache.length
        positions = torch.arange(start, start + x.shape[1], device=x.device)
        cos, sin = rotary(positions, self.config.width // self.config.heads, self.config.rope_base)
        cos, sin = cos.to(x.dtype), sin.to(x.dtype)
        for n, block in enumerate(self.blocks):
            x = block(x, cos, sin, cache, n)
        if cache is not None:
            cache.length += x.shape[1]
        return self.norm(x[:B])

    def logits(self, hidden: Tensor, vocab_size: int) -> Tensor:
        """Hidden rows (..., width) -> float32 logits (..., V); the mask's own row is left out."""
        rows = hidden.reshape(-1, hidden.shape[-1])
        head = self.embedding if self.head is None else self.head
        logits = F.linear(padded(rows), head.weight[:vocab_size].to(hidden.dtype))[: len(rows)]
        return logits.float().view(*hidden.shape[:-1], vocab_size)


class PairTransformer(nn.Module):
    """Reads a clean and a masked sequence together: (x_0, x_t) -> one number a position.

    Both are embedded by one table and joined by a linear map that starts as the identity on x_0's
    half, so that weights of a denoiser, or of any other Transformer over these ids, fit in and
    mean at first what they meant there. The last map starts at zero.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.transformer = Transformer(config)
        self.join = nn.Linear(2 * config.width, config.width, bias=False)
        self.head = nn.Linear(config.width, 1)
        with torch.no_grad():
            self.join.weight.copy_(torch.eye(config.width, 2 * config.width))
            self.head.weight.zero_()
            self.head.bias.zero_()

    @classmethod
    def starting_as(cls, network: Transformer, depth: int, vocab_size: int) -> PairTransformer:
        """With the embeddings and the first `depth` blocks of a trained network, of either direction.

        A network that knows no mask gets the mean of its embeddings for it.
        """
        pair = cls(replace(network.config, inputs=vocab_size + 1, depth=depth, causal=False, dropout=0.0))
        embeddings = network.embedding.weight.detach()
        if len(embeddings) == vocab_size:
            embeddings = torch.cat([embeddings, embeddings.mean(0, keepdim=True)])
        own = pair.transformer
        own.embedding.load_state_dict({"weight": embeddings})
        own.norm.load_state_dict(network.norm.state_dict())
        for block, trained in zip(own.blocks, network.blocks, strict=False):
            block.load_state_dict(trained.state_dict())
        return pair

    def forward(self, x_0: Tensor, x_t: Tensor) -> Tensor:
        """(N, L), (N, L) ids -> (N, L) float32."""
        pair = torch.cat([self.transformer.embedding(x_0), self.transformer.embedding(x_t)], dim=-1)
        return self.head(self.transformer.body(self.join(pair)))[..., 0].float()
