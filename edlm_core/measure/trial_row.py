"""One text as one wide row: what was asked, where it was written, what was measured. Scalars alone, for a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ..config import Request
from .measures import Measures
from .settled import How, cell_of, settled


@dataclass(frozen=True)
class TrialRow:
    """Its columns are those of the store's table of trials."""

    # the setting
    sampler: str
    energy: str
    prompt: str | None
    length: int
    num_steps: int
    num_candidates: int
    window_low: float
    window_high: float
    temperature: float
    energy_temperature: float
    reveal: str
    adaptive: bool
    seed: int  # of this text
    # where
    model: str
    fingerprint: str  # of the weights
    device: str
    dtype: str
    threads: int
    batch_size: int  # texts written together, on average: in low precision they can differ by it
    # Of what an older release has written these three are None.
    processor: str | None
    cell: str | None  # of a sweep: texts that differ in nothing but their seed
    batch: int | None  # the first seed of those that it was written with
    # the text and its measures
    text: str
    judge_nll_smollm2: float | None  # nats per written token; None where this judge read nothing of it
    judge_nll_ar: float | None
    entropy: float  # of the token frequencies, nats
    repeated_words: float  # share
    similarity: float | None  # of neighbouring sentences
    ess: float | None  # of the K drafts, mean over the text's steps; None without a step
    changed: float | None  # share of the words written that the energy changed; None where none was written
    steps: int  # in which a word of it was written or could have been
    # what it took
    denoiser_calls: float  # batched passes of its batch
    energy_calls: float
    scored: float  # drafts of it that the energy read
    seconds: float  # its share of its batch's


def how_written(measures: Measures, together: int) -> How:
    """Of texts that were written at most `together` in a batch."""
    return How(**asdict(measures.conditions), judges=tuple(measures.judge_nll), together=together)


def setting_of(request: Request) -> dict[str, Any]:
    """The columns of a row that say what was asked for, settled; the seed is the first one's."""
    request = settled(request)
    setting: dict[str, Any] = asdict(request.config) | {
        name: getattr(request, name) for name in ("sampler", "energy", "prompt")
    }
    setting["window_low"], setting["window_high"] = setting.pop("window")
    del setting["num_chains"]
    return setting


def trial_rows(measures: Measures, how: How) -> Iterator[TrialRow]:
    """A row a text, in the order of the seeds; of texts that a sampler wrote."""
    request, size = settled(measures.asked), len(measures.texts)
    config, setting = request.config, setting_of(request)
    cell = cell_of(request, how)
    cost: dict[str, Any] = {
        "batch_size": round(size / measures.batches),
        "denoiser_calls": measures.denoiser_calls / measures.batches,
        "energy_calls": measures.energy_calls / measures.batches,
        "scored": measures.scored / measures.batches,
        "seconds": measures.seconds / size,
    }
    for n in range(size):
        steps = measures.steps[n]
        written = sum(len(step.written) for step in steps)
        yield TrialRow(
            **setting | {"seed": config.seed + n},
            **asdict(measures.conditions),
            **cost,
            cell=cell,
            batch=config.seed + n // how.together * how.together,
            text=measures.texts[n],
            judge_nll_smollm2=_of(measures.judge_nll, "smollm2", n),
            judge_nll_ar=_of(measures.judge_nll, "ar", n),
            entropy=measures.entropy[n],
            repeated_words=measures.repeated_words[n],
            similarity=measures.similarity[n],
            ess=sum(step.ess for step in steps) / len(steps) if steps else None,
            changed=sum(len(step.changed) for step in steps) / written if written else None,
            steps=len(steps),
        )


def _of(by_judge: dict[str, tuple[float, ...]], judge: str, n: int) -> float | None:
    value = by_judge[judge][n] if judge in by_judge else math.nan
    return None if math.isnan(value) else value
