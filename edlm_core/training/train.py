"""The one call that trains: a recipe, a corpus folder and a model folder in, a progress a step out."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import torch

from ..models.checkpoints import best_device
from .loop import TrainProgress, train_plan, try_output
from .recipes import Recipe


def train_steps(
    recipe: Recipe,
    data: str | Path,
    out: str | Path,
    *,
    replace: bool = False,
    device: torch.device | None = None,
) -> Generator[TrainProgress, None, None]:
    """Train the recipe's part of the model folder `out` on the corpus in `data`; see `train_plan` for stopping.

    `replace` allows weights that are there already to be replaced. What can be refused is refused at once, not at the
    first step: Refusal, BadModel, MissingModel.
    """
    out, device = Path(out), device or best_device()
    try_output(out, recipe.kind, replace=replace)
    with torch.random.fork_rng():  # a caller's draws are none of ours
        return train_plan(recipe.plan(Path(data), out, device), out, device)
