"""Refusals of training, its corpus and its resume files."""

from __future__ import annotations

from ..messages import N_, Counted

MESSAGES: dict[str, str | Counted] = {
    # training
    "train-minutes": N_("minutes: expected a positive number, got {got}: give the run some time"),
    "train-lengths": N_("window lengths and steps between validations: expected 1 or more, got {got}: raise them"),
    "train-tokens-per-step": N_(
        "tokens per step: expected at least {longest}, the longest window, got {got}: raise it"
    ),
    "train-rate": N_("{name}: expected a number from 0 up, got {got}: choose one of that kind"),
    "train-share": N_("{name}: expected a number from 0 to below 1, got {got}: choose one in that range"),
    "train-patience": N_("patience: expected a whole number from 0 up, got {got}: 0 never stops early"),
    "train-seed": N_("seed: expected a whole number from 0 to 2147483647, got {got}: choose one in that range"),
    "train-corpus": N_("corpus: expected stories or sentences, got {got!r}: choose one of these"),
    "train-layers": N_("layers: expected numbers from 0 to {most}, as SmolLM2 has them, got {got}: choose among these"),
    "train-start": N_("expected another start, {kind} can't start as {start}: choose one that fits it"),
    "train-from": N_("expected a model to start from in {folder}, found none: {error}"),
    "train-from-tokenizer": N_(
        "expected {folder} and {out} to have the same tokenizer, got two: choose a new folder for what is trained"
    ),
    "train-no-tokenizer": N_(
        "{folder}: expected tokenizer.json, found none: run `python -m edlm_core train tokenizer` first, "
        "or start from a model folder"
    ),
    "recipe-damaged": N_("recipe: expected one as written by this program, got a damaged one ({error}): make it again"),
    "resume-damaged": N_("expected a state to go on from, {path} is damaged ({error}): remove it to start anew"),
    "resume-other-recipe": N_("expected the settings that {path} was made with, got others: remove it to start anew"),
    "loss-not-finite": N_(
        "expected a finite loss, {name}: the loss is {loss} at step {step}; the last good weights are kept: "
        "lower the learning rate"
    ),
    "corpus-missing": N_(
        "expected {tokens} or train.txt and valid.txt in {folder}, missing {missing}: check the folder"
    ),
    "corpus-empty": N_("{path}: expected a story or more, found none: give more text"),
    "corpus-short": Counted(
        "length",
        "expected a text of at least {length} token, got {got}: give more text",
        "expected a text of at least {length} tokens, got {got}: give more text",
    ),
    "corpus-not-utf8": N_("{path}: expected text in UTF-8, got another byte at {at}: save it in UTF-8"),
    "corpus-damaged": N_("expected a file of tokens, {path} is damaged ({error}): make it again"),
    "corpus-other-tokenizer": N_(
        "expected token ids below {size}, got {got}: {path} was made with another tokenizer, make it again"
    ),
    "corpus-line": N_("{path}, line {line}: expected text that the tokenizer can spell: {error}"),
    "corpus-line-of-stories": N_("{path}, line {line}: expected a sentence, got {token}: write one sentence a line"),
    "corpus-few-sentences": Counted(
        "longest",
        "{path}: expected sentences of at most {longest} token for both sides, got none to {split}: give more text",
        "{path}: expected sentences of at most {longest} tokens for both sides, got none to {split}: give more text",
    ),
    "corpus-no-sentence": Counted(
        "length",
        "expected a sentence shorter than {length} token, found none: give more text",
        "expected a sentence shorter than {length} tokens, found none: give more text",
    ),
}
