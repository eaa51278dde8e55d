"""A model fills in the blanks of templates whose answers are known (`cloze.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..config import MAX_LENGTH, Request
from ..models.checkpoints import Model
from ..models.prompts import condition
from ..models.tokenizer import Tokenizer
from .cloze import Cloze, Filling, Template
from .telling import Tell, untold
from .trial import run_trial

_WORD = re.compile(r" [A-Za-z]+")  # a token that is a word of its own


def words_in(tokenizer: Tokenizer, ids: Sequence[int], blanks: Sequence[int]) -> tuple[str, ...]:
    """What stands in the blanks of a text; "" for a token that is no word of its own."""
    tokens = (tokenizer.decode([ids[i]]) for i in blanks)
    return tuple(token.strip() if _WORD.fullmatch(token) else "" for token in tokens)


def fill_in(
    model: Model, requests: Sequence[Request], chosen: Sequence[Template], tell: Tell = untold
) -> Iterator[Cloze]:
    """Every template filled in as each request says, `config.num_chains` times; prompt and length are the template's.
    Raises Refusal where a template does not fit the model's vocabulary."""
    for n, request in enumerate(requests):
        fillings: list[tuple[Filling, ...]] = []
        texts: list[tuple[str, ...]] = []
        for done, template in enumerate(chosen):
            tell((n + done / len(chosen)) / len(requests), f"{template.rule}, {request.sampler}")
            words = _words(model, request, template)
            fillings.append(tuple(template.check(row) for row in words))
            texts.append(tuple(template.filled([word or "…" for word in row]) for row in words))
        yield Cloze(request, tuple(chosen), tuple(fillings), tuple(texts))


def _words(model: Model, request: Request, template: Template) -> list[tuple[str, ...]]:
    """(seeds, blanks). The text ends where the template does, with a visible token."""
    mask = model.tokenizer.mask_id
    x_T = condition(model.tokenizer, template.prompt, MAX_LENGTH)
    length = int((x_T != mask).nonzero()[-1]) + 1
    blanks = (x_T[:length] == mask).nonzero()[:, 0].tolist()
    config = replace(request.config, length=length)
    measures = run_trial(model, replace(request, config=config, prompt=template.prompt))
    return [words_in(model.tokenizer, ids, blanks) for ids in measures.ids]
