"""Words of the stories: what is broken, what never stands side by side, and the file that knows it."""

import json
import os

import pytest

from edlm_core.__main__ import main
from edlm_core.measure.words import FILE, Words, learned, runs, words_of
from edlm_core.refusals import Refusal

STORIES = ["The cat sat. The cat sat on a mat.", "A dog sat on the mat, and Lily’s dog sat."]


@pytest.fixture
def words():
    listed = learned(STORIES, seen=1)
    return Words({word: frozenset(behind.split()) for word, behind in listed.items()})


def test_words_of_a_text_go_by_stretches_and_a_cut_off_one_is_none():
    assert list(runs('"I see, Tom\'s cat," he said.\nThen<|endoftext|>It ra')) == [
        ["i", "see"],
        ["tom's", "cat"],
        ["he", "said"],
        ["then"],
        ["it"],
    ]


def test_what_the_stories_have_often_enough_is_learned():
    assert learned(STORIES) == {"a": "", "cat": "sat", "dog": "sat", "mat": "", "on": "", "sat": "on", "the": "cat"}


def test_broken_words_and_pairs_that_never_stand_so(words):
    assert words.broken("The cat glorped on the mat.") == pytest.approx(1 / 6)
    assert words.broken("...") is None
    assert words.coherent("The cat sat on the mat.") == 1
    assert words.coherent("The sat glorped on mat.") == 0  # "the sat", "on mat"; what is broken has no say
    assert words.coherent("Cat. Dog.") is None
    assert words.coherent("Lily's dog sat on a cat.") == 0.8


# ── the file ─────────────────────────────────────────────────────────────────────
@pytest.fixture
def corpus(tmp_path):
    for name, text in (("train.txt", "The cat sat.<|endoftext|>The cat ran."), ("extra.txt", "A cat sat.")):
        (tmp_path / name).write_text(text)
    return tmp_path


def train(corpus, *words):
    main(["train", "words", "--data", str(corpus), "--out", str(corpus / "model"), *words])


def test_a_models_folder_gets_the_words_of_all_that_it_learned_from(corpus):
    assert words_of(str(corpus / "model")) is None
    train(corpus)
    path = corpus / "model" / FILE
    assert json.loads(path.read_text()) == {"cat": "sat", "sat": "", "the": "cat"}
    assert words_of(str(corpus / "model")).broken("The dog sat.") == pytest.approx(1 / 3)
    path.write_text('{"dog": ""}')
    os.utime(path, ns=(1, 1))
    assert words_of(str(corpus / "model")).broken("The dog sat.") == pytest.approx(2 / 3)
    path.write_text("[]")
    with pytest.raises(Refusal, match=r"words\.json: expected what this app has written"):
        words_of(str(corpus / "model"))


def test_it_is_replaced_only_where_asked_and_takes_texts(corpus, capsys):
    train(corpus)
    with pytest.raises(SystemExit):
        train(corpus)
    assert "--force" in capsys.readouterr().err
    train(corpus, "--force")
    with pytest.raises(SystemExit):
        train(corpus / "nowhere", "--force")
    assert "train.txt: expected a file, found none" in capsys.readouterr().err


def test_the_bundled_model_knows_its_words():
    known = words_of("tales")
    assert len(known.followers) == 6826
    assert known.broken("Once upon a time, there was a little girl named Lily.") == 0
    assert known.coherent("Once upon a time, there was a little girl named Lily.") == 1
    assert known.broken("Lilyed floopa.") == 1
