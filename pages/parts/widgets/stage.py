"""The animated token stage: one client-side component, in the app and in the saved player.

The code is `assets/stage/stage.js`; here it is given a run and its words. Playing and scrubbing
happen in the browser; only a locked selection comes back.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from typing import Any

import streamlit as st

from edlm_core.catalogue import SAMPLERS
from edlm_core.runs.run_file import Run

from ..app.cache import ASSETS
from ..app.i18n import gettext as _
from ..app.i18n import language
from ..app.shown import Shown

_JS = (ASSETS / "stage" / "stage.js").read_text(encoding="utf-8")
_CSS = (ASSETS / "stage" / "stage.css").read_text(encoding="utf-8")
_PLAYER = (ASSETS / "stage" / "player.html").read_text(encoding="utf-8")

# The English words stand in the JS, between two markers, as JSON: the player and a browser test
# find them there, and they are written once.
_BETWEEN = re.compile(r"/\* strings:begin \*/(.*?)/\* strings:end \*/", re.DOTALL)
ENGLISH: dict[str, str] = json.loads(_BETWEEN.search(_JS).group(1))

_component = st.components.v2.component("edlm_stage", html='<div class="stage"></div>', css=_CSS, js=_JS)


def strings() -> dict[str, str]:
    """The stage's words in the visitor's language; a sampler's are the catalogue's."""
    labels = {name: sampler.label for name, sampler in SAMPLERS.items()}
    abouts = {f"{name}_about": sampler.about for name, sampler in SAMPLERS.items()}
    return {key: _(text) for key, text in (ENGLISH | labels | abouts).items()}


def stage(shown: Shown, start: dict[str, int | None] | None, *, diagnose: bool = False) -> dict[str, int] | None:
    """Draw a run, from `start` {step, lane, position} if given. With `diagnose` there is a button that returns the
    place, in the same form, once when it is pressed."""
    data = shown._asdict() | {"run": _played(shown.run), "strings": strings(), "start": start, "diagnose": diagnose}
    result = _component(
        key="stage", data=data, default={"selection": None},
        on_selection_change=lambda: None, on_diagnose_change=lambda: None,
    )  # fmt: skip
    return result.diagnose


def _played(run: Run) -> Run:
    """What the stage plays: the title in the visitor's language, and no terms of energies, which it does not draw."""
    lanes = [{key: value for key, value in lane.items() if key != "token_energy"} for lane in run["lanes"]]
    return run | {"title": _(run["title"]), "lanes": lanes}


def player(run: Run) -> bytes:
    """The run as one HTML file that plays without a network: the same stage, a strict CSP."""
    data = {"id": "player", "run": _played(run), "live": False, "replay": True,
            "strings": strings(), "link": None, "start": None}  # fmt: skip
    script = _JS + _BOOT
    policy = f"default-src 'none'; script-src '{_sha256(script)}'; style-src '{_sha256(_CSS)}'; base-uri 'none'"
    parts: dict[str, Any] = {
        "{{LANG}}": language(),
        "{{TITLE}}": html.escape(_(run["title"]) or "EDLM Explorer"),
        "{{CSP}}": html.escape(policy, quote=False),
        "/*STYLE*/": _CSS,
        "/*DATA*/": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        "/*SCRIPT*/": script,
    }
    # One pass: what is put in is never searched again.
    return re.sub("|".join(map(re.escape, parts)), lambda m: parts[m.group()], _PLAYER).encode()


_BOOT = """
mount(document.querySelector(".stage"), JSON.parse(document.getElementById("data").textContent));
"""


def _sha256(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
