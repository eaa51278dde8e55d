"""Every setting against one: how sure is each difference, where so many are asked for?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from edlm_core.measure.paired import Paired, holm, paired_test
from edlm_core.work.cells import paired

from ..app.i18n import gettext as _
from ..app.words import plain
from .view import View


def against_all(view: View, other: str) -> None:
    """Every setting against the second, with p corrected for how many are asked."""
    label = _("Every setting against {other}").format(other=view.names[other])
    if not st.toggle(label, key="w_all"):
        return
    trials = view.source.trials
    second = paired(trials, other, view.measure)
    tests = {cell: paired_test(paired(trials, cell, view.measure), second) for cell in view.cells if cell != other}
    found = {view.names[cell]: test for cell, test in tests.items() if test is not None}
    table = all_table(found)
    st.dataframe(table, hide_index=True, width="stretch")
    st.caption(
        _(
            "Difference in NLL, nats per token, below 0 is better than {other}; p (Holm): that any of these {n} "
            "differences is taken for one by chance."
        ).format(other=plain(view.names[other]), n=len(found))
    )


def all_table(found: Mapping[str, Paired]) -> pd.DataFrame:
    corrected = holm([one.p for one in found.values()])
    return pd.DataFrame(
        [
            {
                _("setting"): name,
                _("difference"): round(one.mean, 3),
                _("95% from"): round(one.low, 3),
                _("to"): round(one.high, 3),
                _("pairs"): one.pairs,
                "p": float(f"{one.p:.2g}"),
                _("p (Holm)"): float(f"{p:.2g}"),
            }
            for (name, one), p in zip(found.items(), corrected, strict=True)
        ]
    )
