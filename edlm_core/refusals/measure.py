"""Refusals of measurements on the command line, and of blind reading."""

from __future__ import annotations

from ..messages import N_, Counted

MESSAGES: dict[str, str | Counted] = {
    # measure
    "marks": N_("write: expected {begin} and {end} once each in {path}, got none or more: add them"),
    "text-file": N_("{path}: expected text in UTF-8, got other bytes: choose another file"),
    "few-templates": N_("cloze: expected two templates at least, got {got}: choose more rules or levels"),
    "few-texts": Counted(
        "least",
        "num: expected at least {least} text for the Markov world, got {got}: of fewer the error that chance "
        "makes hides that of the sampler",
        "num: expected at least {least} texts for the Markov world, got {got}: of fewer the error that chance "
        "makes hides that of the sampler",
    ),
    "no-energy": N_("energy: expected an energy to measure, got none: mdlm is measured beside each, leave none out"),
    "nothing-to-score": N_(
        "text: expected at least one token to score in each, got none: give more text, or fix less of it"
    ),
    "unfinished-text": N_("text: expected token ids below {size}, got {got}: give a finished text"),
    "energy-vocabulary": Counted(
        "size",
        "energy: expected the denoiser's {size} token, got an energy of {got}: use two models of one tokenizer",
        "energy: expected the denoiser's {size} tokens, got an energy of {got}: use two models of one tokenizer",
    ),
    "race": N_("race: expected one that --quick has, got {got}: leave --quick out"),
    "showcase-none": N_("seeds: expected one of which {name} can be shown, got none among {seeds}: try more seeds"),
    # blind reading
    "blind-lanes": N_("lanes: expected two or more samplers, each once, got {got}: name another"),
    "blind-other-sheet": N_(
        "answers: expected those to sheet {expected}, got some to {got}: take the key of that sheet"
    ),
    "blind-answer": N_(
        "answers: expected a pair from 1 to {most} once, left, right or same, and two ratings from 1 to 5, got {got}: "
        "mend that line"
    ),
}
