"""Is it better, and what does it take? A sentence a sampler, made from the numbers: bad ones make a bad sentence."""

from __future__ import annotations

from collections.abc import Container, Iterator

from edlm_core.catalogue import BASELINE, JUDGES, PLAIN, self_judged
from edlm_core.measure.opponents import opponent
from edlm_core.measure.versus import Versus, versus

from ..app.i18n import gettext as _
from ..app.i18n import number, percent
from .view import View


def sentences(view: View) -> Iterator[str]:
    """Each sampler's setting with most texts, against independent words, then against the autoregressive baseline; of
    these two against each other once."""
    for rival, told in ((PLAIN.name, (PLAIN.name,)), (BASELINE.name, (BASELINE.name, PLAIN.name))):
        known = sorted(view.cells.values(), key=lambda one: -one.texts)
        rivals = [one.row for one in known if one.setting.sampler == rival]
        for cell in _best_known(view, told):
            other = opponent(view.setting(cell), rivals)
            found = other and versus(view.texts(cell), view.texts(other["cell"]), view.measure)
            if found:
                yield " ".join([sentence(found, view.names[cell], view.names[other["cell"]]), *_flattered(view, cell)])


def sentence(found: Versus, own: str, other: str) -> str:
    if found.low > 0.5:
        text = _(
            "**{own}** reads better than {other} in {share} of {n} pairs (95% interval: {low} to {high}) and takes "
            "{ratio} times as long."
        )
    elif found.high < 0.5:
        text = _(
            "**{own}** reads worse than {other}: better in only {share} of {n} pairs (95% interval: {low} to "
            "{high}). It takes {ratio} times as long."
        )
    else:
        text = _(
            "Whether **{own}** reads better than {other} cannot be told yet: it does in {share} of {n} pairs (95% "
            "interval: {low} to {high}). It takes {ratio} times as long."
        )
    return text.format(
        own=own,
        other=other,
        n=number(found.n),
        share=percent(found.share),
        low=percent(found.low),
        high=percent(found.high),
        ratio=number(found.ratio, 1 if found.ratio >= 1 else 2),
    )


def _flattered(view: View, cell: str) -> list[str]:
    """A warning where the judge is no evidence."""
    setting = view.setting(cell)
    if not self_judged(view.judge, setting["sampler"], setting["energy"]):
        return []
    judge = _(JUDGES[view.judge].label)
    return [_("Self-judged: {judge} took part in writing it, so this flatters.").format(judge=judge)]


def _best_known(view: View, but: Container[str]) -> list[str]:
    """The setting with most texts of every sampler but some; of several, that with most steps and drafts."""
    best: dict[str, str] = {}
    for one in view.cells.values():
        sampler = one.setting.sampler
        if sampler not in but and (sampler not in best or _known(view, one.cell) > _known(view, best[sampler])):
            best[sampler] = one.cell
    return list(best.values())


def _known(view: View, cell: str) -> tuple[int, int, int]:
    setting = view.setting(cell)
    return view.cells[cell].texts, setting["num_steps"], setting["num_candidates"]
