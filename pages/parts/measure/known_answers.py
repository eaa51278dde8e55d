"""Blanks whose filling a rule can check: the plain measure of words that don't fit together, which needs no judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from edlm_core.catalogue import SAMPLERS
from edlm_core.measure.cloze import Filling, templates
from edlm_core.measure.cloze_record import ClozeRow, RecordedCloze, recorded_cloze
from edlm_core.refusals import Refusal

from ..app.i18n import gettext as _
from ..app.i18n import in_words, number, percent
from ..app.theme import Palette
from ..app.visit import Visit
from ..app.words import plain
from ..widgets.figure import figure, palette
from ..widgets.frame import framed
from .times import where
from .view import View

COMMAND = "python -m edlm_core cloze"


def show(visit: Visit, view: View | None) -> None:
    st.markdown(
        _(
            "“The story is about ▢ and ▢ red ball”: a name and a pronoun that must agree. A rule says if a filling "
            "fits, contradicts itself, or holds another kind of word: no judge is needed."
        )
    )
    try:
        found = recorded_cloze()
    except Refusal as refusal:
        st.error(in_words(refusal), icon=":material/error:")
        return
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences(found)))
    about = _(
        "{templates} templates, {texts} texts each from the same seeds, T = {steps}, K = {candidates}. Bars: 95% "
        "intervals over the templates. {where}"
    ).format(
        templates=found.templates,
        texts=found.num_chains,
        steps=found.num_steps,
        candidates=found.num_candidates,
        where=where(found),
    )
    shares = [row.shares for row in found.rows]
    if any(shares.count(one) > 1 for one in shares):
        about = _("Two are alike: in one step there is nothing to mend. {about}").format(about=about)
    left, right = st.columns(2, gap="medium")
    for place, name, question, table in (
        (left, "levels", _("By difficulty"), shares_table(found, "levels", level_labels())),
        (right, "rules", _("By rule"), shares_table(found, "rules", rule_labels())),
    ):
        with place:
            figure(name, question, shares_chart(table, palette()), table, about, side=[4.4, 1])
    with st.expander(_("The templates")):
        st.dataframe(templates_table(), hide_index=True, width="stretch")
        st.code(COMMAND, language="bash")


def level_labels() -> dict[Any, str]:
    return {1: _("1: side by side"), 2: _("2: far apart"), 3: _("3: three or more")}


def rule_labels() -> dict[Any, str]:
    return {
        "pronoun": _("pronoun and name"),
        "number": _("one or many"),
        "again": _("mentioned before"),
        "opposite": _("opposites"),
        "counting": _("counting"),
    }


def sentences(found: RecordedCloze) -> list[str]:
    """One a sampler, against the first."""
    first = found.rows[0]
    said = [
        _("**{sampler}**: {share} of the fillings fit, ± {half}.").format(
            sampler=_label(first), share=percent(first.shares[Filling.FITTING][0], 1), half=_half(first)
        )
    ]
    for row in found.rows[1:]:
        mean, half = row.against_first
        if mean - half > 0:
            text = _("**{sampler}**: {share} ± {half}; more than {first} by {mean} points (± {gain}).")
        elif mean + half < 0:
            text = _("**{sampler}**: {share} ± {half}; fewer than {first} by {mean} points (± {gain}).")
        else:
            text = _("**{sampler}**: {share} ± {half}; not told apart from {first}, {mean} points away (± {gain}).")
        said.append(
            text.format(
                sampler=_label(row),
                share=percent(row.shares[Filling.FITTING][0], 1),
                half=_half(row),
                mean=number(100 * abs(mean), 1),
                gain=number(100 * half, 1),
                first=_label(first),
            )
        )
    return said


def _label(row: ClozeRow) -> str:
    return plain(_(SAMPLERS[row.sampler].label))


def _half(row: ClozeRow) -> str:
    return percent(row.shares[Filling.FITTING][1], 1)


def shares_table(found: RecordedCloze, part: str, labels: Mapping[Any, str]) -> pd.DataFrame:
    """A row a sampler and level or rule: the share that fits, with its interval."""
    return pd.DataFrame(
        [
            {
                "sampler": _(SAMPLERS[row.sampler].label),
                "of": label,
                "share": round(mean, 4),
                "low": round(max(0.0, mean - half), 4),
                "high": round(min(1.0, mean + half), 4),
            }
            for row in found.rows
            for name, label in labels.items()
            for mean, half in [getattr(row, part)[name]]
        ]
    )


def shares_chart(table: pd.DataFrame, palette: Palette) -> alt.LayerChart:
    samplers = list(table["sampler"].unique())
    colours = [palette.alone, palette.energy, palette.accent, palette.ink]
    base = alt.Chart(table).encode(
        x=alt.X("of:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelLimit=130)),
        xOffset=alt.XOffset("sampler:N", sort=samplers),
        color=alt.Color(
            "sampler:N",
            sort=None,
            scale=alt.Scale(domain=samplers, range=colours[: len(samplers)]),
            legend=alt.Legend(title=None, columns=2, labelLimit=220),
        ),
    )
    y = alt.Y("share:Q", title=_("share that fits"), axis=alt.Axis(format="%"))
    tips = [
        alt.Tooltip("sampler:N", title=_("sampler")),
        alt.Tooltip("of:N", title=_("of")),
        alt.Tooltip("share:Q", title=_("share that fits"), format=".1%"),
        alt.Tooltip("low:Q", title=_("95% from"), format=".1%"),
        alt.Tooltip("high:Q", title=_("to"), format=".1%"),
    ]
    return framed(
        alt.layer(
            base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2="high:Q"),
            base.mark_point(filled=True, size=70, opacity=1).encode(y=y, tooltip=tips),
        ),
        palette,
        280,
    )


def templates_table() -> pd.DataFrame:
    rules, levels = rule_labels(), level_labels()
    return pd.DataFrame(
        [
            {_("rule"): rules[one.rule], _("difficulty"): levels[one.level], _("template"): one.text}
            for one in templates()
        ]
    )
