"""What a network is before it has learned anything here: nothing, layers of SmolLM2, or weights that exist already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

import torch
from msgspec import structs
from safetensors import SafetensorError
from safetensors.torch import load

from ..files import read_bounded
from ..models.adapters import adapt, adapter_weights
from ..models.checkpoints import Model, load_model
from ..models.pretrained import layers_as_transformer, load_language_model
from ..models.tokenizer import Tokenizer
from ..models.transformer import PairTransformer, Transformer, TransformerConfig
from ..models.weights import MAX_WEIGHTS_BYTES
from ..refusals import Refusal
from ..settings import check_choice, check_whole

Learning = TypeVar("Learning", Transformer, PairTransformer)


@dataclass(frozen=True)
class Fresh:
    """Random weights, of the torch generator that the caller has seeded."""

    name: ClassVar[str] = "fresh"
    width: int = 384
    depth: int = 6
    heads: int = 6
    hidden: int = 1024

    def __post_init__(self) -> None:
        self._shape(1, causal=False, dropout=0.0)  # refuses what can't be built, before any work

    def _shape(self, inputs: int, *, causal: bool, dropout: float) -> TransformerConfig:
        return TransformerConfig(
            inputs=inputs,
            width=self.width,
            depth=self.depth,
            heads=self.heads,
            kv_heads=self.heads,
            hidden=self.hidden,
            causal=causal,
            dropout=dropout,
        )

    def network(self, tokenizer: Tokenizer, *, causal: bool, dropout: float) -> Transformer:
        inputs = tokenizer.vocab_size + (0 if causal else 1)  # a causal network never sees the mask
        return Transformer(self._shape(inputs, causal=causal, dropout=dropout))


@dataclass(frozen=True)
class Layers:
    """Some blocks of SmolLM2 and its embeddings of our ids, in its width; no numbers: all of them."""

    name: ClassVar[str] = "smollm2"
    layers: tuple[int, ...] = ()

    def network(self, tokenizer: Tokenizer, *, causal: bool, dropout: float) -> Transformer:
        """Raises MissingModel, Refusal."""
        source = load_language_model("cpu", torch.float32)
        depth = source.config.num_hidden_layers
        if not all(0 <= n < depth for n in self.layers):
            raise Refusal("train-layers", most=depth - 1, got=", ".join(map(str, self.layers)))
        return layers_as_transformer(
            source, self.layers or range(depth), tokenizer.to_source, causal=causal, dropout=dropout
        )

    def adapted(self, tokenizer: Tokenizer, rank: int) -> Transformer:
        return adapt(self.network(tokenizer, causal=True, dropout=0.0).bfloat16(), rank)


@dataclass(frozen=True)
class Folder:
    """The weights that a model folder has for the same part; a bundled model's name or a path."""

    name: ClassVar[str] = "folder"
    folder: str

    def model(self) -> Model:
        """Raises BadModel."""
        return load_model(self.folder, device="cpu", dtype=torch.float32)

    def network(self, tokenizer: Tokenizer, *, causal: bool, dropout: float) -> Transformer:
        model = self.model()
        trained = (model.autoregressive if causal else model.denoiser).network
        return _learning(Transformer, trained, dropout)

    def pair(self) -> PairTransformer:
        return _learning(PairTransformer, self.model().learned_energy.network, 0.0)

    def adapted(self, tokenizer: Tokenizer, rank: int) -> Transformer:
        """Raises Refusal where the folder has no adapters of this rank."""
        network = Layers().adapted(tokenizer, rank)
        path = self.model().folder / "smollm2.safetensors"
        expected = {n: tuple(p.shape) for n, p in adapter_weights(network).items()}
        try:
            weights = load(read_bounded(path, MAX_WEIGHTS_BYTES))
        except SafetensorError:
            damaged = Refusal("weights-damaged", path=path.name, error=Refusal("weights-read"))
            raise Refusal("train-from", folder=self.folder, error=damaged) from None
        if {n: tuple(p.shape) for n, p in weights.items()} != expected:
            raise Refusal("train-from", folder=self.folder, error=Refusal("adapters-rank", path=path.name, rank=rank))
        network.load_state_dict(weights, strict=False)  # the frozen half is SmolLM2's own
        return network


@dataclass(frozen=True)
class Blocks:
    """The first `depth` blocks of the denoiser or of the autoregressive model beside it; None: all."""

    name: ClassVar[str] = "blocks"
    of: str = "denoiser"
    depth: int | None = None

    def __post_init__(self) -> None:
        check_choice("start", self.of, ("denoiser", "ar"))

    def pair(self, model: Model) -> PairTransformer:
        """Raises Refusal, BadModel."""
        source = model.denoiser.network if self.of == "denoiser" else model.autoregressive.network
        depth = source.config.depth if self.depth is None else self.depth
        check_whole("depth", depth, 1, source.config.depth)
        return PairTransformer.starting_as(source, depth, model.tokenizer.vocab_size)


Start = Fresh | Layers | Folder | Blocks
STARTS: dict[str, type[Start]] = {start.name: start for start in (Fresh, Layers, Folder, Blocks)}


def tokenizer_of(out: Path, start: Start) -> Tokenizer:
    """The one of the folder to train in, which gets that of the folder to start from where it has none: ids must mean
    there what they mean here. Raises Refusal."""
    own = out / "tokenizer.json"
    if not isinstance(start, Folder):
        if not own.exists():
            raise Refusal("train-no-tokenizer", folder=out)
        return Tokenizer.load(out)
    theirs = start.model().tokenizer
    if not own.exists():
        theirs.save(out)
        return theirs
    ours = Tokenizer.load(out)
    if (ours.to_source, ours.spellings) != (theirs.to_source, theirs.spellings):
        raise Refusal("train-from-tokenizer", folder=start.folder, out=out)
    return ours


def _learning(build: Callable[[TransformerConfig], Learning], trained: Learning, dropout: float) -> Learning:
    """A trained network's weights in one that learns."""
    network = build(structs.replace(trained.config, dropout=dropout))
    network.load_state_dict(trained.state_dict())
    return network
