"""A paired test in sentences: what is the case, what is missing, what would settle it."""

from __future__ import annotations

import pandas as pd

from edlm_core.measure.paired import Paired

from ..app.i18n import gettext as _
from ..app.i18n import ngettext, number, percent, signed


def verdict(found: Paired, own: str, other: str, judge: str) -> str:
    """The test in a sentence, what is missing from it, and what would settle it."""
    if found.high < 0:
        text = _(
            "**{own} reads better than {other}**: {mean} nats per token ({low} to {high}, 95% interval) over {n} "
            "pairs, judged by {judge}."
        )
    elif found.low > 0:
        text = _(
            "**{own} reads worse than {other}**: {mean} nats per token ({low} to {high}, 95% interval) over {n} "
            "pairs, judged by {judge}."
        )
    else:
        text = _(
            "**Not told apart yet**: {own} less {other} is {mean} nats per token ({low} to {high}, 95% interval) over "
            "{n} pairs, judged by {judge}."
        )
    said = [
        text.format(
            own=own,
            other=other,
            mean=signed(found.mean, 3),
            low=signed(found.low, 3),
            high=signed(found.high, 3),
            n=number(found.pairs),
            judge=judge,
        )
    ]
    if found.more:
        said.append(
            ngettext(
                "About {n} pair more would settle it, if the difference is what it seems.",
                "About {n} pairs more would settle it, if the difference is what it seems.",
                found.more,
            ).format(n=number(found.more))
        )
    if found.failures:
        said.append(
            ngettext(
                "{n} pair is left out: a text of it was not measured.",
                "{n} pairs are left out: a text of each was not measured.",
                found.failures,
            ).format(n=number(found.failures))
        )
    return " ".join(said)


def spread(table: pd.DataFrame) -> str:
    """The histogram in words."""
    differences = table.difference
    return _(
        "In {share} of the pairs the first reads better. Half of the differences lie between {low} and {high} nats per "
        "token; the line is their mean."
    ).format(
        share=percent(float((differences < 0).mean())),
        low=signed(float(differences.quantile(0.25)), 2),
        high=signed(float(differences.quantile(0.75)), 2),
    )
