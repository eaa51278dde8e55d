"""The published claim, replayed on what was measured: is a corrected text as good as the baseline's sooner?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from edlm_core.catalogue import BASELINE, JUDGES, PLAIN, SAMPLERS, self_judged
from edlm_core.measure.claim import Point, by_sampler, nearest, soonest
from edlm_core.measure.paired import paired_test

from ..app.i18n import gettext as _
from ..app.i18n import number, signed
from ..app.visit import Visit
from ..app.words import plain
from ..widgets.figure import csv_button
from .pair import values_of
from .view import View, made


def show(visit: Visit, view: View | None) -> None:
    st.markdown(
        _(
            "EDLM's paper: about 1.3 times as fast as independent words, by the time at which each comes to the NLL of "
            "the autoregressive baseline. A low NLL alone is cheap, since dull text has it; so here a setting counts "
            "as good as the baseline only if the entropy of its texts is no lower either."
        )
    )
    baseline = view and next((cell for cell in view.cells if view.setting(cell)["sampler"] == BASELINE.name), None)
    if view is None or baseline is None:
        st.info(
            _("The claim needs texts of the autoregressive baseline: measure some, or choose other texts above."),
            icon=":material/compare_arrows:",
        )
        return
    cells = {cell: point_of(view, cell) for cell in view.cells}
    points = [point for cell, point in cells.items() if cell != baseline]
    if not points:
        st.info(_("There is the baseline alone: measure another sampler beside it."), icon=":material/compare_arrows:")
        return
    st.markdown(verdict(cells[baseline], points))
    table = claim_table(view, baseline, cells)
    st.dataframe(table, hide_index=True, width="stretch")
    judge = _(JUDGES[view.judge].label)
    said = [
        _(
            "Of each sampler the setting that comes to the baseline soonest, else the one that reads best. NLL by "
            "{judge}, nats per token; “above the baseline” is paired by seed, with its 95% interval."
        ).format(judge=judge)
    ]
    if self_judged(view.judge, BASELINE.name, "none"):
        said.append(_("This judge is the baseline itself, which flatters it: choose the other one above."))
    st.caption(" ".join([*said, made(view)]))
    csv_button(st.columns([5, 1])[1], "claim", table)


def point_of(view: View, cell: str) -> Point:
    measured = view.cells[cell].measured
    means = (measured[name][0] for name in (view.measure, "entropy", "seconds"))
    return Point(view.setting(cell)["sampler"], *means, name=view.names[cell])


def verdict(baseline: Point, points: list[Point]) -> str:
    """In sentences, from the averages: an unfavourable number makes an unfavourable one."""
    corrected = [point for point in points if SAMPLERS[point.sampler].asks_energy]
    own = soonest(corrected, baseline)
    independent = soonest([point for point in points if point.sampler == PLAIN.name], baseline)
    if not corrected:
        return _("Nothing with an energy was measured here, so there is nothing to say of the claim.")
    if own is None:
        best = nearest(corrected)
        dull = best.nll <= baseline.nll
        text = (
            _(
                "**It does not hold here.** No setting with an energy is as good as the baseline: {name} has a lower "
                "NLL, {nll} against {baseline}, but its texts are duller, entropy {entropy} against {mark}."
            )
            if dull
            else _(
                "**It does not hold here.** No setting with an energy comes to the baseline's NLL of {baseline} at no "
                "lower entropy. Nearest is {name} with {nll}, which takes {times} times as long as the baseline."
            )
        )
        return text.format(
            name=plain(best.name),
            nll=number(best.nll, 2),
            baseline=number(baseline.nll, 2),
            entropy=number(best.entropy, 2),
            mark=number(baseline.entropy, 2),
            times=number(best.seconds / baseline.seconds, 1),
        )
    values = {
        "name": plain(own.name),
        "seconds": number(own.seconds, 2),
        "times": number(own.seconds / baseline.seconds, 1),
    }
    if independent is None:
        return _(
            "**There is no ratio to give.** {name} comes to the baseline after {seconds} s a text, {times} times what "
            "the baseline takes; independent words never do, at no setting that was measured."
        ).format(**values)
    ratio = independent.seconds / own.seconds
    text = (
        _(
            "**It holds here.** {name} is as good as the baseline after {seconds} s a text, {ratio} times as fast as "
            "{plain}. The baseline itself is there in {share} of that time."
        )
        if ratio > 1
        else _(
            "**It does not hold here.** {name} is as good as the baseline after {seconds} s a text, {plain} sooner: "
            "the ratio is {ratio}. The baseline itself is there in {share} of that time."
        )
    )
    return text.format(
        **values, plain=plain(independent.name), ratio=number(ratio, 2), share=number(baseline.seconds / own.seconds, 2)
    )


def claim_table(view: View, baseline: str, cells: dict[str, Point]) -> pd.DataFrame:
    """A row a sampler."""
    mark, names = cells[baseline], {point.name: cell for cell, point in cells.items()}
    other = values_of(view, view.texts(baseline))
    rows = []
    for theirs in by_sampler(list(cells.values())).values():
        first = soonest(theirs, mark)
        point = first or nearest(theirs)
        cell = names[point.name]
        found = None if cell == baseline else paired_test(values_of(view, view.texts(cell)), other)
        above = found and _("{mean} ({low} to {high})").format(
            mean=signed(found.mean, 2), low=signed(found.low, 2), high=signed(found.high, 2)
        )
        rows.append(
            {
                _("setting"): point.name,
                "NLL": round(point.nll, 3),
                _("above the baseline"): above or "",
                _("entropy"): round(point.entropy, 3),
                _("seconds a text"): float(f"{point.seconds:.3g}"),
                _("as good as the baseline"): _("the baseline")
                if cell == baseline
                else _("yes")
                if first is not None
                else _("never"),
            }
        )
    return pd.DataFrame(rows)
