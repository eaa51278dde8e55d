"""Measures of text against counts by hand."""

import math

import pytest
import torch

from edlm_core.runs.metrics import (
    distinct_n,
    judge_nll,
    repeated_words,
    sentence_similarity,
    token_entropy,
)


class Judge:
    """Gives the token i the log-probability -i, and remembers how many rows it was shown."""

    def __init__(self):
        self.shown = []

    def token_log_probs(self, x_0):
        self.shown.append(len(x_0))
        return -x_0.float()


def test_a_judges_nll_is_the_mean_over_generated_tokens_alone():
    x_0 = torch.tensor([[1, 2, 3, 6], [4, 4, 8, 0]])
    generated = torch.tensor([[True, True, True, True], [False, True, True, False]])
    assert judge_nll(Judge(), x_0, generated) == [3, 6]


def test_the_judge_reads_a_few_rows_at_a_time_and_the_order_is_kept():
    judge, x_0 = Judge(), torch.arange(10)[:, None].repeat(1, 3)
    assert judge_nll(judge, x_0, torch.ones_like(x_0, dtype=torch.bool), rows=4) == list(range(10))
    assert judge.shown == [4, 4, 2]


@pytest.mark.parametrize(
    ("ids", "entropy"),
    [
        ([5], 0),
        ([3, 3, 3], 0),
        ([1, 2, 3, 4], math.log(4)),
        ([1, 1, 2, 2], math.log(2)),
        ([1, 1, 1, 2], 2 * math.log(2) - 0.75 * math.log(3)),
    ],
)
def test_token_entropy_is_that_of_the_frequencies(ids, entropy):
    assert token_entropy(ids) == pytest.approx(entropy, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0),
        ("one two three", 0),
        ("the the the the", 3 / 4),
        ("a b c a", 1 / 4),
        ("a b c d a", 0),
        ("The dog, the DOG!", 2 / 4),
        ("don't don't", 1 / 2),
        ("...", 0),
        ("a<|endoftext|>b<|endoftext|>", 0),  # the end of a text is no word
    ],
)
def test_repeated_words_stand_among_the_three_before_them(text, share):
    assert repeated_words(text) == share


@pytest.mark.parametrize(
    ("texts", "n", "share"),
    [
        (["a b c"], 1, 1),
        (["a a a a"], 1, 1 / 4),
        (["a a a a"], 2, 1 / 3),
        (["The dog. The DOG!"], 2, 2 / 3),
        (["a b", "a b"], 2, 1 / 2),
        (["a b", "b a"], 1, 1 / 2),
        (["a b", "b a"], 2, 1),
        (["a"], 2, 0),
        ([], 1, 0),
    ],
)
def test_distinct_n_is_the_share_of_different_n_grams_none_across_two_texts(texts, n, share):
    assert distinct_n(texts, n) == share


def test_neighbouring_sentences_are_compared_and_no_others():
    direction = {"One.": [1.0, 0], 'Two!"': [0.6, 0.8], "three": [0, 1.0]}

    def embed(sentences):
        return torch.tensor([direction[s] for s in sentences])

    assert sentence_similarity('One. Two!" three', embed) == pytest.approx((0.6 + 0.8) / 2)
    assert sentence_similarity('Two!"\n\nOne.', embed) == pytest.approx(0.6)


@pytest.mark.parametrize("text", ["", "One.", "no end", "One. ...", "!?"])
def test_a_text_of_one_sentence_has_no_neighbours(text):
    assert sentence_similarity(text, None) is None


def test_a_story_that_goes_on_is_more_like_itself_than_one_that_jumps(embed):
    story = "Lily had a red ball. She threw the ball to her dog. The dog caught the ball."
    jumps = "Lily had a red ball. The soup was too hot to eat. Rain fell on the empty road."
    assert sentence_similarity(story, embed) > sentence_similarity(jumps, embed) + 0.2
