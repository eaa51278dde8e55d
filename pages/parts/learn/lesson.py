"""The scenes, and which of them a visitor sees, at which depth: by a press, by the address, by Back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from edlm_core.messages import N_
from edlm_core.refusals import Refusal

from ..app import address
from ..app.i18n import gettext as _
from ..app.i18n import in_words
from ..app.visit import Visit
from ..widgets.bundle import join
from .asking import forget
from .scenes import alone, inspector, likely, more_drafts, museum, steps
from .why import DEPTHS, depth

state = st.session_state
_to_top = st.components.v2.component("edlm_scene", js=join("lesson/scene.js"))


class Scene(NamedTuple):
    label: str  # marked here, put into the visitor's language where it is drawn
    show: Callable[[], None]
    questions: Sequence[str]  # their names


SCENES = {
    "1": Scene(N_("1 · Each word looks right"), alone.show, alone.QUESTIONS),
    "2": Scene(N_("2 · Fewer steps"), steps.show, steps.QUESTIONS),
    "3": Scene(N_("3 · The inspector"), inspector.show, inspector.QUESTIONS),
    "4": Scene(N_("4 · More drafts"), more_drafts.show, more_drafts.QUESTIONS),
    "5": Scene(N_("5 · How likely?"), likely.show, likely.QUESTIONS),
    "museum": Scene(N_("Museum of faults"), museum.show, museum.QUESTIONS),
}


def arrived(visit: Visit, query: Mapping[str, str]) -> None:
    """By an address: the scene and the depth that it names. What is none is said, and the first one is shown."""
    for name, known in (("scene", tuple(SCENES)), ("depth", DEPTHS)):
        wanted = query.get(name, known[0])
        if wanted not in known:
            refusal = Refusal("choice", name=name, known=", ".join(known), got=repr(wanted[:40]))
            visit.problems = [*visit.problems, in_words(refusal)]
            wanted = known[0]
        state[f"l_{name}"] = wanted


@st.fragment
def lesson(visit: Visit) -> None:
    """Drawn again by itself whenever the learner moves something."""
    for problem in visit.problems:
        st.error(problem, icon=":material/error:")
    now = state.setdefault("l_scene", next(iter(SCENES)))
    _choose(now)
    scene = SCENES[now]
    st.header(_(scene.label), anchor=False)
    scene.show()
    _onward(now)
    _to_top(key="scene", data={"scene": now})
    address.write(visit.query | {"scene": now} | ({"depth": depth()} if depth() != DEPTHS[0] else {}))


def _choose(now: str) -> None:
    state.w_scene, state.w_depth = now, depth()
    pick, deep = st.columns([7, 3], vertical_alignment="bottom")
    pick.segmented_control(
        _("Scene"),
        list(SCENES),
        key="w_scene",
        format_func=lambda name: _(SCENES[name].label),
        required=True,
        on_change=lambda: state.__setitem__("l_scene", state.w_scene),
        label_visibility="collapsed",
    )
    names = {"story": _("Story"), "numbers": _("Numbers"), "maths": _("Maths")}
    deep.segmented_control(
        _("Reading depth"),
        DEPTHS,
        key="w_depth",
        format_func=names.__getitem__,
        required=True,
        on_change=lambda: state.__setitem__("l_depth", state.w_depth),
        label_visibility="collapsed",
    )


def _onward(now: str) -> None:
    """The way to the next scene, and this one from its beginning."""
    names = list(SCENES)
    after = names[(names.index(now) + 1) % len(names)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Next: {scene}").format(scene=_(SCENES[after].label)),
            key="onward",
            icon=":material/arrow_forward:",
            on_click=lambda: state.__setitem__("l_scene", after),
        )
        st.button(
            _("Begin this scene again"),
            key="afresh",
            type="tertiary",
            on_click=lambda: forget(SCENES[now].questions),
        )
