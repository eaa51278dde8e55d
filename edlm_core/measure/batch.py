"""One batch of a sweep, from its request to its rows: the same wherever it is done."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import cache

import torch

from ..catalogue import JUDGES
from ..config import Request
from ..model_refs import model_refs
from ..models import embeddings, pretrained
from ..models.checkpoints import DTYPES, Model, best_device, best_dtype, find_folder, fingerprint, load_model
from ..refusals import Refusal
from ..runs.steps import judge_by_name
from .settled import How
from .trial import Embed, Trial
from .trial_row import TrialRow, trial_rows

Rows = list[TrialRow]


def batch_steps(how: How, request: Request) -> Generator[float, None, Rows]:
    """Yields the share that is done, returns a row a text. Raises Refusal."""
    model, embed = tools(how)
    trial = Trial(model, request, how.judges, embed=embed)
    for _ in trial:
        yield trial.share
    return list(trial_rows(trial.measures(), how))


def measure_batch(how: How, request: Request) -> Rows:
    """To its end."""
    steps = batch_steps(how, request)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


@cache
def tools(how: How) -> tuple[Model, Embed | None]:
    """What texts are written and measured with, loaded once a process, which has the threads from here on. Raises
    Refusal where the weights are others by now, or a judge is missing."""
    torch.set_num_threads(how.threads)
    model = load_model(how.model, device=how.device, dtype=DTYPES[how.dtype])
    if model.fingerprint != how.fingerprint:
        raise Refusal("weights-differ", expected=how.fingerprint, got=model.fingerprint)
    for judge in how.judges:
        judge_by_name(model, judge)
    return model, embeddings.load_embedder() if how.similarity else None


def installed_judges() -> list[str]:
    """All that can be asked on this machine."""
    return [name for name, judge in JUDGES.items() if not judge.pretrained or pretrained.is_available()]


def how_of(name: str, judges: Sequence[str], *, together: int, threads: int) -> How:
    """As this machine does it, with everything that is installed. Raises Refusal where a judge is not."""
    if any(JUDGES[judge].pretrained for judge in judges):
        pretrained.check_available()
    folder = find_folder(name)
    known = model_refs().get(folder.name)
    where = folder.name if known is not None and known.folder == folder else str(folder.resolve())
    device = best_device()
    dtype = str(best_dtype(device)).removeprefix("torch.")
    similarity = embeddings.is_available()
    return How(where, fingerprint(folder), str(device), dtype, threads, tuple(judges), together, similarity)
