"""What recorded sweeps say of the corrected lane: on average, and where the run on the stage lies among them."""

from __future__ import annotations

from edlm_core.catalogue import BASELINE, JUDGES, PLAIN, SAMPLERS
from edlm_core.measure.recorded import Duel, duel
from edlm_core.runs.run_file import Lane, Run

from ..app.i18n import gettext as _
from ..app.i18n import number, percent
from ..app.links import DEFAULT


def default_duel() -> Duel | None:
    """What a visitor gets who presses Run, against independent words at the same places; None where nobody measured."""
    return duel(DEFAULT.sampler, PLAIN.name, DEFAULT.config, energy=DEFAULT.energy, model=DEFAULT.model)


def claim(found: Duel) -> str:
    """Is it better, and what does it cost? One sentence, with the intervals."""
    return _(
        "On {n} texts the corrected lane reads better in {share} of the pairs (95% interval: {low} to {high}), no "
        "better in the others, and takes {ratio} times as long in batches of {batch_size}."
    ).format(
        n=number(found.n),
        share=percent(found.share),
        low=percent(found.low),
        high=percent(found.high),
        ratio=number(found.ratio, 1),
        batch_size=found.batch_size,
    )


def provenance(found: Duel) -> str:
    """Where the claim comes from."""
    config = found.better.config
    return _(
        "Pairs of texts from the same seed, with and without the energy; {sampler}, T = {T}, K = {K}, {L} tokens. "
        "Judge: {judge}. Written {batch_size} at a time on {processor}, {dtype}, {date}; nine batches in ten took "
        "{ratio_low} to {ratio_high} times as long. A text by itself leaves part of a processor idle, so that it costs "
        "less than that."
    ).format(
        sampler=_(SAMPLERS[found.better.sampler].label),
        T=config.num_steps,
        K=config.num_candidates,
        L=config.length,
        judge=_(JUDGES[found.judge].label),
        batch_size=found.batch_size,
        processor=found.processor,
        dtype=found.dtype,
        date=found.date.isoformat(),
        ratio_low=number(found.ratio_low, 1),
        ratio_high=number(found.ratio_high, 1),
    )


def standing(run: Run) -> list[str]:
    """How the corrected text of a run did against the independent one, and how often that happens. Nothing where one of
    the two is missing or was not judged."""
    plain = next((lane for lane in run.lanes if lane.sampler == PLAIN.name), None)
    own = next((lane for lane in run.lanes if lane.sampler not in (PLAIN.name, BASELINE.name)), None)
    if plain is None or own is None:
        return []
    judge = next((name for name in JUDGES if _nll(plain, name) is not None and _nll(own, name) is not None), None)
    if judge is None:
        return []
    difference = own.measures[f"judge_nll_{judge}"] - plain.measures[f"judge_nll_{judge}"]
    found = duel(
        own.sampler, PLAIN.name, run.config, energy=run.energy, prompt=run.prompt, model=run.model.name, judge=judge
    )
    return [_here(difference, judge), *([_among(difference, found)] if found is not None else [])]


def _nll(lane: Lane, judge: str) -> float | None:
    return lane.measures.get(f"judge_nll_{judge}")


def _here(difference: float, judge: str) -> str:
    text = (
        _("Here the corrected text reads better than the independent one, by {gap} nats a token ({judge}).")
        if difference < 0
        else _("Here the corrected text is the worse one, by {gap} nats a token ({judge}).")
    )
    return text.format(gap=number(abs(difference), 2), judge=_(JUDGES[judge].label))


def _among(difference: float, found: Duel) -> str:
    text = (
        _(
            "Of {n} pairs with these settings {share} came out at least as well as this one; in {worse} the corrected "
            "text was the worse one."
        )
        if difference < 0
        else _("That happens: of {n} pairs with these settings it was the worse one in {worse}.")
    )
    worse = sum(other > 0 for other in found.differences) / found.n
    return text.format(n=number(found.n), share=percent(found.quantile(difference)), worse=percent(worse))
