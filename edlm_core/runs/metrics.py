"""Measures of generated text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..displayed import END_OF_TEXT
from ..method.language_models import LanguageModel

_WORD = re.compile(r"[\w']+")
_SENTENCE = re.compile(r".*?[.!?]+[\"'”’]*(?=\s|$)|.+", re.DOTALL)  # the last one may have been cut off


def _readable(text: str) -> str:
    """The end of a text is no word; behind it another text begins."""
    return text.replace(END_OF_TEXT, "\n")


def judge_nll(judge: LanguageModel, x_0: Tensor, generated: Tensor, rows: int = 16) -> list[float]:
    """Nats per generated token under a language model that reads the whole text: (N, L) ids and
    (N, L) bool -> N numbers. Fixed tokens are context, not score. Low can also mean dull: read it
    beside `token_entropy`."""
    log_p = torch.cat([judge.token_log_probs(batch) for batch in x_0.split(rows)])
    generated = generated.to(log_p.device)
    return (-(log_p * generated).sum(-1) / generated.sum(-1)).tolist()


def token_entropy(ids: Sequence[int]) -> float:
    """Entropy in nats of the token frequencies inside one text; ln L if no token repeats."""
    counts = torch.unique(torch.as_tensor(ids), return_counts=True)[1].double()
    p = counts / counts.sum()
    return float(-(p * p.log()).sum())


def repeated_words(text: str) -> float:
    """Share of words that stand among the three words before them: stuttering, 0 in good prose."""
    words = [w.lower() for w in _WORD.findall(_readable(text))]
    if not words:
        return 0.0
    return sum(word in words[max(0, i - 3) : i] for i, word in enumerate(words)) / len(words)


def distinct_n(texts: Sequence[str], n: int) -> float:
    """Share of the n-grams of words that are different from one another, over all texts together (Li et al. 2016).
    It falls as texts are added: compare equally many of one length. 0 where there is no n-gram."""
    grams: list[tuple[str, ...]] = []
    for text in texts:
        words = [w.lower() for w in _WORD.findall(_readable(text))]
        grams += zip(*(words[i:] for i in range(n)))
    return len(set(grams)) / max(1, len(grams))


def sentence_similarity(text: str, embed: Callable[[Sequence[str]], Tensor]) -> float | None:
    """Mean cosine of each sentence with the next: how much neighbours have to do with each other. None for a text of
    one sentence. `embed`: N sentences -> (N, D) vectors of length 1. Beside repetition, which raises it."""
    sentences = [s.strip() for s in _SENTENCE.findall(_readable(text)) if _WORD.search(s)]
    if len(sentences) < 2:
        return None
    vectors = embed(sentences)
    return float((vectors[:-1] * vectors[1:]).sum(-1).mean())
