"""Scoring a text that somebody brings: the exact figure, the bounds, and what is refused."""

import pytest
import torch

from edlm_core.config import SampleConfig
from edlm_core.measure.likelihood import ar_nll
from edlm_core.measure.score import Scoring, tokens_of
from edlm_core.refusals import Refusal

TEXT = "Once upon a time there was a cat."


def score(tiny, **how):
    scoring = Scoring(tiny, TEXT, SampleConfig(num_steps=3, num_candidates=how.pop("K", 2)), rounds=3)
    shares = list(scoring.steps())
    return shares, scoring.result()


def test_each_figure_has_its_name_and_the_exact_one_is_exact(tiny):
    shares, found = score(tiny)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    ids = tokens_of(tiny, TEXT)
    exact = ar_nll(tiny.autoregressive, torch.tensor([ids]))
    assert [(one.name, one.kind, one.draws) for one in found.figures] == [
        ("ar", "exact", 0),
        ("nelbo", "upper bound", 3),
        ("mdlm", "upper bound", 3),
        ("edlm", "upper bound", 3),
    ]
    assert found.figures[0].mean == pytest.approx(exact.mean)
    assert len(found.tokens) == len(found.nll) == len(ids)
    assert all(one.half > 0 for one in found.figures[1:])


def test_one_draft_is_independent_words(tiny):
    """With K = 1 there is nothing to choose, so the two bounds are one, draw by draw."""
    _shares, found = score(tiny, K=1)
    assert found.gain == (0, 0)


def test_what_has_come_out_so_far_is_there(tiny):
    scoring = Scoring(tiny, TEXT)
    next(scoring.steps())
    found = scoring.result()
    assert [one.name for one in found.figures] == ["ar"]
    assert found.gain is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" \n", "expected some text to score, got none"),
        ("a cat " * 200, "expected at most 128 tokens, got "),
        ("x" * 5000, "expected at most 128 tokens, got 5000 characters"),
        ("a\x07b", "expected text without control characters"),
    ],
)
def test_what_can_not_be_scored_is_refused(tiny, text, said):
    with pytest.raises(Refusal, match=said):
        tokens_of(tiny, text)
