"""What a run needs to go on as if it had never been stopped: weights, averages, optimizers, random states, one file."""

from __future__ import annotations

import json
import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from ..files import write_whole
from ..refusals import Refusal
from .optim import Average, optimizers, trainable
from .settings import TrainConfig

_DAMAGE = (SafetensorError, OSError, TypeError, KeyError, ValueError, IndexError, AttributeError, RuntimeError)


@dataclass
class Counters:
    """How far a run has come."""

    step: int = 0
    spent: float = 0.0  # seconds
    best: float = math.inf  # validation loss
    stale: int = 0  # validations since
    losses: float = 0.0  # summed since the last validation, over
    counted: int = 0  # so many steps
    log: list[dict[str, Any]] = field(default_factory=list)  # a line a validation


class State:
    """A network in training. `network` is moved to `device` and set to train mode."""

    def __init__(self, network: nn.Module, config: TrainConfig, device: torch.device) -> None:
        self.network = network.to(device).train()
        self.average = Average(network, config.ema)
        self.steppers = optimizers(network, config)
        self.counters = Counters()
        self._device = device
        self._random = self._read_random()

    # ── dropout's dice ───────────────────────────────────────────────────────────
    @contextmanager
    def own_randomness(self) -> Generator[None]:
        """torch's global draws, which dropout uses, as this run left them last; outside they are as they were."""
        outside = self._read_random()
        _set_random(self._random)
        try:
            yield
        finally:
            self._random = self._read_random()
            _set_random(outside)

    def _read_random(self) -> dict[str, Tensor]:
        states = {"cpu": torch.get_rng_state()}
        return states | ({"cuda": torch.cuda.get_rng_state()} if self._device.type == "cuda" else {})

    # ── the file ─────────────────────────────────────────────────────────────────
    def save(self, path: Path, recipe: dict[str, Any]) -> None:
        """Raises Refusal; a kill or a full disk in the middle of writing leaves the old file whole."""
        tensors = {f"network.{n}": p.detach() for n, p in trainable(self.network).items()}
        tensors |= {f"average.{n}": p for n, p in self.average.means.items()}
        for o, stepper in enumerate(self.steppers):
            for i, slots in stepper.state_dict()["state"].items():
                tensors |= {f"optimizer.{o}.{i}.{slot}": torch.as_tensor(v) for slot, v in slots.items()}
        tensors |= {f"random.{name}": state for name, state in self._random.items()}
        metadata = {"state": json.dumps(asdict(self.counters)), "recipe": json.dumps(recipe)}
        dense = {k: v.cpu().contiguous() for k, v in tensors.items()}
        write_whole(path, save(dense, metadata), replace=True)

    def load(self, path: Path, recipe: dict[str, Any]) -> None:
        """Raises Refusal where the file is damaged or belongs to another recipe."""
        try:
            with safe_open(str(path), framework="pt") as file:
                saved, counters = (json.loads(file.metadata()[key]) for key in ("recipe", "state"))
                tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118 (not a dict)
            if saved != json.loads(json.dumps(recipe)):
                raise Refusal("resume-other-recipe", path=path)
            self._enter(tensors, Counters(**counters))
        except Refusal:
            raise
        except _DAMAGE as error:
            unread = isinstance(error, SafetensorError | OSError)
            reason = Refusal("weights-read" if unread else "resume-contents")
            raise Refusal("resume-damaged", path=path, error=reason) from None

    def _enter(self, tensors: dict[str, Tensor], counters: Counters) -> None:
        named = {name: _below(tensors, f"{name}.") for name in ("network", "average", "random")}
        for name, module in (("network", self.network), ("average", self.average.network)):
            expected = trainable(self.network).keys()
            if named[name].keys() != expected:
                raise ValueError(f"expected {len(expected)} weights of the {name}, got {len(named[name])}")
            module.load_state_dict(named[name], strict=False)  # frozen weights are not in the file
        for o, stepper in enumerate(self.steppers):
            spec = stepper.state_dict()
            spec["state"] = {}
            for key, value in _below(tensors, f"optimizer.{o}.").items():
                i, slot = key.split(".")
                spec["state"].setdefault(int(i), {})[slot] = value
            stepper.load_state_dict(spec)
        if "cuda" in self._random and "cuda" not in named["random"]:
            named["random"]["cuda"] = self._random["cuda"]  # the run began without a GPU
        self._random = {name: named["random"][name] for name in self._random}
        self.counters = counters


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _set_random(states: dict[str, Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])
