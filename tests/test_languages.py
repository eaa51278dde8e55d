"""Every language is complete, its compiled file is that of its text, and what is drawn of it has letters.
If not: make words, and translate what that lists."""

import pytest

from edlm_core.catalogue import SAMPLERS
from pages.parts.app.cache import bundled_runs
from pages.parts.widgets import lettering
from pages.parts.widgets.strings import ENGLISH

from .translations import LANGUAGES, TEMPLATE, compiled, faults, messages, read, update

MARKS = [ENGLISH["stage"][f"legend_{look}"] for look in ("masked", "now", "energy", "fixed")]
every_language = pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parents[1].name)


@every_language
def test_a_language_is_complete(path):
    assert list(faults(read(path))) == []
    assert [*messages(read(path))] == [*messages(read(TEMPLATE))]


@every_language
def test_what_is_read_is_what_was_translated(path):
    assert path.with_suffix(".mo").read_bytes() == compiled(read(path))


@every_language
def test_no_letter_of_a_picture_is_missing(path):
    """assets/fonts has what the page's own font lacks. If not: CONTRIBUTING.md says how it is made."""
    titles = [run.title for run in bundled_runs().values()]
    drawn = [*MARKS, *titles, *(sampler.label for sampler in SAMPLERS.values())]
    drawn += ["stopped early", "A run", "A story from nothing", "{title} (branch after step {n})"]
    known = messages(read(path))
    text = "".join(known[english].string for english in drawn)
    assert {c for c in text if lettering.font_of(c) is None} == set()
    assert lettering.font_of("\U000f0000") is None


def test_what_is_wrong_with_a_language_is_found(tmp_path):
    path = tmp_path / "ja" / "LC_MESSAGES" / "explorer.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n\n'
        '#, fuzzy\nmsgid "Play"\nmsgstr "再生する"\n\nmsgid "{value} nats"\nmsgstr "{wert} nat"\n\n'
        'msgid "Run {count} seed"\nmsgid_plural "Run {count} seeds"\nmsgstr[0] "実行する"\n\n'
        'msgid "gone"\nmsgstr "x"\n',
        encoding="utf-8",
    )
    found = list(faults(update(path)))
    assert "fuzzy: Play" in found
    assert "missing: Pause" in found
    assert "other placeholders, code or markup: {wert} nat" in found
    assert "gone" not in messages(read(path))
    assert path.with_suffix(".mo").read_bytes() == compiled(read(path))


def test_bold_that_markdown_does_not_see_is_found(tmp_path):
    path, found = tmp_path / "ja" / "LC_MESSAGES" / "explorer.po", {}
    path.parent.mkdir(parents=True)
    for text in ("**一**語", "**「一」**。", "**一：** 語", "**「一」**語"):
        path.write_text(f'msgid "**one** word"\nmsgstr "{text}"\n', encoding="utf-8")
        found[text] = len(list(faults(read(path))))
    assert found == {"**一**語": 0, "**「一」**。": 0, "**一：** 語": 0, "**「一」**語": 1}
