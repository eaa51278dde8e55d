"""A folder in the layout of the model hubs: its config.json says which family, its safetensors hold the weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import torch

from ...json_files import parse_json, read_json
from ...refusals import Refusal
from ..transformer import Transformer
from ..weights import compare_shapes, read_headers, read_tensors
from .dit import Dit, MdlmConfig
from .llama import DreamConfig, LladaConfig

PublishedConfig = MdlmConfig | LladaConfig | DreamConfig
FAMILIES = {"mdlm": MdlmConfig, "llada": LladaConfig, "Dream": DreamConfig}  # by their model_type
MAX_JSON_BYTES = 16 * 2**20
MAX_FILE_BYTES = 64 * 2**30
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "model.ckpt")
BYTES = {torch.float32: 4, torch.bfloat16: 2, torch.float16: 2}


class _Family(msgspec.Struct):
    model_type: str


class _Index(msgspec.Struct):
    weight_map: dict[str, str]  # a tensor's name -> the file that it is in


@dataclass(frozen=True)
class Published:
    """A public checkpoint, loaded. Positions are answered where they stand, or one place late (`config.shifted`)."""

    folder: Path
    config: PublishedConfig
    network: Transformer | Dit
    shapes: dict[str, tuple[int, ...]]  # of its tensors, by their published names

    @property
    def parameters(self) -> int:
        return sum(torch.Size(shape).numel() for shape in self.shapes.values())


def read_published_config(folder: Path) -> PublishedConfig:
    """Raises Refusal, naming the file, for a family that is not one of FAMILIES or a setting that it can't have."""
    path = folder / "config.json"
    raw = bytes(read_json(path, msgspec.Raw, MAX_JSON_BYTES))
    try:
        family = parse_json(raw, _Family).model_type
        if family not in FAMILIES:
            raise Refusal("published-family", known=", ".join(FAMILIES), got=repr(family[:40]))
        config: PublishedConfig = parse_json(raw, FAMILIES[family])
        said = parse_json(raw, dict[str, Any])
        for name, expected in config.fixed.items():
            if said.get(name, expected) != expected:
                raise Refusal("published-setting", name=name, expected=json.dumps(expected))
        if config.mask_token_id >= config.inputs:
            raise Refusal("published-mask", most=config.inputs - 1, got=config.mask_token_id)
    except Refusal as error:
        raise Refusal("published-config", path=path, reason=error) from None
    return config


def load_published(
    folder: Path, *, free: int, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> Published:
    """Names and shapes are held against config.json, and what they take against `free` bytes of memory, before a
    tensor is read. Raises Refusal."""
    config = read_published_config(folder)
    with torch.device("meta"):
        network = config.network().to(dtype)
    ours = {config.published_name(name): (name, tuple(p.shape)) for name, p in network.state_dict().items()}
    path, files = _files(folder)
    found = {name: header.shape for file in files for name, header in read_headers(file, MAX_FILE_BYTES).items()}
    found = {name: shape for name, shape in found.items() if name not in config.constants}
    compare_shapes(path, {name: shape for name, (_, shape) in ours.items()}, found)
    needed = sum(torch.Size(shape).numel() for shape in found.values()) * BYTES[dtype]
    if needed > free:
        numbers = {"needed": f"{needed / 1e9:.1f}", "free": f"{max(0, free) / 1e9:.1f}"}
        raise Refusal("published-memory", path=path, dtype=str(dtype).removeprefix("torch."), **numbers)
    network = network.to_empty(device=device)
    targets = network.state_dict()
    for file in files:
        here = [name for name in read_headers(file, MAX_FILE_BYTES) if name in ours]
        for name in here:  # one at a time: a file may be larger than what is left of the memory
            targets[ours[name][0]].copy_(read_tensors(file, [name])[name])
    return Published(folder, config, network.eval().requires_grad_(False), found)


def _files(folder: Path) -> tuple[Path, list[Path]]:
    """What to name in a message, and the files of the weights: one, or those of an index."""
    index = folder / INDEX
    if not index.is_file():
        if not (folder / WEIGHTS).exists() and (pickled := next((f for f in PICKLED if (folder / f).exists()), None)):
            raise Refusal("published-pickle", path=folder / pickled)
        return folder / WEIGHTS, [folder / WEIGHTS]
    names = sorted({*read_json(index, _Index, MAX_JSON_BYTES).weight_map.values()})
    if odd := next((name for name in names if PurePosixPath(name).name != name or name.startswith(".")), None):
        raise Refusal("published-index", path=index, got=repr(odd[:80]))
    return index, [folder / name for name in names]
