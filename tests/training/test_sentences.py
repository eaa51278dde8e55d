"""Sentences by themselves: padded whole, and split so that none is learned from and measured on."""

import pytest
import torch

from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.models.transformer import Transformer, TransformerConfig
from edlm_core.refusals import Refusal
from edlm_core.training.losses import denoising_loss, next_token_loss
from edlm_core.training.sentences import WINDOW, counted, fold, is_held_out, load_sentences

NAMES = [f"{a}{b}" for a in ("Tom", "Lily", "Ben", "Sue") for b in ("", " and Max", " and Ann")]
LINES = [f"{name} {verb}." for name in NAMES for verb in ("ran", "sat", "ate", "sang", "fell", "won", "hid", "slept")]


@pytest.fixture(scope="module")
def tokenizer(tales):
    return tales.tokenizer


def write(folder, lines):
    (folder / "sentences.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


def texts(split, tokenizer):
    return [tokenizer.decode(row).partition("<|endoftext|>")[0] for row in split.rows.tolist()]


def test_both_splits_together_are_the_sentences_and_they_share_none_however_written(tokenizer, tmp_path):
    shouted = [line.upper().replace(".", "!!") for line in LINES]
    splits = load_sentences(write(tmp_path, [*LINES, "", *shouted, "  "]), tokenizer)
    found = {name: texts(split, tokenizer) for name, split in splits.items()}
    fitting = [line for line in [*LINES, *shouted] if len(tokenizer.encode(line)) < WINDOW]
    assert sorted(found["train"] + found["valid"]) == sorted(fitting)
    folded = {name: {fold(text) for text in split} for name, split in found.items()}
    assert not folded["train"] & folded["valid"]
    assert folded["valid"] == {fold(text) for text in fitting if is_held_out(text)}


@pytest.mark.parametrize("other", ["it's a DOG", "Its a dog!", " “It’s, a dog.” ", "Its-a dog", "Ｉｔｓ a dog"])
def test_case_punctuation_and_spaces_do_not_count(other):
    assert fold(other) == fold("It's a dog.")


def test_windows_are_whole_sentences_padded_by_the_end_of_text(tokenizer, tmp_path):
    train = load_sentences(write(tmp_path, LINES), tokenizer)["train"]
    for length in (8, 16, 20):
        windows = train.windows(300, length, torch.Generator().manual_seed(0))
        assert windows.shape == (300, length)
        assert (windows[:, -1] == tokenizer.end_of_text).all()
        seen = {tokenizer.decode(row).rstrip() for row in windows.tolist()}
        assert {text.partition("<|endoftext|>")[0] for text in seen} <= set(LINES)
    assert torch.equal(train.fixed_windows(9, 16), train.fixed_windows(9, 16))
    with pytest.raises(Refusal, match="shorter than 1 token,"):
        train.fixed_windows(1, 1)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "for both sides, got none to train"),
        (["... !", "word " * 40], "got none to train"),
        (["Tom ran.", "A \x04 bell."], "line 2: expected text that the tokenizer can spell: .*U[+]0004"),
        (["Tom ran.<|endoftext|>"], "line 1: expected a sentence, got <.endoftext.>"),
    ],
)
def test_what_is_no_list_of_sentences_is_refused(tokenizer, tmp_path, lines, reason):
    with pytest.raises(Refusal, match=reason):
        load_sentences(write(tmp_path, lines), tokenizer)


def test_without_the_file_its_name_is_said(tokenizer, tmp_path):
    with pytest.raises(Refusal, match=r"sentences\.txt: expected a file, found none"):
        load_sentences(tmp_path, tokenizer)


# ── what the losses count ────────────────────────────────────────────────────────
END, V = 0, 5


def test_counted_goes_up_to_the_first_end_of_text():
    x_0 = torch.tensor([[3, 1, END, END], [END, 2, END, END], [1, 2, 3, 4]])
    expected = [[True, True, True, False], [True, False, False, False], [True] * 4]
    assert counted(x_0, END).tolist() == expected


def network(causal):
    torch.manual_seed(0)
    return Transformer(TransformerConfig(V + 1, 16, depth=1, heads=2, kv_heads=2, hidden=24, causal=causal)).eval()


@torch.no_grad()
def test_the_next_token_loss_of_a_padded_sentence_is_that_of_the_sentence():
    net, x_0 = network(causal=True), torch.tensor([[3, 1, 2, END, END, END]])
    padded = next_token_loss(net, x_0, V, END, counted(x_0, END))
    torch.testing.assert_close(padded, next_token_loss(net, x_0[:, :4], V, END))


class TellsPositions:
    """Everything is sure to be what it is, but for one position, where it is anything."""

    def __init__(self, x_0, unsure):
        self.logits_of = 50.0 * torch.nn.functional.one_hot(x_0, V).float()
        self.logits_of[:, unsure] = 0

    def __call__(self, x_t):
        return self.logits_of

    def logits(self, hidden, vocab_size):
        return hidden


@pytest.mark.parametrize(("unsure", "costs"), [(1, True), (2, True), (3, False), (4, False)])
def test_the_denoising_loss_counts_the_sentence_and_its_end_alone(unsure, costs):
    x_0 = torch.tensor([[3, 1, END, END, END]]).repeat(64, 1)
    net, generator = TellsPositions(x_0, unsure), torch.Generator().manual_seed(0)
    loss = denoising_loss(net, x_0, LogLinearSchedule(), V, generator, counted(x_0, END))
    assert (float(loss) > 0.1) == costs
