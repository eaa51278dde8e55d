"""Refusals of what decides a run: its settings, its prompt, its file, a link to it."""

from __future__ import annotations

from ..messages import N_, Counted

MESSAGES: dict[str, str | Counted] = {
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
}
