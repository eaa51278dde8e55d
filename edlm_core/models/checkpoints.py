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
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..method.schedules import LogLinearSchedule
from .adapters import adapter_weights, merge
from .denoisers import TransformerDenoiser
from .language_models import PretrainedLanguageModel, TransformerLanguageModel
from .learned_energy import LearnedEnergy
from .pretrained import layers_as_transformer, load_language_model
from .text_energy import TextLanguageModel, load_text_model
from .tokenizer import Tokenizer
from .transformer import PairTransformer, Transformer, TransformerConfig

MODELS = Path(__file__).parents[2] / "assets" / "models"
MAX_WEIGHTS_BYTES = 512 * 2**20
_Network = TypeVar("_Network", Transformer, PairTransformer)


class BadModel(RuntimeError):
    """A model folder that is missing something or damaged; the message names the file and the way out."""


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
        network = _load_network(self.folder, "ar", Transformer, self.tokenizer.vocab_size, self.device, self.dtype)
        return TransformerLanguageModel(network, self.tokenizer.vocab_size, self.tokenizer.end_of_text)

    @cached_property
    def learned_energy(self) -> LearnedEnergy:
        """Raises BadModel where the folder has none."""
        V = self.tokenizer.vocab_size
        return LearnedEnergy(_load_network(self.folder, "energy", PairTransformer, V, self.device, self.dtype), V)

    def text_model(self, name: str) -> TextLanguageModel:
        """Any causal language model on this machine, loaded once. Raises MissingModel."""
        if name not in self.text_models:
            self.text_models[name] = load_text_model(name, self.tokenizer, self.device, self.dtype)
        return self.text_models[name]

    @cached_property
    def smollm2(self) -> PretrainedLanguageModel:
        """As it was published, which makes it an independent judge. Raises MissingModel where it is not installed."""
        model = load_language_model(self.device, self.dtype)
        return PretrainedLanguageModel(model, self.tokenizer.to_source, self.tokenizer.end_of_text)

    @cached_property
    def smollm2_adapted(self) -> TransformerLanguageModel:
        """SmolLM2 with the folder's adapters merged in. Raises MissingModel, and BadModel without adapters.

        Unadapted it makes a poor energy: it finds the words of these texts unlikely all alike, so what is left
        of log p_AR - log p_theta rewards the tokens that the denoiser thinks rare (measured: see the card of `tales`).
        """
        weights = _load_weights(self.folder / "smollm2.safetensors")
        source = self.smollm2.model
        layers = range(source.config.num_hidden_layers)
        network = layers_as_transformer(source, layers, self.tokenizer.to_source, causal=True)
        try:
            merge(network, weights)
        except ValueError as error:
            path = self.folder / "smollm2.safetensors"
            raise BadModel(f"{path} does not fit SmolLM2: {error}: {_restore(self.folder)}") from None
        network = network.to(device=self.device, dtype=self.dtype).eval().requires_grad_(False)
        return TransformerLanguageModel(network, self.tokenizer.vocab_size, self.tokenizer.end_of_text)


def best_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def best_dtype(device: torch.device) -> torch.dtype:
    """bf16 where the hardware multiplies it, else float32; heads and weights are float32 always."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.bfloat16
    if device.type == "cpu" and torch.cpu._is_amx_tile_supported():
        return torch.bfloat16
    return torch.float32


def load_model(
    name: str = "tales", *, device: torch.device | str | None = None, dtype: torch.dtype | None = None
) -> Model:
    """A bundled model by name, or any model folder by path. Raises BadModel."""
    folder = MODELS / name if (MODELS / name).is_dir() else Path(name)
    if not folder.is_dir():
        known = ", ".join(sorted(p.name for p in MODELS.glob("*") if (p / "config.json").is_file())) or "none"
        raise BadModel(f"model: expected a bundled model ({known}) or a folder, got {name!r}: choose one of these")
    device = torch.device(device) if device is not None else best_device()
    dtype = dtype or best_dtype(device)
    try:
        tokenizer = Tokenizer.load(folder)
    except OSError as error:
        raise BadModel(f"expected {error.filename}, found no such file: {_restore(folder)}") from None
    except ValueError as error:
        raise BadModel(f"{error}: {_restore(folder)}") from None
    network = _load_network(folder, "denoiser", Transformer, tokenizer.vocab_size, device, dtype)
    denoiser = TransformerDenoiser(network, tokenizer.vocab_size)
    return Model(folder.name, folder, tokenizer, denoiser, LogLinearSchedule(), device, dtype, fingerprint(folder))


def save_network(folder: Path, kind: str, network: Transformer | PairTransformer) -> None:
    """Write `kind`.safetensors in bf16 and enter its shape into config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    config = json.loads(path.read_text()) if path.is_file() else {"format": "edlm-model", "version": 1}
    config[kind] = asdict(network.config)
    weights = {n: p.detach().to("cpu", torch.bfloat16).contiguous() for n, p in network.state_dict().items()}
    save_file(weights, str(folder / f"{kind}.safetensors"))
    path.write_text(json.dumps(config, indent=1) + "\n")


def save_adapters(folder: Path, kind: str, network: Transformer) -> None:
    """Write the adapters of a network as `kind`.safetensors in bf16."""
    weights = {n: p.detach().to("cpu", torch.bfloat16).contiguous() for n, p in adapter_weights(network).items()}
    save_file(weights, str(folder / f"{kind}.safetensors"))


def fingerprint(folder: Path) -> str:
    """First 12 hex digits of the SHA-256 over the weight files present."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        if not path.name.endswith(".resume.safetensors"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _restore(folder: Path) -> str:
    return f"restore the folder with `git checkout -- assets/models/{folder.name}`, or train it again (see its card.md)"


def _load_network(
    folder: Path, kind: str, build: type[_Network], vocab_size: int, device: torch.device, dtype: torch.dtype
) -> _Network:
    path = folder / "config.json"
    try:
        shape = TransformerConfig(**json.loads(path.read_text(encoding="utf-8"))[kind])
        network = build(shape)
    except OSError:
        raise BadModel(f"expected {path}, found no such file: {_restore(folder)}") from None
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise BadModel(f"{path} does not describe a network named {kind!r} ({error}): {_restore(folder)}") from None
    if shape.inputs not in (vocab_size, vocab_size + 1):
        raise BadModel(
            f"expected {kind} to have {vocab_size} tokens, as tokenizer.json has, got {shape.inputs} in {path}: "
            + _restore(folder)
        )
    path = folder / f"{kind}.safetensors"
    weights = _load_weights(path)
    expected = {n: tuple(p.shape) for n, p in network.state_dict().items()}
    got = {n: tuple(p.shape) for n, p in weights.items()}
    if expected != got:
        odd = sorted(set(expected.items()) ^ set(got.items()))[0]
        raise BadModel(
            f"{path} does not fit config.json (first difference: {odd[0]}, expected {expected.get(odd[0], 'nothing')}, "
            f"got {got.get(odd[0], 'nothing')}): {_restore(folder)}"
        )
    network.load_state_dict(weights)
    return network.to(device=device, dtype=dtype).eval().requires_grad_(False)


def _load_weights(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise BadModel(f"expected {path}, found no such file: {_restore(path.parent)}")
    if path.stat().st_size > MAX_WEIGHTS_BYTES:
        raise BadModel(f"expected at most {MAX_WEIGHTS_BYTES >> 20} MiB in {path}, got more: this is not a small model")
    try:
        return load_file(str(path))
    except (SafetensorError, OSError) as error:
        raise BadModel(f"{path} is damaged ({error}): {_restore(path.parent)}") from None
