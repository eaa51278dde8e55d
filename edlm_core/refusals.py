"""How the core says no: a code and values. Whoever shows a refusal puts it into words, in his reader's language.

    raise Refusal("steps", got=0, least=1, most=1024)

Each code has one message below, in English, which says what was expected, what came and what to do; `in_words` fills it
in, through a translation if one is given. `str` of a refusal is the English text, for the command line and for logs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .messages import N_


class Refusal(ValueError):
    """What was asked for can't be done, for a reason that the visitor can mend. `values` fill the message of `code`;
    a value may itself be a refusal."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def __str__(self) -> str:
        return in_words(self)


def in_words(refusal: Refusal, translate: Callable[[str], str] = str) -> str:
    """One line: the message of the refusal's code in the language of `translate`, filled in."""
    values = {
        name: in_words(value, translate) if isinstance(value, Refusal) else value
        for name, value in refusal.values.items()
    }
    return translate(MESSAGES[refusal.code]).format(**values)


MESSAGES: dict[str, str] = {
    # files
    "file-exists": N_("{path}: expected no such file, found one: choose another name, or say --force to replace it"),
    "file-unwritable": N_("{path}: expected a file that can be written, got “{error}”: choose another place"),
    "file-missing": N_("{path}: expected a file, found none: check the name"),
    "file-not-regular": N_("{path}: expected a regular file, found a folder or a device: choose a file"),
    "file-too-large": N_("{path}: expected at most {most} MiB, found more: choose a smaller file"),
    "file-unreadable": N_("{path}: expected a file that can be read, got “{error}”: check it"),
    # store
    "store-address": N_(
        "EDLM_STORE: expected sqlite:///… or postgresql+psycopg://…, got one that begins with {got!r}: correct it, "
        "and install psycopg for PostgreSQL"
    ),
    "store-damaged": N_("{where}: expected the app's database, found a damaged one ({error}): move it away"),
    "store-full": N_("{where}: expected room to write, got “{error}”: free some space on the disk"),
    "store-journal": N_(
        "{where}: expected a disk that can keep a write-ahead log, got journal mode {got!r}: set EDLM_DATA to a folder "
        "on a local disk"
    ),
    "store-locked": N_("{where}: expected a turn to write, got “{error}”: another process holds it, try again"),
    "store-unreachable": N_("{where}: expected a PostgreSQL server, got “{error}”: start it, or check EDLM_STORE"),
    "store-unwritable": N_(
        "{where}: expected a store that can be written, got “{error}”: set EDLM_DATA to another folder"
    ),
    "store-version": N_("store: expected version {expected}, found {got}: use the release that wrote it"),
    "run-changed": N_("{path}: expected the run that its name says, found another: delete it"),
    # tasks
    "queue-full": N_("expected a place in the queue, got {waiting} tasks waiting: try again in a moment"),
    "task-damaged": N_("task: expected the JSON of a task, got something else ({error}): ask again from the page"),
    "task-failed": N_("{error}"),
    "task-gone": N_("task: expected one that is kept, found none: ask again"),
    "task-kind": N_("task: expected one of {known}, got {kind!r}: use the release that wrote it"),
    "task-unexpected": N_("an unexpected error, see the server's log"),
    "weights-differ": N_("weights: expected {expected}, which this run was made with, got {got}: run it again"),
    "run-gone": N_("run: expected one that is kept, found none named {name}: open its file again"),
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
    "train-start": N_("{kind} can't start as {start}: choose another start"),
    "train-from": N_("{folder} can't be started from: {error}"),
    "train-from-tokenizer": N_(
        "expected {folder} and {out} to have the same tokenizer, got two: choose a new folder for what is trained"
    ),
    "train-no-tokenizer": N_(
        "{folder}: expected tokenizer.json, found none: run `python -m edlm_core train tokenizer` first, "
        "or start from a model folder"
    ),
    "recipe-damaged": N_("recipe: expected one as written by this program, got one in which {error}: make it again"),
    "resume-damaged": N_("{path} is damaged ({error}): remove it to start anew"),
    "resume-other-recipe": N_("expected the settings that {path} was made with, got others: remove it to start anew"),
    "loss-not-finite": N_(
        "{name}: the loss is {loss} at step {step}; the last good weights are kept: lower the learning rate"
    ),
    "corpus-missing": N_(
        "expected {tokens} or train.txt and valid.txt in {folder}, missing {missing}: check the folder"
    ),
    "corpus-empty": N_("{path}: expected a story or more, found none: give more text"),
    "corpus-short": N_("expected a text of at least {length} tokens, got {got}: give more text"),
    "corpus-not-utf8": N_("{path}: expected text in UTF-8, got another byte at {at}: save it in UTF-8"),
    "corpus-damaged": N_("{path} is damaged ({error}): make it again"),
    "corpus-other-tokenizer": N_(
        "expected token ids below {size}, got {got}: {path} was made with another tokenizer, make it again"
    ),
    "corpus-line": N_("{path}, line {line}: {error}"),
    "corpus-line-of-stories": N_("{path}, line {line}: expected a sentence, got {token}: write one sentence a line"),
    "corpus-few-sentences": N_(
        "{path}: expected sentences of at most {longest} tokens for both sides, got none to {split}: give more text"
    ),
    "corpus-no-sentence": N_("expected a sentence shorter than {length} tokens, found none: give more text"),
}
