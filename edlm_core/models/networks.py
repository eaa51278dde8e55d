"""A folder's config.json, and the networks that it describes.

{"format": "edlm-model", "version": 1,
 "denoiser": {...}, "ar": {...}, "energy": {...},   the shapes of the networks that there are (TransformerConfig)
 "together": {"denoiser": "0123456789abcdef", …}}   for each weight file, a digest of it and of the tokenizer: that
                                                    they were made for each other. Optional; checked where given
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

import msgspec
import torch
from torch import Tensor

from ..files import write_whole
from ..json_files import parse_json, read_json
from ..model_refs import BUNDLED
from ..refusals import Refusal
from .tokenizer import Tokenizer
from .transformer import PairTransformer, Transformer, TransformerConfig
from .weights import file_digest, read_weights, write_weights

FORMAT, VERSION = "edlm-model", 1
MAX_CONFIG_BYTES = 2**20
CAUSAL = {"denoiser": False, "ar": True, "energy": False}  # the kinds of networks, and which way each must read
Network = TypeVar("Network", Transformer, PairTransformer)


class BadModel(Refusal):
    """A model folder that is missing something or damaged; the message names the file and the way out."""


class _Format(msgspec.Struct):
    format: str
    version: int


class ModelConfig(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What config.json says."""

    format: str
    version: int
    ar: TransformerConfig | None = None
    denoiser: TransformerConfig | None = None
    energy: TransformerConfig | None = None
    together: dict[str, str] = {}  # msgspec copies it for each config


def read_config(folder: Path) -> ModelConfig:
    """Raises Refusal."""
    path = folder / "config.json"
    head = read_json(path, msgspec.Raw, MAX_CONFIG_BYTES)
    described = parse_json(bytes(head), _Format)
    if (described.format, described.version) != (FORMAT, VERSION):
        raise Refusal("model-version", got=f"{described.format} {described.version}", expected=f"{FORMAT} {VERSION}")
    return parse_json(bytes(head), ModelConfig)


def write_config(folder: Path, config: ModelConfig) -> None:
    write_whole(
        folder / "config.json", msgspec.json.format(msgspec.json.encode(config), indent=1) + b"\n", replace=True
    )


def save_kind(folder: Path, kind: str, weights: dict[str, Tensor], shape: TransformerConfig | None = None) -> None:
    """Write `kind`.safetensors and enter into config.json its shape, if any, and which tokenizer it goes with."""
    folder.mkdir(parents=True, exist_ok=True)
    there = (folder / "config.json").is_file()
    config = read_config(folder) if there else ModelConfig(FORMAT, VERSION)
    if shape is not None:
        setattr(config, kind, shape)
    write_weights(folder / f"{kind}.safetensors", weights)
    if (folder / "tokenizer.json").is_file():
        config.together[kind] = _together(folder, kind, Tokenizer.load(folder))
    if shape is not None or there:
        write_config(folder, config)


def load_network(
    folder: Path, kind: str, build: type[Network], tokenizer: Tokenizer, device: torch.device, dtype: torch.dtype
) -> Network:
    """One of the networks that config.json describes, ready for use. Nothing of the size that it claims is made before
    the header of its weights has been compared with it. Raises BadModel."""
    path = folder / "config.json"
    try:
        shape = getattr(read_config(folder), kind)
        if shape is None:
            raise Refusal("model-no-network")
        if shape.causal != CAUSAL[kind]:
            raise Refusal("model-direction", expected=str(CAUSAL[kind]).lower(), got=str(shape.causal).lower())
    except Refusal as error:
        raise bad_model(folder, error, "model-config", path=path, kind=kind) from None
    V = tokenizer.vocab_size
    if shape.inputs not in (V, V + 1):
        raise BadModel("model-vocabulary", kind=kind, V=V, got=shape.inputs, path=path, way_out=way_out(folder))
    with torch.device("meta"):
        network = build(shape)
    weights = load_weights(folder, kind, tokenizer, {n: tuple(p.shape) for n, p in network.state_dict().items()})
    network = network.to(dtype).to_empty(device=device)
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


def load_weights(
    folder: Path, kind: str, tokenizer: Tokenizer, expected: dict[str, tuple[int, ...]] | None = None
) -> dict[str, Tensor]:
    """The tensors of `kind`.safetensors, made for this tokenizer as far as config.json knows. Raises BadModel."""
    try:
        weights = read_weights(folder / f"{kind}.safetensors", expected)
        together = read_config(folder).together.get(kind)
    except Refusal as error:
        raise bad_model(folder, error) from None
    if together not in (None, _together(folder, kind, tokenizer)):
        raise BadModel("model-together", path=folder / "config.json", kind=kind, way_out=way_out(folder))
    return weights


def bad_model(folder: Path, reason: Refusal, code: str = "model-bad", **values: object) -> BadModel:
    """The refusal of a file, as one of the folder it stands in, with the way out."""
    if reason.code == "file-missing":
        return BadModel("model-file-missing", **reason.values, way_out=way_out(folder))
    return BadModel(code, reason=reason, **values, way_out=way_out(folder))


def way_out(folder: Path) -> Refusal:
    bundled = folder.resolve().parent == BUNDLED.resolve()
    return Refusal("model-restore", name=folder.name) if bundled else Refusal("model-copy")


def _together(folder: Path, kind: str, tokenizer: Tokenizer) -> str:
    return hashlib.sha256(tokenizer.digest + file_digest(folder / f"{kind}.safetensors")).hexdigest()[:16]
