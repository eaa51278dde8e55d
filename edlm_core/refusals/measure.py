"""Refusals of measurements on the command line, and of blind reading."""

from __future__ import annotations

from ..messages import N_, Counted

MESSAGES: dict[str, str | Counted] = {
    # measure
    "marks": N_("write: expected {begin} and {end} once each in {path}, got none or more: add them"),
    "text-file": N_("{path}: expected text in UTF-8, got other bytes: choose another file"),
    "cloze-keep": N_("keep: expected all rules and levels, got some of them: leave --rules and --levels out"),
    "board-name": N_("name: expected 1 to {most} characters of text, got {got}: choose another name for the board"),
    "board-unknown": N_("board: expected one that is kept ({known}), got {got}: choose one of these, or save it first"),
    "board-cell": N_("board: expected texts of the setting {cell}, found none: sweep it again, or choose another"),
    "brief-nothing": N_("brief: expected measured texts, found none: run `python -m edlm_core sweep` first"),
    "brief-target": N_("target: expected NAME=NUMBER with one of {known}, got {got}: for instance rate=0.5"),
    "parts-device": N_(
        "device: expected cpu, whose work a clock can take apart, got {got}: measure on a machine without one"
    ),
    "score-empty": N_("text: expected some text to score, got none: write or paste one"),
    "score-characters": N_("text: expected at most {most} tokens, got {got} characters: shorten it"),
    "score-tokens": N_("text: expected at most {most} tokens, got {got}: shorten it"),
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
