"""Guess first: a question, a number that the learner commits to, and what it really is. Every key is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ..app.i18n import gettext as _
from ..app.i18n import number, percent

state = st.session_state
FEW = 4  # answers that are listed; more of them are a slider
SLIDER = 560  # px


@dataclass(frozen=True)
class Question:
    """`options`: what can be said, in order. `near`: how many options off still counts as right."""

    name: str
    text: str
    options: Sequence[Any]
    answer: float  # in the options' unit, to the last digit
    written: Callable[[Any], str]  # a guess
    exactly: Callable[[float], str]  # the answer
    near: int = 0

    @property
    def best(self) -> int:
        """The place of the option that is nearest to the answer."""
        return min(range(len(self.options)), key=lambda n: abs(self.options[n] - self.answer))

    def is_right(self, said: Any) -> bool:
        return abs(self.options.index(said) - self.best) <= self.near


def of_a_hundred(name: str, text: str, share: float, near: int = 1) -> Question:
    """How many of 100 texts: in fives, with one five off still right."""
    return Question(
        name,
        text,
        range(0, 101, 5),
        100 * share,
        written=lambda guess: _("{n} of 100").format(n=number(guess)),
        exactly=lambda answer: _("{n} of 100").format(n=number(answer, 0 if round(answer, 9).is_integer() else 1)),
        near=near,
    )


def predict(question: Question) -> bool:
    """Ask before anything is shown. True once there is a guess, or whoever looks wants none."""
    said = _said()
    with st.container(border=True, gap="xsmall", key=f"ask_{question.name}"):
        st.markdown("### " + _("Guess first"))
        st.markdown(question.text)
        if question.name in said:
            st.markdown(verdict(question, said[question.name]))
            return True
        _choose(question)
        with st.container(horizontal=True):
            st.button(
                _("That is my guess"), key=f"say_{question.name}", type="primary", on_click=lambda: _commit(question)
            )
            st.button(
                _("Show it without a guess"),
                key=f"skip_{question.name}",
                type="tertiary",
                on_click=lambda: said.__setitem__(question.name, None),
            )
    return False


def verdict(question: Question, said: Any) -> str:
    answer = question.exactly(question.answer)
    if said is None:
        return _("It is **{answer}**.").format(answer=answer)
    if question.is_right(said):
        return _("✓ You said {guess}: right. It is **{answer}**.").format(guess=question.written(said), answer=answer)
    return _("You said {guess}. It is **{answer}**.").format(guess=question.written(said), answer=answer)


def check(question: Question, because: str) -> None:
    """The number at the end of a scene, and why it is that one."""
    said = _said()
    with st.container(border=True, gap="xsmall", key=f"ask_{question.name}"):
        st.markdown("### " + _("And now?"))
        st.markdown(question.text)
        if question.name in said:
            st.markdown(verdict(question, said[question.name]))
            st.markdown(because)
        else:
            _choose(question)
            st.button(_("Check"), key=f"say_{question.name}", type="primary", on_click=lambda: _commit(question))


def forget(names: Sequence[str]) -> None:
    """A scene begins again."""
    for name in names:
        _said().pop(name, None)


def _said() -> dict[str, Any]:
    return state.setdefault("l_said", {})


def _commit(question: Question) -> None:
    _said()[question.name] = state[f"w_guess_{question.name}"]


def _choose(question: Question) -> None:
    key, label = f"w_guess_{question.name}", _("Your guess")
    if len(question.options) <= FEW:
        st.radio(label, question.options, key=key, format_func=question.written)
    else:
        middle = question.options[len(question.options) // 2]
        st.select_slider(label, question.options, middle, key=key, format_func=question.written, width=SLIDER)


def share_of(p: float) -> str:
    """A share as scenes write it: whole where it is."""
    return percent(p, 0 if round(100 * p, 9).is_integer() else 1)
