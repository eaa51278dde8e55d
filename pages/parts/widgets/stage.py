"""The animated token stage: one client-side component, in the app and in the saved player.

The code is `assets/js/stage`; here it is given a run and its words. Playing and scrubbing happen in the browser; only
a place that is to be taken apart comes back.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import streamlit as st
from msgspec.structs import replace

from edlm_core.catalogue import JUDGES, SAMPLERS, self_judged
from edlm_core.characters import names_shown
from edlm_core.runs.run_file import COLUMNS, Run, to_wire
from edlm_core.runs.schema import ALTERNATIVES

from ..app.cache import ASSETS
from ..app.i18n import gettext as _
from ..app.i18n import language, title_of
from ..app.shown import Shown
from ..app.theme import component_css, saved_page_css
from .bundle import join
from .glossary import glossary
from .strings import ENGLISH as _ENGLISH
from .strings import in_language, translated

ENGLISH = _ENGLISH["stage"]
_CSS = component_css(".stage") + (ASSETS / "stage" / "stage.css").read_text(encoding="utf-8")
_PLAYER = (ASSETS / "stage" / "player.html").read_text(encoding="utf-8")

# What the browser's side has to know of every run and has no copy of.
FACTS = {
    "columns": {name: [column.dtype, list(column.axes)] for name, column in COLUMNS.items()},
    "alternatives": ALTERNATIVES,
    "uncorrected": [name for name, sampler in SAMPLERS.items() if not sampler.asks_energy],
    "weighs": [name for name, sampler in SAMPLERS.items() if sampler.weighs_whole_drafts],
    "sequential": [name for name, sampler in SAMPLERS.items() if not sampler.denoises],
    "unseen": names_shown(),
}

_component = st.components.v2.component(
    "edlm_stage", html='<div class="stage"></div>', css=_CSS, js=join("stage/component.js")
)


def stage(
    shown: Shown, start: dict[str, int | None] | None, *, notes: Sequence[str] = (), diagnose: bool = False
) -> dict[str, int] | None:
    """Draw a run, from `start` {step, lane, position} if given, with `notes` on its figures below them. With `diagnose`
    there is a button that returns the place, in the same form, once when it is pressed."""
    head = {name: value for name, value in shown._asdict().items() if name != "run"}
    head |= {"start": start, "notes": list(notes), "diagnose": diagnose}
    data = _together(head, _encoded(shown.run, language())[1])
    return _component(key="stage", data=data, on_diagnose_change=lambda: None).diagnose


def _together(head: dict[str, Any], played: bytes) -> bytes:
    """One JSON object of two. Streamlit would encode a dict at each script run, twice; bytes it passes on."""
    return msgspec.json.encode(head)[:-1] + b"," + played[1:]


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Run: id})
def _encoded(run: Run, language: str) -> tuple[Run, bytes]:
    """`_played` as JSON, once for a run, whoever looks at it. The run stays with it, so that no other has its id."""
    return run, msgspec.json.encode(_played(run))


def _played(run: Run) -> dict[str, Any]:
    """What the stage plays: the run with its title in the visitor's language and without terms of energies, which it
    does not draw; its words; what it has to know."""
    lanes = [replace(lane, token_energy=None) for lane in run.lanes]
    played = to_wire(replace(run, title=title_of(run), about=_(run.about), lanes=lanes))
    samplers = {lane.sampler: _told(lane.sampler, run.energy) for lane in run.lanes}
    return {"run": played, "strings": translated("stage"), "glossary": glossary(), "facts": FACTS, "samplers": samplers}


def _told(sampler: str, energy: str) -> dict[str, Any]:
    """What the stage says of a sampler, and whose judgement of it flatters. Of one that this release does not know it
    says the name."""
    if (spec := SAMPLERS.get(sampler)) is None:
        return {"label": sampler, "about": "", "self_judged": []}
    judges = [judge for judge in JUDGES if self_judged(judge, sampler, energy)]
    return {"label": in_language(spec.label), "about": in_language(spec.about), "self_judged": judges}


def player(run: Run) -> bytes:
    """The run as one HTML file that plays without a network: the same stage, a strict CSP. Its title says so where
    the run was stopped."""
    data = {"id": "player", "replay": True} | _played(run)
    played = data["run"]
    if not run.complete:
        played["title"] = _("{title} (stopped early)").format(title=played["title"] or _("A run"))
    script, style = join("stage/player.js"), _CSS + saved_page_css()
    policy = f"default-src 'none'; script-src '{_sha256(script)}'; style-src '{_sha256(style)}'; base-uri 'none'"
    parts = {
        "{{LANG}}": language(),
        "{{TITLE}}": html.escape(played["title"] or "EDLM Explorer"),
        "{{CSP}}": html.escape(policy, quote=False),
        "/*STYLE*/": style,
        "/*DATA*/": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        "/*SCRIPT*/": script,
    }
    # One pass: what is put in is never searched again.
    return re.sub("|".join(map(re.escape, parts)), lambda m: parts[m.group()], _PLAYER).encode()


def _sha256(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
