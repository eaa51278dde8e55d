"""How the core says no: a code and values. Whoever shows a refusal puts it into words, in his reader's language.

    raise Refusal("steps", got=0, least=1, most=1024)

Each code has one message below, in English, which says what was expected, what came and what to do; `in_words` fills it
in, through a translation if one is given. `str` of a refusal is the English text, for the command line and for logs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .characters import one_line
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
    """One line without control characters, whatever the values quote: the message of the refusal's code in the
    language of `translate`, filled in."""
    values = {
        name: in_words(value, translate) if isinstance(value, Refusal) else value
        for name, value in refusal.values.items()
    }
    return one_line(translate(MESSAGES.get(refusal.code) or PARTS[refusal.code]).format(**values))


MESSAGES: dict[str, str] = {
    # files
    "file-exists": N_("{path}: expected no such file, found one: choose another name, or say --force to replace it"),
    "file-unwritable": N_("{path}: expected a file that can be written, got “{error}”: choose another place"),
    "file-missing": N_("{path}: expected a file, found none: check the name"),
    "file-not-regular": N_("{path}: expected a regular file, found a folder or a device: choose a file"),
    "file-too-large": N_("{path}: expected at most {most} MiB, found more: choose a smaller file"),
    "file-unreadable": N_("{path}: expected a file that can be read, got “{error}”: check it"),
    # model folders
    "model-unknown": N_("model: expected a bundled model ({known}) or a folder, got {got}: choose one of these"),
    "model-file-missing": N_("expected {path}, found no such file: {way_out}"),
    "model-config": N_("{path} does not describe a network named '{kind}' as expected ({reason}): {way_out}"),
    "model-vocabulary": N_("expected {kind} to have {V} tokens, as tokenizer.json has, got {got} in {path}: {way_out}"),
    "model-together": N_(
        "{path}: expected the weights of {kind} to be made for this tokenizer.json and source_ids.json, got others, or "
        "they were changed since: {way_out}"
    ),
    "weights-too-large": N_("expected at most {most} MiB in {path}, got more: this is not a small model"),
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
    "prompt-long": N_("prompt: expected at most {most} characters, got {got}: shorten it"),
    "prompt-tokens": N_(
        "prompt: expected at most {length} tokens, the length, got {got}: shorten it or raise the length"
    ),
    "prompt-full": N_(
        "prompt: expected room to write, got {length} fixed tokens of {length}: shorten it or raise the length"
    ),
}

# What messages are put together from: a reason or a way out, in place of a value.
PARTS: dict[str, str] = {
    # model folders
    "json-deep": N_("it is nested too deeply"),
    "json-wrong": N_("{reason}"),
    "model-restore": N_(
        "restore the folder with `git checkout -- assets/models/{name}`, or train it again (see its card.md)"
    ),
    "model-copy": N_("copy the folder again from where it came, or train it again"),
    "model-bad": N_("{reason}: {way_out}"),
    "model-version": N_("expected {expected}, got {got}"),
    "model-no-network": N_("it names no such network"),
    "model-direction": N_("expected causal to be {expected}, got {got}"),
    "model-adapters": N_("{path} does not fit SmolLM2: {reason}: {way_out}"),
    "adapters-names": N_("expected two matrices for each linear map of the network, {name} is the first to differ"),
    "adapters-shape": N_("expected {name} to be adapted from {expected}, got a {a} and b {b}"),
    "weights-damaged": N_("{path} is damaged ({error})"),
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
    "source-ids-count": N_("{got} ids for {expected} tokens"),
    "source-ids-twice": N_("{got} stands there more than once"),
}
