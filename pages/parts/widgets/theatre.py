"""The candidate theatre: all drafts of one step with what denoiser and energy thought of each token.

The code is `assets/js/theatre`; here it is given one step. Only a held place or draft comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from edlm_core.diagnosis.pool import Pool
from edlm_core.displayed import in_table
from edlm_core.runs.run_file import pack

from ..app.cache import ASSETS
from ..app.theme import component_css
from .bundle import join
from .strings import translated

_component = st.components.v2.component(
    "edlm_theatre",
    html='<div class="theatre"></div>',
    css=component_css(".theatre") + (ASSETS / "theatre" / "theatre.css").read_text(encoding="utf-8"),
    js=join("theatre/component.js"),
)


def ranks(values: np.ndarray) -> list[int]:
    """1 for the largest."""
    place = np.empty(len(values), int)
    place[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return place.tolist()


def theatre(
    pool: Pool,
    *,
    autoregressive: bool,
    draft: int,
    position: int,
    on_hold: Callable[[dict[str, int]], None],
    only: Sequence[int] = (),
    spots: Sequence[int] = (),
    key: str = "theatre",
) -> dict[str, Any]:
    """Draw a step's drafts, all or `only` some, with the positions of `spots` marked. `on_hold` gets {draft, position}
    when something has been clicked. `autoregressive`: the energy's parts are differences of two log-probabilities."""

    def held() -> None:
        if st.session_state[key].held:
            on_hold(st.session_state[key].held)

    data = _step(pool, autoregressive) | {
        "strings": translated("theatre"),
        "only": list(only),
        "spots": list(spots),
        "draft": draft,
        "position": position,
        "answers": st.session_state[key].held if key in st.session_state else None,
    }
    return _component(key=key, data=data, default={"held": None}, on_held_change=held)


def _step(pool: Pool, autoregressive: bool) -> dict[str, Any]:
    """What `assets/js/theatre/step.js` decodes: the pool, and what each of its tokens shows."""
    _, local = np.unique(pool.candidate, return_inverse=True)
    words: dict[str, int] = {}  # what is shown, and its place in the list of them
    texts = (text for row in pool.candidate for text in in_table(pool.words_of(row)))
    shown = np.array([words.setdefault(text, len(words)) for text in texts])
    total_log_q = pool.token_log_q.sum(1)
    strips = {"log_q": pool.token_log_q, "log_p": pool.log_p if autoregressive else None, "parts": pool.parts}
    return {
        "K": len(pool.candidate),
        "L": len(pool.x_t),
        "words": list(words),
        "shown": _packed(shown, "<u4"),
        "candidate": _packed(local, "<u2"),
        "strips": {name: _packed(array, "<f4") for name, array in strips.items() if array is not None},
        "difference": autoregressive,
        "given": (~pool.masked).astype(int).tolist(),
        "written": pool.revealed.astype(int).tolist(),
        "chosen": pool.chosen,
        "weight": pool.weight.tolist(),
        "energy": [float(e) if np.isfinite(e) else None for e in pool.energy],
        "total_log_q": total_log_q.tolist(),
        "rank_before": ranks(total_log_q),
        "rank_after": ranks(pool.weight),
    }


def _packed(array: np.ndarray, dtype: str) -> dict[str, str]:
    return {"dtype": dtype, "data": pack(array, dtype)}
