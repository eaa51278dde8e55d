"""What a visitor is refused is said in a visitor's words, and says no less than on the command line."""

import re
import string

import pytest

from edlm_core.messages import Counted
from edlm_core.refusals import MESSAGES, OF_RUNS, OF_WORK, Refusal
from pages.parts.app import i18n, refused

# No page raises these: they are about flags, paths of one's own, or the command that is told.
ON_THE_COMMAND_LINE = {
    *("switch", "text", "temperature", "energy-temperature", "seeds", "lanes-many", "run-title"),
    *("file-exists", "file-missing", "file-not-regular", "file-too-large", "file-unreadable"),
    *("sweep-nothing", "sweep-unknown", "sweep-silent"),
    *("ray-address", "ray-missing", "ray-start", "ray-unreachable", "ray-worker"),
}


def forms(message):
    return message[1:] if isinstance(message, Counted) else [message]


def fields(message):
    return {name for form in forms(message) for _, name, _, _ in string.Formatter().parse(form) if name}


def is_of_the_command_line(message):
    return any(re.search(r"(?<!{)\bexpected\b", form) for form in forms(message))


def test_whatever_a_page_may_refuse_has_a_visitors_words():
    met = {code for code, message in (OF_RUNS | OF_WORK).items() if is_of_the_command_line(message)}
    assert met - set(refused.MESSAGES) == ON_THE_COMMAND_LINE


@pytest.mark.parametrize("code", refused.MESSAGES)
def test_a_visitors_words_say_what_happened_and_what_to_do(code):
    """In sentences, the last of which is an advice, with no values that the core does not give."""
    message = refused.MESSAGES[code]
    assert fields(message) <= fields(MESSAGES[code])
    assert not is_of_the_command_line(message)
    advice = ("Ask", "Choose", "Leave", "Lower", "Make", "Measure", "Open", "Remove", "Save", "Shorten", "Take", "Try")
    for form in forms(message):
        last = form.removesuffix(".").split(". ")[-1]
        assert last.startswith((*advice, "Write")) or "{problem}" in form or "{why}" in form or ": choose" in form


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (
            Refusal("page", name="k", least=1, most=64, got=100),
            "“Drafts per step K” can be 1 to 64 here, and 100 was asked for. Choose a value in that range.",
        ),
        (
            Refusal("memory", needed="9.1", free="2.0", setting="candidates", most=8),
            "This run would need about 9.1 GB of memory, and 2.0 GB are free on this machine. Lower “Drafts per step "
            "K” to 8.",
        ),
        (
            Refusal("prompts-line", line=2, problem=Refusal("text-too-long", name="prompt", most=20, got=31)),
            "Line 2: “Begin the story, or leave blanks” can have 20 characters, and here are 31. Shorten it.",
        ),
        (
            Refusal("run-damaged", what=Refusal("run-order")),
            "This run file is damaged (s rises from one step to the next). Save it again where it came from.",
        ),
        (Refusal("dtype", got="f8", known="f4"), "EDLM_DTYPE: expected one of f4, got 'f8': choose one of these"),
    ],
)
def test_settings_have_the_names_that_a_page_has_for_them(refusal, words):
    assert i18n.in_words(refusal) == words
