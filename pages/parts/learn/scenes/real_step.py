"""The same in a trained model: some drafts of a recorded step, each word of them drawn by itself."""

from __future__ import annotations

from functools import partial

import streamlit as st

from edlm_core.diagnosis.pool import Pool, lanes_with_candidates, pools_of
from edlm_core.displayed import in_table
from edlm_core.runs.run_file import Run

from ...app import cache
from ...app.i18n import gettext as _
from ...app.i18n import number, percent, title_of
from ...app.visit import show_example, switch_page
from ...app.words import plain
from ..sheet import Piece, Row, sheet
from ..why import prose

SHOWN = 4  # drafts: the first, the one taken, and what else is heavy


def show() -> None:
    runs = cache.bundled_runs()
    if not runs:
        return
    name, run = next(iter(runs.items()))
    pool = first_step(run)
    st.markdown("### " + _("The same in a trained model"))
    prose(
        _(
            "The first step of “{title}”, as it was recorded: {n} open words, each drawn by itself, {K} times over. "
            "The first draft is what a writer of independent words keeps. Then a model that reads whole texts weighed "
            "all {K}, and one was taken. Read both aloud."
        ).format(title=plain(title_of(run)), n=int(pool.masked.sum()), K=len(pool.candidate))
    )
    sheet("real", _("Drafts of a recorded step"), rows(pool))
    if st.button(_("Watch this run"), key="real_watch", icon=":material/play_circle:"):
        show_example(name)
        switch_page("pages/watch.py")


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs={Run: id})
def first_step(run: Run) -> Pool:
    """Of the first lane that had drafts to choose from."""
    return pools_of(run, run.lanes[lanes_with_candidates(run)[0]])[0]


def rows(pool: Pool) -> list[Row]:
    """The first draft, the one taken, and the heaviest of the others."""
    heaviest = (-pool.weight).argsort(kind="stable").tolist()
    order = list(dict.fromkeys([0, pool.chosen, *heaviest]))[:SHOWN]
    return [_row(pool, k) for k in order]


def _row(pool: Pool, k: int) -> Row:
    texts = in_table(pool.words_of(pool.candidate[k]))
    kinds = ["word" if masked else "plain" for masked in pool.masked]
    row: Row = {
        "pieces": [piece for text, kind in zip(texts, kinds, strict=True) for piece in _spaced(text, kind)],
        "before": _("draft {n}").format(n=number(k + 1)),
        "weight": float(pool.weight[k]),
        "after": percent(float(pool.weight[k])),
    }
    tag = _("taken") if k == pool.chosen else ""
    return row | {"taken": tag} if tag else row


def _spaced(text: str, kind: str) -> list[Piece]:
    """The space before a word is not part of it."""
    bare = text.lstrip(" ")
    piece = partial(dict, kind=kind)
    return (
        [{"text": text[: len(text) - len(bare)], "kind": "plain"}, piece(text=bare)]
        if bare != text
        else [piece(text=text)]
    )
