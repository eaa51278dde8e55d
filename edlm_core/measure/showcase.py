"""Which runs are shown to who comes for the first time: chosen by rule, not by eye.

Of seeds 0 … N - 1 of a setting, the texts with and without the energy are judged. Shown is a usual case of those in
which the corrected text reads better: the seed whose difference lies nearest their median; and, under a title that says
so, one in which it reads worse, by the same rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from msgspec.structs import replace as with_fields

from ..catalogue import JUDGES
from ..config import Request, SampleConfig
from ..models.checkpoints import Model
from ..refusals import Refusal
from ..runs.recording import Recording
from ..runs.run_file import Run
from .sweep import cells, sweep
from .telling import Tell, untold


@dataclass(frozen=True)
class Show:
    """A setting to be shown. The first two of `samplers` are compared: without the energy and with it. A title says
    what was asked for, or what the rule has looked for; never more."""

    name: str  # of the file
    title: str
    samplers: tuple[str, ...]
    config: SampleConfig
    prompt: str | None = None
    energy: str = "ar"
    reads_better: bool = True

    def requests(self, seed: int, num_chains: int) -> list[Request]:
        config = replace(self.config, seed=seed, num_chains=num_chains)
        return [Request(sampler, self.energy, config, self.prompt) for sampler in self.samplers]


FIRST = SampleConfig(reveal="dilated")  # what a page begins with
SHOWS = (
    Show(
        "1-repair",
        "Blanks in a scene",
        ("mdlm", "edlm"),
        SampleConfig(length=26, num_steps=4, num_candidates=32),
        'Tom saw a ___ in the tree. "____," he said and ran to his ___.',
    ),
    Show(
        "2-blanks",
        "Blanks in a description",
        ("mdlm", "edlm"),
        SampleConfig(length=28, num_steps=3, num_candidates=32),
        "Lily had a ___ ___. It was very ___ and she liked to ___ it ___.",
    ),
    Show(
        "3-prompt",
        "Going on from a prompt",
        ("mdlm", "edlm", "ar"),
        SampleConfig(),
        "Once upon a time, there was a little",
    ),
    Show("4-free", "A story from nothing", ("mdlm", "edlm"), SampleConfig(num_candidates=16)),
    Show("5-mended", "Mended at the end", ("mdlm", "corrector"), FIRST),
    Show("6-worse", "The corrected text reads worse", ("mdlm", "corrector"), FIRST, reads_better=False),
)


def differences(model: Model, show: Show, seeds: int, judge: str, tell: Tell = untold) -> list[float]:
    """By seed, nats a token by which the corrected text reads better (below 0) or worse."""
    requests = show.requests(0, seeds)[:2]
    plain, own = (measures.judge_nll[judge] for measures in cells(sweep(model, requests, [judge]), tell))
    return [a - b for a, b in zip(own, plain, strict=True)]


def usual(differences: Sequence[float], *, better: bool) -> list[int]:
    """The seeds in which the corrected text reads better, or those in which it reads worse, the one nearest their
    median first; of two equally near ones the lower seed."""
    side = {seed: value for seed, value in enumerate(differences) if (value < 0 if better else value > 0)}
    middle = median(side.values()) if side else 0.0
    return sorted(side, key=lambda seed: (abs(side[seed] - middle), seed))


def record(model: Model, show: Show, found: Sequence[float], judges: Sequence[str]) -> Run:
    """The run that the rule chooses by `found`, with the rule's outcome written into it. A batch rounds otherwise than
    a single text: the first of the seeds in order whose recorded texts are what they are shown for. Raises Refusal."""
    for seed in usual(found, better=show.reads_better):
        recording = Recording(model, show.requests(seed, 1), show.title)
        for _ in recording.steps():
            pass
        recording.measure(judges)
        run = recording.result()
        gap = _gap(run, judges[0])
        if gap < 0 if show.reads_better else gap > 0:
            return with_fields(run, about=_outcome(show, found, gap, judges[0]))
    raise Refusal("showcase-none", name=show.name, seeds=len(found))


def _gap(run: Run, judge: str) -> float:
    plain, own = (lane.measures[f"judge_nll_{judge}"] for lane in run.lanes[:2])
    return own - plain


def _outcome(show: Show, found: Sequence[float], gap: float, judge: str) -> str:
    """What the rule says of the run that it chose, for the page."""
    better = sum(value < 0 for value in found)
    side = "those" if show.reads_better else "the others"
    return (
        f"Chosen by rule: of seeds 0 to {len(found) - 1} the corrected text reads better in {better} "
        f"({JUDGES[judge].label}). This is the one nearest the median of {side}: {abs(gap):.2f} nats a token "
        f"{'better' if gap < 0 else 'worse'}."
    )
