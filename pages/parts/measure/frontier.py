"""What does quality cost? Every setting as a dot: how well it reads against what it takes, and against dullness."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from edlm_core.catalogue import BASELINE, JUDGES
from edlm_core.measure.real_text import RealText, real_text

from ..app.i18n import gettext as _
from ..app.i18n import ngettext, number
from ..widgets.figure import figure, palette, picked
from .charts import settings_table
from .frontier_chart import frontier_chart
from .view import View, cost_names, made

state = st.session_state
SIDE = [4.4, 1]  # of half a page


def show(view: View) -> None:
    table, colours = settings_table(view), palette()
    some = view.setting(next(iter(view.cells)))
    real = real_text(some["model"]) if some["prompt"] is None else None
    level = real and real.judge_nll.get(view.judge)
    judge = _("NLL by {judge}, nats per token").format(judge=_(JUDGES[view.judge].label))
    left, right = st.columns(2, gap="medium")
    with left:
        chart = frontier_chart(table, "cost", cost_names()[view.cost], judge, colours, level and level[0])
        said = f"{reading(table)} {real_line(real, view.judge)}".strip()
        figure("frontier", _("What does quality cost?"), chart, table, said, on_select=_pick, side=SIDE)
    with right:
        chart = frontier_chart(table, "entropy", _("entropy of a text, nats"), judge, colours, level and level[0])
        dull = _(
            "Low and to the left is dull: a text that repeats itself is easy to predict. Better is lower at the same "
            "entropy or more."
        )
        figure("dullness", _("Or is it just dull?"), chart, table, dull, on_select=_pick_dull, side=SIDE)
    st.caption(made(view))


def real_line(real: RealText | None, judge: str) -> str:
    """What the line of real text is, and where it comes from."""
    if real is None or judge not in real.judge_nll:
        return ""
    mean, half = real.judge_nll[judge]
    return _(
        "Dotted: real text, NLL {nll} ± {half}, {texts} held-out stories of {length} tokens (recorded in `{source}`)."
    ).format(
        nll=number(mean, 2), half=number(half, 2), texts=number(real.texts), length=real.length, source=real.source
    )


def reading(table: pd.DataFrame) -> str:
    """What the frontier says, in words."""
    open_dots = table[~table.dominated].sort_values("price")
    cheapest, best = open_dots.iloc[0], open_dots.iloc[-1]
    said = [
        _("Cheapest: {name}, NLL {nll}. Reads best: {best}, NLL {least}, at {times} times the cost.").format(
            name=cheapest["name"],
            nll=number(cheapest.nll, 2),
            best=best["name"],
            least=number(best.nll, 2),
            times=number(best.price / cheapest.price, 1),
        )
        if len(open_dots) > 1
        else _("Nothing is cheaper and nothing reads better than {name}, NLL {nll}.").format(
            name=cheapest["name"], nll=number(cheapest.nll, 2)
        )
    ]
    if worse := int(table.dominated.sum()):
        said.append(
            ngettext(
                "{n} setting is faint: another is as cheap and reads as well.",
                "{n} settings are faint: others are as cheap and read as well.",
                worse,
            ).format(n=worse)
        )
    if table.self_judged.any():
        said.append(_("Hollow: self-judged, the judge took part in writing."))
    if (table.sampler == BASELINE.name).any():
        said.append(_("Dashed: the autoregressive baseline."))
    if missing := int(table.missing.sum()):
        said.append(
            ngettext(
                "{n} text was not measured and is left out.", "{n} texts were not measured and are left out.", missing
            ).format(n=missing)
        )
    said.append(_("Bars: 95% intervals. A click on a dot compares it below, Shift and a click the second."))
    return " ".join(said)


def _pick() -> None:
    _take("frontier")


def _pick_dull() -> None:
    _take("dullness")


def _take(name: str) -> None:
    """One dot becomes the first of the two that are compared; two are both of them."""
    cells = [point["cell"] for point in picked(name, "dot")]
    state.update(m_chosen=True)
    if len(cells) == 1:
        if cells[0] == state.m_other:
            state.m_other = state.m_own
        state.m_own = cells[0]
    elif cells:
        state.m_other, state.m_own = cells[-2:]
