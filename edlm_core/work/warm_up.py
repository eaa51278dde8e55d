"""Before the first visitor's task: the first touch of the weights, and what it costs."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..config import Request, SampleConfig
from ..runs.costs import Rates, learn
from ..runs.run_file import Run
from .task import Models
from .tasks import Record

if TYPE_CHECKING:
    from ..models.checkpoints import Model

CONFIG = SampleConfig(length=64, num_steps=4, num_candidates=8)


def warm_up(models: Models, model: Model) -> Rates:
    """A short run with every kind of network: the first visitor's is not the one that pays for the first touch of the
    weights, and its cost can be told before."""
    rates: Rates = {}
    runs = [tuple(Request(sampler, "ar", CONFIG) for sampler in ("mdlm", "edlm", "ar"))]
    if (model.folder / "energy.safetensors").is_file():
        runs.append((Request("edlm", "nce", CONFIG),))
    for requests in runs:
        _record(models, model, requests)
        rates = learn(rates, _record(models, model, requests))
    return rates


def _record(models: Models, model: Model, requests: tuple[Request, ...]) -> Run:
    *_before, last = Record(model.name, requests).start(models)
    return last.result


def load_smollm2(model: Model, learned: Callable[[Rates], None]) -> None:
    """Beside the queue, where it is installed; `learned` is told its cost."""
    from ..models.pretrained import is_available

    def load() -> None:
        import torch

        try:
            scorer = model.smollm2_adapted  # on the way to it the judge is loaded too
        except (RuntimeError, ValueError, OSError) as error:
            print(f"SmolLM2 could not be loaded, its energy is off: {error}", file=sys.stderr)
            return
        x_0 = torch.zeros(8, 64, dtype=torch.long, device=model.device)
        scorer.token_log_probs(x_0)
        started = time.perf_counter()
        scorer.token_log_probs(x_0)
        learned({"smollm2": (time.perf_counter() - started) / x_0.numel()})

    if is_available():
        threading.Thread(target=load, name="edlm-smollm2", daemon=True).start()


def choose_threads(model: Model) -> int:
    """How many threads the networks take on this machine as it is now: EDLM_THREADS, or the fewest that read a batch of
    drafts nearly as fast as any. Measured, since more are not faster where cores are shared with other programs."""
    import torch

    asked = os.environ.get("EDLM_THREADS", "")
    if asked.isdecimal() and int(asked) > 0:
        torch.set_num_threads(int(asked))
        return int(asked)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    x_t = torch.full((8, 64), model.denoiser.vocab_size, device=model.device)  # all masked
    t, masked = torch.ones(8, device=model.device), torch.ones_like(x_t, dtype=torch.bool)

    def seconds(threads: int) -> float:
        torch.set_num_threads(threads)
        model.denoiser(x_t, t, masked)  # the first call of a number of threads starts them
        taken: list[float] = []
        for _ in range(3):
            started = time.perf_counter()
            model.denoiser(x_t, t, masked)
            taken.append(time.perf_counter() - started)
        return min(taken)

    measured = {threads: seconds(threads) for threads in sorted({1, max(1, cores // 2), max(1, cores - 1), cores})}
    chosen = min(threads for threads, taken in measured.items() if taken <= 1.1 * min(measured.values()))
    torch.set_num_threads(chosen)
    return chosen
