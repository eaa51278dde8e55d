"""Tokens are displayed as text that can be read, whatever they are."""

import pytest

from edlm_core.displayed import in_sentence, in_table, running_text, spelled

# A row, what each of its tokens shows, and what it reads as; the browser is held to the second in test_js.py.
ROWS = {
    "an accent in two tokens": ([" caf", "⟨C3⟩", "⟨A9⟩", "!"], [" caf", "é", "⋯", "!"], " café!"),
    "an emoji in three": (["⟨F0 9F⟩", "⟨A4⟩", "⟨97⟩"], ["🤗", "⋯", "⋯"], "🤗"),
    "a space with the first byte": (["⟨20 C3⟩", "⟨A9⟩"], [" é", "⋯"], " é"),
    "parts that make nothing": (["⟨C3⟩", " x", "⟨A9⟩"], ["⟨C3⟩", " x", "⟨A9⟩"], "⟨C3⟩ x⟨A9⟩"),
    "the end cut off": (["⟨F0 9F⟩", "⟨A4⟩"], ["⟨F0 9F⟩", "⟨A4⟩"], "⟨F0 9F⟩⟨A4⟩"),
    "two characters, one after the other": (["⟨C3⟩", "⟨A9⟩", "⟨C3⟩", "⟨A8⟩"], ["é", "⋯", "è", "⋯"], "éè"),
    "no width": (["a", "\u200b", "b"], ["a", "⟨U+200B ZERO WIDTH SPACE⟩", "b"], "a⟨U+200B ZERO WIDTH SPACE⟩b"),
    "a space of another kind": (["\u00a0"], ["⟨U+00A0 NO-BREAK SPACE⟩"], "⟨U+00A0 NO-BREAK SPACE⟩"),
    "a direction": (["\u202eabc"], ["⟨U+202E RIGHT-TO-LEFT OVERRIDE⟩abc"], "⟨U+202E RIGHT-TO-LEFT OVERRIDE⟩abc"),
    "a mark of order in bytes": (["⟨EF BB⟩", "⟨BF⟩"], ["⟨U+FEFF ZERO WIDTH NO-BREAK SPACE⟩", "⋯"], None),
    "a control in bytes": (["⟨C2⟩", "⟨80⟩"], ["⟨U+0080 CONTROL⟩", "⋯"], "⟨U+0080 CONTROL⟩"),
    "no character": (["\uffff\U000e0041"], ["⟨U+FFFF NONCHARACTER⟩⟨U+E0041 TAG⟩"], None),
    "a combining mark": (["e", "\u0301", " \u0301"], ["e", "◌\u0301", " ◌\u0301"], "e\u0301 \u0301"),
    "nothing, spaces and breaks": (["", "  ", "a\n", "\t"], ["", "  ", "a\n", "\t"], "  a\n\t"),
    "right to left": ([" שלום", "!"], [" שלום", "!"], " שלום!"),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_a_row_of_tokens_shows(name):
    row, shown, text = ROWS[name]
    assert spelled(row) == shown
    assert running_text(row) == ("".join(shown).replace("⋯", "") if text is None else text)


def test_a_table_has_one_line_a_token_and_is_not_turned_around():
    assert in_table([" dog", ".\n", "\t", " שלום", "مرحبا"]) == [
        " dog",
        ".↵",
        "⇥",
        "\u2068 שלום\u2069",
        "\u2068مرحبا\u2069",
    ]
    assert in_sentence("⟨C3⟩") == "⟨C3⟩"


def test_a_text_without_its_like_stays_as_it_is():
    words = ["Once", " upon", " a", " naïve", " “日本”", "—", "▢", "∎"]
    assert spelled(words) == words
