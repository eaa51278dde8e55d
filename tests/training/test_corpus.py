"""Where windows of training text start, and token files."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from edlm_core.refusals import Refusal
from edlm_core.training.corpus import TOKENS_FILE, Corpus, held_out, load_corpus, save_tokens, tokenize

TEXT = """
Tom sat down. “Où est-il?” she asked.  Then… 日本! They ran.
<|endoftext|>
A second story.\n\nIt is short. "Yes!" he said.
<|endoftext|>

<|endoftext|>
"""


@pytest.fixture(scope="module")
def tokenizer(tales):
    return tales.tokenizer


@pytest.fixture(scope="module")
def corpus(tokenizer):
    return tokenize(TEXT, tokenizer)


def read(corpus, tokenizer, start):
    return tokenizer.decode(corpus.tokens[start:].tolist())


def test_the_tokens_are_the_stories_stripped_each_with_its_end(corpus, tokenizer):
    stories = [story.strip() for story in TEXT.split("<|endoftext|>") if story.strip()]
    assert tokenizer.decode(corpus.tokens.tolist()) == "".join(f"{story}<|endoftext|>" for story in stories)


def test_a_story_starts_at_the_first_token_and_behind_every_end_but_the_last(corpus, tokenizer):
    assert [read(corpus, tokenizer, s)[:8] for s in corpus.stories.tolist()] == ["Tom sat ", "A second"]


def test_every_sentence_is_an_opening_and_nothing_else_is(corpus, tokenizer):
    openings = [read(corpus, tokenizer, s).lstrip()[:5] for s in corpus.openings.tolist()]
    assert openings == ["Tom s", "“Où e", "she a", "Then…", "They ", "A sec", "It is", '"Yes!', "he sa"]


def test_windows_start_half_at_stories_and_half_at_openings():
    corpus = Corpus(torch.arange(100), torch.arange(0, 100, 2), torch.arange(0, 100, 10))
    windows = corpus.windows(4000, 8, torch.Generator().manual_seed(0))
    assert windows.shape == (4000, 8)
    assert (windows.diff(dim=1) == 1).all()
    assert set(windows[:2000, 0].tolist()) == set(range(0, 91, 10))
    assert set(windows[2000:, 0].tolist()) == set(range(0, 93, 2))


def test_a_window_may_end_at_the_last_token_but_not_beyond_it():
    corpus = Corpus(torch.arange(10), torch.tensor([0, 4, 5]), torch.tensor([0, 4, 5]))
    assert set(corpus.windows(200, 6, torch.Generator().manual_seed(0))[:, 0].tolist()) == {0, 4}


def test_fixed_windows_are_the_same_on_every_call():
    corpus = Corpus(torch.arange(100), torch.arange(90), torch.arange(90))
    assert torch.equal(corpus.fixed_windows(20, 5), corpus.fixed_windows(20, 5))


@pytest.mark.parametrize("length", [11, 1000])
def test_a_text_shorter_than_a_window_is_refused(length):
    corpus = Corpus(torch.arange(10), torch.tensor([0]), torch.tensor([0]))
    with pytest.raises(ValueError, match=f"at least {length} tokens, got 10"):
        corpus.fixed_windows(2, length)


def test_a_folder_of_texts_and_its_token_file_are_the_same_corpus(tokenizer, tmp_path):
    for split, text in (("train", TEXT), ("valid", "One. Two.")):
        (tmp_path / f"{split}.txt").write_text(text, encoding="utf-8")
    texts = load_corpus(tmp_path, tokenizer)
    save_tokens(tmp_path / "made" / TOKENS_FILE, texts)
    tokens = load_corpus(tmp_path / "made", tokenizer)
    for split in ("train", "valid"):
        for field in ("tokens", "openings", "stories"):
            assert torch.equal(getattr(texts[split], field), getattr(tokens[split], field))


def test_missing_texts_are_named(tokenizer, tmp_path):
    (tmp_path / "train.txt").write_text("One.")
    with pytest.raises(ValueError, match=r"missing valid\.txt"):
        load_corpus(tmp_path, tokenizer)


def test_tokens_of_another_tokenizer_are_refused(tokenizer, tmp_path):
    foreign = Corpus(torch.tensor([1, 3968]), torch.tensor([0]), torch.tensor([0]))
    save_tokens(tmp_path / TOKENS_FILE, {"train": foreign, "valid": foreign})
    with pytest.raises(ValueError, match=r"below 3968, got 3968.*made with another tokenizer"):
        load_corpus(tmp_path, tokenizer)


@pytest.mark.parametrize("content", ["junk", "half"])
def test_a_damaged_token_file_is_named(tokenizer, tmp_path, content):
    path = tmp_path / TOKENS_FILE
    save_file({"train.tokens": np.zeros(3, np.uint16)}, str(path))
    if content == "junk":
        path.write_bytes(b"no safetensors")
    with pytest.raises(ValueError, match=r"tokens\.safetensors is damaged.*make it again"):
        load_corpus(tmp_path, tokenizer)


def test_extra_stories_are_trained_on_and_fresh_ones_are_the_test_set(tokenizer, tmp_path):
    written = {"train": "One ran.", "valid": "Two sat.", "extra": "Three ate.", "fresh": "Four hid."}
    for name in ("train", "valid"):
        (tmp_path / f"{name}.txt").write_text(written[name])
    assert held_out(load_corpus(tmp_path, tokenizer))[0] == "valid"
    for name in ("extra", "fresh"):
        (tmp_path / f"{name}.txt").write_text(written[name])
    splits = load_corpus(tmp_path, tokenizer)
    spelled = {name: tokenizer.decode(corpus.tokens.tolist()) for name, corpus in splits.items()}
    end = "<|endoftext|>"
    assert spelled == {"train": f"One ran.{end}Three ate.{end}", "valid": f"Two sat.{end}", "test": f"Four hid.{end}"}
    save_tokens(tmp_path / "made" / TOKENS_FILE, splits)
    again = load_corpus(tmp_path / "made", tokenizer)
    assert {name: corpus.tokens.tolist() for name, corpus in again.items()} == {
        name: corpus.tokens.tolist() for name, corpus in splits.items()
    }
    assert held_out(again) == ("test", again["test"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "expected a story or more"), (b"Tom \xff ran.", "expected text in UTF-8, got another byte at 4")],
)
def test_a_text_that_is_none_is_refused(tokenizer, tmp_path, content, reason):
    (tmp_path / "valid.txt").write_text("One.")
    (tmp_path / "train.txt").write_bytes(content)
    with pytest.raises(Refusal, match=reason):
        load_corpus(tmp_path, tokenizer)


def test_a_device_is_no_corpus(tokenizer, tmp_path):
    (tmp_path / "valid.txt").write_text("One.")
    (tmp_path / "train.txt").symlink_to("/dev/zero")
    with pytest.raises(Refusal, match="expected a regular file"):
        load_corpus(tmp_path, tokenizer)
    (tmp_path / TOKENS_FILE).symlink_to("/dev/zero")
    with pytest.raises(Refusal, match="expected a regular file"):
        load_corpus(tmp_path, tokenizer)
