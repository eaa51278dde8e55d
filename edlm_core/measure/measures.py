"""What was measured of the texts of one request. Numbers and words alone: no torch, ready to be kept or sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ..config import Request


@dataclass(frozen=True)
class TextStep:
    """One step of one text. A word counts as changed by the energy where it is another than the first draw, which is
    what the run would have written with K = 1."""

    t: float
    drafts: int  # K
    ess: float  # of the K
    written: tuple[int, ...]  # positions revealed
    changed: tuple[int, ...]  # those of them that were changed


@dataclass(frozen=True)
class Conditions:
    """Where texts were written: what, besides the request, decides them."""

    model: str
    fingerprint: str  # of the weights
    device: str
    dtype: str
    threads: int
    processor: str = ""  # unknown, of an older release's


@dataclass(frozen=True)
class Measures:
    """N texts of one request, and what they took. Tuples have an entry a text, from `request.config.seed` up, and
    `request.config.num_chains` is N. `request` is None where nobody sampled them: real text."""

    request: Request | None
    conditions: Conditions
    ids: tuple[tuple[int, ...], ...]
    texts: tuple[str, ...]
    judge_nll: dict[str, tuple[float, ...]]  # nats per written token, by judge
    entropy: tuple[float, ...]  # of the token frequencies inside a text, nats
    repeated_words: tuple[float, ...]  # share
    similarity: tuple[float | None, ...]  # of neighbouring sentences; None without an embedder or a second sentence
    steps: tuple[tuple[TextStep, ...], ...]
    batches: int = 1  # in which the texts were written
    seconds: float = 0.0  # of writing, not of measuring
    denoiser_calls: int = 0  # batched passes
    energy_calls: int = 0
    scored: float = 0.0  # drafts that the energy read for a text, summed over the batches
    ess: tuple[float, ...] = ()  # by step of each batch, mean over its texts

    @property
    def asked(self) -> Request:
        """The request, of texts that a sampler wrote. Raises ValueError of real text."""
        if self.request is None:
            raise ValueError("measures: expected texts that a sampler wrote, got real text")
        return self.request


def joined(parts: Sequence[Measures]) -> Measures:
    """Batches of one request, in the order of their seeds, as one."""
    first = parts[0]
    if len(parts) == 1:
        return first
    added = {f.name for f in fields(Measures)} - {"request", "conditions", "judge_nll"}
    sums: dict[str, Any] = {
        name: sum((getattr(part, name) for part in parts[1:]), start=getattr(first, name)) for name in added
    }
    nll = {judge: sum((part.judge_nll[judge] for part in parts), start=()) for judge in first.judge_nll}
    config = replace(first.asked.config, num_chains=len(sums["ids"]))
    return replace(first, request=replace(first.asked, config=config), judge_nll=nll, **sums)
