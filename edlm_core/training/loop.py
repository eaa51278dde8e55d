"""One training loop for every network: a generator of steps, resumable, stops when validation does.

A run is a pure function of its recipe and its corpus up to the clock, which decides how many steps its minutes hold.
"""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ..files import check_writable, write_whole
from ..refusals import Refusal
from .resume import State
from .settings import TrainConfig, learning_rate_at

Loss = Callable[[Any, Tensor, torch.Generator], Tensor]
VALID_WINDOWS = 512


class Split(Protocol):
    """What windows of training text are drawn from."""

    def windows(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """(count, length) ids."""
        ...

    def fixed_windows(self, count: int, length: int) -> Tensor:
        """The same ones on every call."""
        ...


@dataclass(frozen=True)
class Plan:
    """What a recipe comes to: a network and what to do with it. `save` writes the averaged network's files."""

    name: str  # of its files: name.safetensors, name.resume.safetensors, name.log.jsonl
    network: nn.Module
    loss: Loss
    corpus: Mapping[str, Split]  # "train" and "valid"
    config: TrainConfig
    save: Callable[[Any], None]
    measure: Callable[[Any], dict[str, Any]] = lambda network: {}
    recipe: dict[str, Any] = field(default_factory=dict)  # as JSON: a resume file of another one is refused


@dataclass(frozen=True)
class Validation:
    """What a validation found; losses in nats, per token or, of an energy, per text."""

    train: float  # mean of the steps since the validation before
    valid: float
    best: float
    stale: int  # validations since the best one; 0: this one is the best, and its weights are saved
    measured: Mapping[str, Any]  # what the recipe measures: for an energy, AUC and calibration


@dataclass(frozen=True)
class TrainProgress:
    """Where a run stands after a step."""

    step: int  # how many are done
    share: float  # of the budget, 0..1
    loss: float  # of this step's windows
    learning_rate: float
    tokens_per_second: float
    seconds: float  # spent
    seconds_left: float
    validation: Validation | None = None  # None between validations


def try_output(folder: Path, name: str, *, replace: bool) -> None:
    """That all files of a run find a place, before any work; weights that are there already are replaced only where
    asked, or where the run that wrote them is to go on. Raises Refusal."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal("file-unwritable", path=folder, error=error.strerror) from None
    weights, resume, log = _paths(folder, name)
    check_writable(weights, replace=replace or resume.is_file())
    check_writable(resume, replace=True)
    check_writable(log, replace=True)


def _paths(folder: Path, name: str) -> tuple[Path, Path, Path]:
    return folder / f"{name}.safetensors", folder / f"{name}.resume.safetensors", folder / f"{name}.log.jsonl"


def train_plan(plan: Plan, folder: Path, device: torch.device) -> Generator[TrainProgress, None, None]:
    """Train until the budget is spent or patience is at its end, one progress a step.

    The averaged network is saved at each best validation. Closing the iterator stops after the step that was asked
    for last, keeps what was saved and writes `name.resume.safetensors`: the same call goes on from there, bit for bit.
    After a kill it goes on from the last validation. `name.log.jsonl` has one line a validation. Raises Refusal, also
    where a loss is not finite: what was saved last is still good.
    """
    state = State(plan.network, plan.config, device)  # now, not at the first step: it keeps the dice as they lie
    _, resume, _ = _paths(folder, plan.name)
    if resume.is_file():
        state.load(resume, plan.recipe)
    return _steps(plan, folder, state, device)


def _steps(plan: Plan, folder: Path, state: State, device: torch.device) -> Generator[TrainProgress, None, None]:
    config, at = plan.config, state.counters
    _, resume, log = _paths(folder, plan.name)
    forward = copy.copy(state.network)  # shares the weights; only this handle is compiled
    if config.compile:
        forward.compile(dynamic=False)
    windows = plan.corpus["valid"].fixed_windows(VALID_WINDOWS, config.valid_length)
    while (share := at.spent / 60 / config.minutes) < 1 and not _exhausted(at.stale, config):
        started = time.monotonic()
        rate = config.learning_rate * learning_rate_at(share, config)
        with state.own_randomness():
            loss = _step(plan, state, forward, rate, device)
        at.spent += time.monotonic() - started
        over = at.spent >= 60 * config.minutes
        validation = None
        if at.step % config.validate_every == 0 or over:
            validation = _validate(plan, state, windows, device)
            at.log.append(_log_line(state, config, validation))
            state.save(resume, plan.recipe)
            write_whole(log, "".join(json.dumps(line) + "\n" for line in at.log), replace=True)
        progress = TrainProgress(
            step=at.step,
            share=min(1.0, at.spent / 60 / config.minutes),
            loss=loss,
            learning_rate=rate,
            tokens_per_second=at.step * config.tokens_per_step / at.spent,
            seconds=at.spent,
            seconds_left=max(0.0, 60 * config.minutes - at.spent),
            validation=validation,
        )
        try:
            yield progress
        except GeneratorExit:
            if validation is None:
                state.save(resume, plan.recipe)
            raise


def _exhausted(stale: int, config: TrainConfig) -> bool:
    return 0 < config.patience <= stale


def _step(plan: Plan, state: State, forward: nn.Module, rate: float, device: torch.device) -> float:
    """Move the weights once; the loss that moved them."""
    config, at = plan.config, state.counters
    # One generator a step, so that a resumed run draws what an unbroken one would.
    generator = torch.Generator().manual_seed((config.seed << 32) + at.step)
    length = config.lengths[at.step % len(config.lengths)]
    batch = plan.corpus["train"].windows(config.tokens_per_step // length, length, generator).to(device)
    with torch.autocast(device.type, torch.bfloat16):
        value = plan.loss(forward, batch, generator)
    loss = float(value.detach())
    if not math.isfinite(loss):
        raise Refusal("loss-not-finite", name=plan.name, loss=loss, step=at.step)
    value.backward()
    nn.utils.clip_grad_norm_([p for p in state.network.parameters() if p.requires_grad], 1.0)
    for stepper in state.steppers:
        for group in stepper.param_groups:
            group["lr"] = rate
        stepper.step()
        stepper.zero_grad(set_to_none=True)
    state.average.update(state.network, at.step)
    at.step += 1
    at.losses += loss
    at.counted += 1
    return loss


def _validate(plan: Plan, state: State, windows: Tensor, device: torch.device) -> Validation:
    """Look at the averaged network, and save it where it is the best so far."""
    at = state.counters
    valid = validation_loss(state.average.network, plan.loss, windows, device)
    if not math.isfinite(valid):
        raise Refusal("loss-not-finite", name=plan.name, loss=valid, step=at.step)
    better = valid < at.best
    at.stale = 0 if better else at.stale + 1
    if better:
        at.best = valid
        plan.save(state.average.network)
    train, at.losses, at.counted = at.losses / at.counted, 0.0, 0
    return Validation(train, valid, at.best, at.stale, plan.measure(state.average.network))


def _log_line(state: State, config: TrainConfig, validation: Validation) -> dict[str, Any]:
    at = state.counters
    return {
        "step": at.step,
        "minutes": round(at.spent / 60, 2),
        "train": round(validation.train, 4),
        "valid": round(validation.valid, 4),
        "best": round(validation.best, 4),
        "tokens_per_second": round(at.step * config.tokens_per_step / at.spent),
        **validation.measured,
    }


@torch.no_grad()
def validation_loss(network: nn.Module, loss: Loss, windows: Tensor, device: torch.device, rows: int = 64) -> float:
    """Mean loss on fixed windows, the same noise every time. The network is in eval mode."""
    generator = torch.Generator().manual_seed(1)
    total = 0.0
    for batch in windows.split(rows):
        with torch.autocast(device.type, torch.bfloat16):
            total += float(loss(network, batch.to(device), generator)) * len(batch)
    return total / len(windows)
