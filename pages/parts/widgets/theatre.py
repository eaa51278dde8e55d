"""The candidate theatre: all drafts of one step with what denoiser and energy thought of each token.

The code is `assets/theatre/theatre.js`; here it is given one step. Only a held place or draft comes back.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from edlm_core.diagnosis.pool import Pool

from ..app.cache import ASSETS
from ..app.i18n import gettext as _

_component = st.components.v2.component(
    "edlm_theatre", html='<div class="theatre"></div>',
    css=(ASSETS / "theatre" / "theatre.css").read_text(encoding="utf-8"),
    js=(ASSETS / "theatre" / "theatre.js").read_text(encoding="utf-8"),
)  # fmt: skip


def _strings(autoregressive: bool) -> dict[str, str]:
    return {
        "sort": _("Order"), "sort_weight": _("by weight"), "sort_log_q": _("by log pθ, the order before the energy"),
        "sort_energy": _("by energy"), "sort_drawn": _("as drawn"),
        "draft": _("Draft {k}"), "taken": _("taken"), "first": _("first draw"), "compare": _("Compare"),
        "weight": _("weight {weight}"), "ranks": _("rank {before} by log pθ, {after} by weight"),
        "energy": _("energy {energy} nats"), "position": _("Position"), "at": _("Position {i} of {L}"),
        "log_q": _("log pθ of the token, alone"), "short_log_q": _("log pθ"),
        "log_p": _("log p of the language model, in context"), "short_log_p": _("log pAR"),
        "parts": _("difference") if autoregressive else _("part of log w"),
        "short_parts": _("difference") if autoregressive else _("part"),
        "parts_sign": _("above 0: the energy wants it"), "nats": _("nats"),
        "more": _("Show all {K} drafts"), "fewer": _("Show the first ones"), "example": _("word"),
        "legend_other": _("differs from the taken draft"), "legend_written": _("written at this step"),
        "legend_given": _("was there before"), "given_here": _("was there before this step"),
    }  # fmt: skip


def ranks(values: np.ndarray) -> list[int]:
    """1 for the largest."""
    place = np.empty(len(values), int)
    place[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return place.tolist()


def theatre(
    pool: Pool, *, autoregressive: bool, draft: int, position: int, on_hold: Callable[[dict[str, int]], None],
    only: Sequence[int] = (), spots: Sequence[int] = (), key: str = "theatre",
) -> dict[str, Any]:  # fmt: skip
    """Draw a step's drafts, all or `only` some, with the positions of `spots` marked. `on_hold` gets {draft, position}
    when something has been clicked."""

    def held() -> None:
        if st.session_state[key].held:
            on_hold(st.session_state[key].held)

    used, local = np.unique(pool.candidate, return_inverse=True)
    log_p = pool.log_p if autoregressive else None
    data = {
        "strings": _strings(autoregressive), "words": [pool.words[int(i)] for i in used],
        "only": list(only), "spots": list(spots), "K": len(pool.candidate), "L": len(pool.x_t), "chosen": pool.chosen,
        "draft": draft, "position": position,
        "given": (~pool.masked).astype(int).tolist(), "written": pool.revealed.astype(int).tolist(),
        "candidate": _packed(local.reshape(pool.candidate.shape), "<u2"),
        "log_q": _packed(pool.token_log_q, "<f4"), "log_p": _packed(log_p, "<f4"),
        "parts": _packed(pool.parts, "<f4"), "weight": pool.weight.tolist(),
        "energy": [float(e) if np.isfinite(e) else None for e in pool.energy],
        "total_log_q": pool.token_log_q.sum(1).tolist(),
        "rank_before": ranks(pool.token_log_q.sum(1)), "rank_after": ranks(pool.weight),
    }  # fmt: skip
    return _component(key=key, data=data, default={"held": None}, on_held_change=held)


def _packed(array: np.ndarray | None, dtype: str) -> str | None:
    return None if array is None else base64.b64encode(np.ascontiguousarray(array.astype(dtype)).tobytes()).decode()
