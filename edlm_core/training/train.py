"""One training loop for every network: resumable, averaged weights, stops when validation does.

A run is a pure function of its TrainConfig up to the clock: `minutes` is the budget, and the
learning rate follows the share of it that is spent, so a slower machine takes fewer steps and
still ends with the decay done.
"""

from __future__ import annotations

import copy
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from .corpus import Corpus

Loss = Callable[[nn.Module, Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class TrainConfig:
    minutes: float
    tokens_per_step: int = 4096
    lengths: tuple[int, ...] = (64, 64, 64, 128)  # cycled through; 128 is the longest window
    learning_rate: float = 3e-3
    muon: bool = True  # hidden matrices by Muon, the rest by AdamW; False: AdamW alone
    weight_decay: float = 0.05
    warmup: float = 0.02  # share of the budget
    decay_from: float = 0.5  # the learning rate falls linearly to 0 over the rest
    ema: float = 0.999
    validate_every: int = 250  # steps
    patience: int = 0  # validations without a gain before stopping; 0: never
    seed: int = 0
    compile: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.minutes < math.inf:
            raise ValueError(f"minutes: expected a positive number, got {self.minutes}: give the run some time")
        if self.tokens_per_step < max(self.lengths):
            raise ValueError(
                f"tokens per step: expected at least {max(self.lengths)}, the longest window, "
                f"got {self.tokens_per_step}: raise it"
            )


def learning_rate_at(progress: float, config: TrainConfig) -> float:
    """Share of the peak learning rate once `progress` of the budget is spent, 0..1."""
    rise = min(1.0, (progress + 1e-3) / max(config.warmup, 1e-3))
    fall = min(1.0, (1 - progress) / (1 - config.decay_from))
    return max(0.0, min(rise, fall))


def optimizers(network: nn.Module, config: TrainConfig) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for embeddings and norms (Jordan 2024)."""
    learned = trainable(network)
    hidden = [p for n, p in learned.items() if p.ndim == 2 and "embedding" not in n] if config.muon else []
    chosen = {id(p) for p in hidden}
    rest = [p for p in learned.values() if id(p) not in chosen]
    adamw = torch.optim.AdamW(
        [{"params": [p for p in rest if p.ndim == 2], "weight_decay": config.weight_decay},
         {"params": [p for p in rest if p.ndim != 2], "weight_decay": 0.0}],
        lr=config.learning_rate, betas=(0.9, 0.98),
    )  # fmt: skip
    if not hidden:
        return [adamw]
    return [adamw, torch.optim.Muon(hidden, lr=config.learning_rate, weight_decay=config.weight_decay,
                                    adjust_lr_fn="match_rms_adamw")]  # fmt: skip


def trainable(network: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that are not frozen, by name."""
    return {n: p for n, p in network.named_parameters() if p.requires_grad}


class Average:
    """Exponential moving average of a network's trainable weights, shorter while the run is young.

    `network` is the averaged twin, always in eval mode.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.network = copy.deepcopy(network).eval()
        self.means = trainable(self.network)
        self.network.requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, p in trainable(network).items():
            self.means[name].lerp_(p, 1 - decay)


@torch.no_grad()
def validation_loss(network: nn.Module, loss: Loss, windows: Tensor, device: torch.device, rows: int = 64) -> float:
    """Mean loss on fixed windows, the same noise every time. The network is in eval mode."""
    generator = torch.Generator().manual_seed(1)
    total = 0.0
    for batch in windows.split(rows):
        with torch.autocast(device.type, torch.bfloat16):
            total += float(loss(network, batch.to(device), generator)) * len(batch)
    return total / len(windows)


def train(
    network: nn.Module,
    loss: Loss,
    corpus: dict[str, Corpus],
    config: TrainConfig,
    *,
    folder: Path,
    name: str,
    device: torch.device,
    save: Callable[[nn.Module], None],
    measure: Callable[[nn.Module], dict] = lambda network: {},
    report: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True),
) -> float:
    """Train until the budget is spent; `save` gets the averaged network at each best validation.

    Returns the best validation loss. `folder/name.resume.safetensors` lets the same call go on
    after a kill; `folder/name.log.jsonl` gets one line a validation, with what `measure` says. A loss
    that is not finite ends the run with FloatingPointError: what `save` wrote last is still good.
    """
    folder.mkdir(parents=True, exist_ok=True)
    resume = folder / f"{name}.resume.safetensors"
    network.to(device).train()
    steppers = optimizers(network, config)
    average = Average(network, config.ema)
    state = {"step": 0, "spent": 0.0, "best": math.inf, "stale": 0}
    if resume.is_file():
        state = _load_state(resume, network, average, steppers, config)
        report(f"{name}: going on from step {state['step']}, {state['spent'] / 60:.1f} min")
    forward = copy.copy(network)  # shares the weights; only this handle is compiled
    if config.compile:
        forward.compile(dynamic=False)
    windows = corpus["valid"].fixed_windows(512, 64)
    recent: list[Tensor] = []
    while (progress := state["spent"] / 60 / config.minutes) < 1:
        started = time.monotonic()
        step = state["step"]
        # One generator a step, so that a resumed run draws what an unbroken one would.
        generator = torch.Generator().manual_seed((config.seed << 32) + step)
        length = config.lengths[step % len(config.lengths)]
        batch = corpus["train"].windows(config.tokens_per_step // length, length, generator).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            value = loss(forward, batch, generator)
        value.backward()
        nn.utils.clip_grad_norm_(trainable(network).values(), 1.0)
        for stepper in steppers:
            for group in stepper.param_groups:
                group["lr"] = config.learning_rate * learning_rate_at(progress, config)
            stepper.step()
            stepper.zero_grad(set_to_none=True)
        average.update(network, step)
        recent.append(value.detach())
        state["step"] += 1
        state["spent"] += time.monotonic() - started
        if state["step"] % config.validate_every == 0 or state["spent"] >= 60 * config.minutes:
            mean = float(torch.stack(recent).mean())
            recent.clear()
            if not math.isfinite(mean):
                raise FloatingPointError(f"{name}: the loss is {mean} at step {step}; the last good weights are kept")
            valid = validation_loss(average.network, loss, windows, device)
            state["stale"] = 0 if valid < state["best"] else state["stale"] + 1
            if valid < state["best"]:
                state["best"] = valid
                save(average.network)
            _save_state(resume, network, average, steppers, state, config)
            seconds = state["spent"]
            line = {"step": state["step"], "minutes": round(seconds / 60, 2), "train": round(mean, 4),
                    "valid": round(valid, 4), "best": round(state["best"], 4),
                    "tokens_per_second": round(state["step"] * config.tokens_per_step / seconds),
                    **measure(average.network)}  # fmt: skip
            with (folder / f"{name}.log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
            report(
                f"{name}: step {line['step']}, train {mean:.3f}, valid {valid:.3f} nats, "
                f"{line['tokens_per_second']} tokens/s, {max(0.0, config.minutes - seconds / 60):.1f} min left"
            )
            if config.patience and state["stale"] >= config.patience:
                report(f"{name}: no gain in {config.patience} validations, stopped")
                break
    return state["best"]


# ── resume files ─────────────────────────────────────────────────────────────────
def _save_state(
    path: Path, network: nn.Module, average: Average, steppers: list, state: dict, config: TrainConfig
) -> None:
    tensors = {f"network.{n}": p.detach() for n, p in trainable(network).items()}
    tensors |= {f"average.{n}": p for n, p in average.means.items()}
    for o, stepper in enumerate(steppers):
        for i, slots in stepper.state_dict()["state"].items():
            tensors |= {f"optimizer.{o}.{i}.{slot}": torch.as_tensor(v) for slot, v in slots.items()}
    partial = path.with_suffix(".partial")
    # Tied or aliased storage does not occur here, but safetensors wants it dense.
    save_file(
        {k: v.contiguous() for k, v in tensors.items()}, str(partial),
        metadata={"state": json.dumps(state), "config": json.dumps(asdict(config))},
    )  # fmt: skip
    partial.replace(path)  # a kill in the middle of writing leaves the old file whole


def _load_state(path: Path, network: nn.Module, average: Average, steppers: list, config: TrainConfig) -> dict:
    try:
        with safe_open(str(path), framework="pt") as file:
            saved, state = (json.loads(file.metadata()[key]) for key in ("config", "state"))
            tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is damaged ({error}): remove it to start anew") from None
    if saved != json.loads(json.dumps(asdict(config))):
        raise ValueError(f"expected the settings that {path} was made with, got others: remove it to start anew")
    for prefix, module in (("network.", network), ("average.", average.network)):
        mine = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        module.load_state_dict(mine, strict=False)  # frozen weights are not in the file
    for o, stepper in enumerate(steppers):
        spec = stepper.state_dict()
        spec["state"] = {}
        for key, value in tensors.items():
            if key.startswith(f"optimizer.{o}."):
                _, _, i, slot = key.split(".")
                spec["state"].setdefault(int(i), {})[slot] = value
        stepper.load_state_dict(spec)
    return state
