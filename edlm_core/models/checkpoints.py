"""Models on disk: the only place that reads or writes weights. safetensors and JSON, nothing else.

assets/models/<name>/config.json            what the networks look like
                     tokenizer.json         text <-> ids
                     source_ids.json        our ids as SmolLM2's
                     denoiser.safetensors   weights, bf16
                     ar.safetensors         weights, bf16
                     energy.safetensors     weights of the learned energy, bf16
                     smollm2.safetensors    what SmolLM2 learned of these texts: adapters, bf16
                     card.md                data, recipe, command, figures
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch

from ..method.schedules import LogLinearSchedule
from ..model_refs import BUNDLED, data_folder, model_refs, weight_files
from ..refusals import Refusal
from .adapters import adapter_weights, merge
from .denoisers import TransformerDenoiser
from .language_models import PretrainedLanguageModel, TransformerLanguageModel
from .learned_energy import LearnedEnergy
from .networks import BadModel, bad_model, load_network, load_weights, save_kind
from .pretrained import check_source_ids, layers_as_transformer, load_language_model
from .text_energy import TextLanguageModel, load_text_model
from .tokenizer import Tokenizer
from .transformer import PairTransformer, Transformer
from .weights import MAX_WEIGHTS_BYTES, check_size

MODELS = BUNDLED


@dataclass(frozen=True)
class Model:
    """A model folder, loaded: tokenizer and denoiser; the language models load when first used."""

    name: str
    folder: Path
    tokenizer: Tokenizer
    denoiser: TransformerDenoiser
    schedule: LogLinearSchedule
    device: torch.device
    dtype: torch.dtype
    fingerprint: str  # of all weights in the folder: two runs with one fingerprint are comparable
    text_models: dict[str, TextLanguageModel] = field(default_factory=dict)

    @cached_property
    def autoregressive(self) -> TransformerLanguageModel:
        network = load_network(self.folder, "ar", Transformer, self.tokenizer, self.device, self.dtype)
        return TransformerLanguageModel(network, self.tokenizer.vocab_size, self.tokenizer.end_of_text)

    @cached_property
    def learned_energy(self) -> LearnedEnergy:
        """Raises BadModel where the folder has none."""
        network = load_network(self.folder, "energy", PairTransformer, self.tokenizer, self.device, self.dtype)
        return LearnedEnergy(network, self.tokenizer.vocab_size)

    def text_model(self, name: str) -> TextLanguageModel:
        """Any causal language model on this machine, loaded once. Raises MissingModel."""
        if name not in self.text_models:
            self.text_models[name] = load_text_model(name, self.tokenizer, self.device, self.dtype)
        return self.text_models[name]

    @cached_property
    def smollm2(self) -> PretrainedLanguageModel:
        """As it was published, which makes it an independent judge. Raises MissingModel where it is not installed,
        BadModel where the folder's ids are not SmolLM2's."""
        model = load_language_model(self.device, self.dtype)
        try:
            check_source_ids(model, self.tokenizer.to_source)
        except Refusal as error:
            raise bad_model(self.folder, error) from None
        return PretrainedLanguageModel(model, self.tokenizer.to_source, self.tokenizer.end_of_text)

    @cached_property
    def smollm2_adapted(self) -> TransformerLanguageModel:
        """SmolLM2 with the folder's adapters merged in. Raises MissingModel, and BadModel without adapters.

        Unadapted it makes a poor energy: it finds the words of these texts unlikely all alike, so what is left
        of log p_AR - log p_theta rewards the tokens that the denoiser thinks rare (measured: see the card of `tales`).
        """
        weights = load_weights(self.folder, "smollm2", self.tokenizer)
        source = self.smollm2.model
        layers = range(source.config.num_hidden_layers)
        network = layers_as_transformer(source, layers, self.tokenizer.to_source, causal=True)
        try:
            merge(network, weights)
        except Refusal as error:
            path = self.folder / "smollm2.safetensors"
            raise bad_model(self.folder, error, "model-adapters", path=path) from None
        network = network.to(device=self.device, dtype=self.dtype).eval().requires_grad_(False)
        return TransformerLanguageModel(network, self.tokenizer.vocab_size, self.tokenizer.end_of_text)


DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def best_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def best_dtype(device: torch.device) -> torch.dtype:
    """What EDLM_DTYPE names, else bf16 where the hardware multiplies it, else float32; heads are float32 always."""
    asked = os.environ.get("EDLM_DTYPE")
    if asked:
        if asked not in DTYPES:
            raise Refusal("dtype", got=asked, known=", ".join(DTYPES))
        return DTYPES[asked]
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.bfloat16
    if device.type == "cpu" and torch.cpu._is_amx_tile_supported():  # pyright: ignore[reportPrivateUsage], torch has no other way to ask
        return torch.bfloat16
    return torch.float32


def load_model(
    name: str = "tales", *, device: torch.device | str | None = None, dtype: torch.dtype | None = None
) -> Model:
    """A bundled model or one of the user's by name, or any model folder by path. Raises BadModel."""
    folder = find_folder(name)
    device = torch.device(device) if device is not None else best_device()
    dtype = dtype or best_dtype(device)
    try:
        tokenizer = Tokenizer.load(folder)
    except Refusal as error:
        raise bad_model(folder, error) from None
    network = load_network(folder, "denoiser", Transformer, tokenizer, device, dtype)
    denoiser = TransformerDenoiser(network, tokenizer.vocab_size)
    try:
        weights = fingerprint(folder)
    except Refusal as error:
        raise bad_model(folder, error) from None
    return Model(folder.name, folder, tokenizer, denoiser, LogLinearSchedule(), device, dtype, weights)


def find_folder(name: str) -> Path:
    """A model's, whether or not it is a whole one: what it lacks is said later, by name. Raises BadModel."""
    for folder in (BUNDLED / name, data_folder() / "models" / name, Path(name)):
        if "\0" not in name and name.strip() and folder.is_dir():
            return folder
    raise BadModel("model-unknown", known=", ".join(model_refs()) or "none", got=repr(name))


def save_network(folder: Path, kind: str, network: Transformer | PairTransformer) -> None:
    """Write `kind`.safetensors in bf16 and enter its shape into config.json."""
    save_kind(folder, kind, network.state_dict(), network.config)


def save_adapters(folder: Path, kind: str, network: Transformer) -> None:
    """Write the adapters of a network as `kind`.safetensors in bf16."""
    save_kind(folder, kind, adapter_weights(network))


def fingerprint(folder: Path) -> str:
    """First 12 hex digits of the SHA-256 over the weight files present. Raises Refusal where one is too large."""
    digest = hashlib.sha256()
    for path in weight_files(folder):
        check_size(path, MAX_WEIGHTS_BYTES)
        with path.open("rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()[:12]
