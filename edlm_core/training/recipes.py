"""What is trained and how, as values: a dataclass for each part of a model folder, JSON both ways.

    Denoiser(TrainConfig(minutes=60), start=Folder("tales"))

`plan` turns one into a network, its loss and its measure.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, get_args, get_type_hints

import msgspec
import torch
from torch import Tensor

from ..config import MAX_CANDIDATES
from ..json_files import json_fault
from ..method.schedules import LogLinearSchedule
from ..models.checkpoints import load_model, save_adapters, save_network
from ..models.tokenizer import Tokenizer
from ..models.transformer import PairTransformer, Transformer
from ..refusals import Refusal
from ..settings import check_choice, check_whole
from .contrast import Contrast, contrast, report_contrast
from .corpus import load_corpus
from .loop import VALID_WINDOWS, Loss, Plan, Split
from .losses import denoising_loss, next_token_loss
from .sentences import counted, load_sentences
from .settings import TrainConfig
from .starts import STARTS, Blocks, Folder, Fresh, Layers, Start, tokenizer_of

CORPORA: dict[str, Callable[[Path, Tokenizer], Mapping[str, Split]]] = {
    "stories": load_corpus,
    "sentences": load_sentences,
}


@dataclass(frozen=True)
class Recipe(ABC):
    """What every recipe has. `kind` names the files it makes."""

    kind: ClassVar[str]
    starts: ClassVar[tuple[type[Start], ...]]
    config: TrainConfig
    start: Start

    def __post_init__(self) -> None:
        if not isinstance(self.start, self.starts):
            raise Refusal("train-start", kind=self.kind, start=self.start.name)

    @abstractmethod
    def plan(self, data: Path, out: Path, device: torch.device) -> Plan:
        """For the corpus in `data` and the model folder `out`. Raises Refusal, BadModel, MissingModel."""


@dataclass(frozen=True)
class _OverIds(Recipe):
    """A network over ids, alone."""

    starts = (Fresh, Layers, Folder)
    causal: ClassVar[bool]
    start: Fresh | Layers | Folder = field(default_factory=Fresh)
    dropout: float = 0.0
    corpus: str = "stories"  # or "sentences": each a window by itself

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("corpus", self.corpus, tuple(CORPORA))
        if not 0 <= self.dropout < 1:
            raise Refusal("train-share", name="dropout", got=self.dropout)

    def plan(self, data: Path, out: Path, device: torch.device) -> Plan:
        tokenizer = tokenizer_of(out, self.start)
        corpus = CORPORA[self.corpus](data, tokenizer)
        torch.manual_seed(self.config.seed)  # torch's initialisers take no generator through nn.Module.apply
        network = self.start.network(tokenizer, causal=self.causal, dropout=self.dropout)
        save = partial(save_network, out, self.kind)
        return Plan(self.kind, network, self._loss(tokenizer), corpus, self.config, save, recipe=to_json(self))

    def _counted(self, x_0: Tensor, tokenizer: Tokenizer) -> Tensor | None:
        """What the loss counts; None: everything."""
        return counted(x_0, tokenizer.end_of_text) if self.corpus == "sentences" else None

    @abstractmethod
    def _loss(self, tokenizer: Tokenizer) -> Loss: ...


@dataclass(frozen=True)
class Denoiser(_OverIds):
    kind = "denoiser"
    causal = False

    def _loss(self, tokenizer: Tokenizer) -> Loss:
        def loss(network: Transformer, x_0: Tensor, generator: torch.Generator) -> Tensor:
            told = self._counted(x_0, tokenizer)
            return denoising_loss(network, x_0, LogLinearSchedule(), tokenizer.vocab_size, generator, told)

        return loss


@dataclass(frozen=True)
class Autoregressive(_OverIds):
    kind = "ar"
    causal = True

    def _loss(self, tokenizer: Tokenizer) -> Loss:
        def loss(network: Transformer, x_0: Tensor, generator: torch.Generator) -> Tensor:
            told = self._counted(x_0, tokenizer)
            return next_token_loss(network, x_0, tokenizer.vocab_size, tokenizer.end_of_text, told)

        return loss


@dataclass(frozen=True)
class Adapters(Recipe):
    """Low-rank matrices beside the linear maps of SmolLM2, which stays as it is."""

    kind = "smollm2"
    starts = (Layers, Folder)
    start: Layers | Folder = field(default_factory=Layers)
    rank: int = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("rank", self.rank, 1, 576)  # the width of SmolLM2

    def plan(self, data: Path, out: Path, device: torch.device) -> Plan:
        tokenizer = tokenizer_of(out, self.start)
        corpus = load_corpus(data, tokenizer)
        torch.manual_seed(self.config.seed)
        network = self.start.adapted(tokenizer, self.rank)

        def loss(network: Transformer, x_0: Tensor, generator: torch.Generator) -> Tensor:
            return next_token_loss(network, x_0, tokenizer.vocab_size, tokenizer.end_of_text)

        save = partial(save_adapters, out, self.kind)
        return Plan(self.kind, network, loss, corpus, self.config, save, recipe=to_json(self))


@dataclass(frozen=True)
class Energy(Recipe):
    """A PairTransformer that tells real texts from those of the denoiser in the same folder (NCE)."""

    kind = "energy"
    starts = (Blocks, Folder)
    start: Blocks | Folder = field(default_factory=Blocks)
    loss: str = "binary"
    negatives: int = 3  # drawn for each real text

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("loss", self.loss, ("binary", "ranking"))
        check_whole("negatives", self.negatives, 1, MAX_CANDIDATES)

    def plan(self, data: Path, out: Path, device: torch.device) -> Plan:
        tokenizer = tokenizer_of(out, self.start)
        model = load_model(str(out), device=device, dtype=torch.float32)
        network = self.start.pair(model) if isinstance(self.start, Blocks) else self.start.pair()
        corpus = load_corpus(data, tokenizer)
        windows = corpus["valid"].fixed_windows(VALID_WINDOWS, self.config.valid_length).to(device)

        def told_apart(network: PairTransformer, x_0: Tensor, generator: torch.Generator) -> Contrast:
            return contrast(network, model.denoiser, x_0, model.schedule, self.negatives, generator)

        def loss(network: PairTransformer, x_0: Tensor, generator: torch.Generator) -> Tensor:
            told = told_apart(network, x_0, generator)
            return told.binary_loss() if self.loss == "binary" else told.ranking_loss()

        @torch.no_grad()
        def measure(network: PairTransformer) -> dict[str, Any]:
            generator = torch.Generator().manual_seed(1)
            with torch.autocast(device.type, torch.bfloat16):
                return report_contrast([told_apart(network, batch, generator) for batch in windows.split(64)])

        save = partial(save_network, out, self.kind)
        return Plan(self.kind, network, loss, corpus, self.config, save, measure, to_json(self))


RECIPES: dict[str, type[Recipe]] = {recipe.kind: recipe for recipe in (Denoiser, Autoregressive, Adapters, Energy)}


# ── JSON ─────────────────────────────────────────────────────────────────────────
def to_json(recipe: Recipe) -> dict[str, Any]:
    values = asdict(recipe) | {"start": {"kind": recipe.start.name, **asdict(recipe.start)}}
    return {"kind": recipe.kind, **values}


def from_json(values: Any) -> Recipe:
    """The recipe that `to_json` was given. Raises Refusal."""
    try:
        return _build(RECIPES, values)
    except msgspec.ValidationError as error:
        raise Refusal("recipe-damaged", error=json_fault(error)) from None


def _build(kinds: Mapping[str, type], values: Any) -> Any:
    """The one of `kinds` that values["kind"] names, of the other values."""
    given = msgspec.convert(values, dict[str, Any])
    kind = given.pop("kind", None)
    if not isinstance(kind, str) or kind not in kinds:
        raise _damaged("recipe-kind", known=", ".join(kinds))
    return _fill(kinds[kind], given)


def _fill(build: type[Any], given: Mapping[str, Any]) -> Any:
    hints = get_type_hints(build)
    names = {one.name for one in fields(build)}
    if unknown := sorted(set(given) - names):
        raise _damaged("recipe-unknown", names=", ".join(unknown))
    needed = {one.name for one in fields(build) if one.default is MISSING and one.default_factory is MISSING}
    if missing := sorted(needed - set(given)):
        raise _damaged("recipe-missing", names=", ".join(missing))
    return build(**{name: _value(hints[name], value) for name, value in given.items()})


def _damaged(code: str, **values: str) -> Refusal:
    return Refusal("recipe-damaged", error=Refusal(code, **values))


def _value(hint: Any, value: Any) -> Any:
    if get_args(hint) and set(get_args(hint)) <= set(get_args(Start)):
        return _build(STARTS, value)
    if isinstance(hint, type) and is_dataclass(hint):
        return _fill(hint, msgspec.convert(value, dict[str, Any]))
    return msgspec.convert(value, hint)
