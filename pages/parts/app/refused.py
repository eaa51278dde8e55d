"""What a visitor may be refused, in a visitor's words: what happened, and what to do. The core's own messages are for
the command line; `i18n.in_words` takes these first."""

from __future__ import annotations

from edlm_core.messages import N_, Counted

from .links import SETTINGS

# What a page calls what the core has another name for.
LABELS: dict[str, str] = {
    name: setting.label for setting in SETTINGS.values() for name in (setting.name, *setting.keys)
} | {"run": N_("Ready-made runs"), "scene": N_("Scene"), "depth": N_("Reading depth")}

_RANGE = N_("“{name}” can be {least} to {most} here, and {got} was asked for. Choose a value in that range.")
_OTHER_VERSION = N_("What was asked for was kept by another version of the app, and this one can't read it. Ask again.")

MESSAGES: dict[str, str | Counted] = {
    # settings
    "whole": _RANGE,
    "real": _RANGE,
    "page": _RANGE,
    "number": N_("“{name}” is a number, and {got} was asked for. Choose a number."),
    "choice": N_("“{name}” can be {known}, and {got} was asked for. Choose one of these."),
    "text-too-long": Counted(
        "most",
        "“{name}” can have {most} character, and here are {got}. Shorten it.",
        "“{name}” can have {most} characters, and here are {got}. Shorten it.",
    ),
    "window": N_(
        "“The energy acts at times t” needs two times from 0 to 1, the smaller one first, and {got} was asked for. "
        "Choose other times."
    ),
    "config-unknown": N_(
        "There is a setting that this version of the app does not know, {got}. Open it with the version that saved it."
    ),
    "energy-reading": N_(
        "The sampler “{sampler}” has the energy read word by word, which only these can: {known}. {got} was asked for: "
        "choose one of these, or another sampler."
    ),
    "energy-twice": N_("An energy counts once, and in {got} one stands twice. Leave the second out."),
    "lanes": N_("The lanes can be {known}, each once, and {got} was asked for. Choose one of these or more."),
    "lanes-none": N_("No lane is chosen, so there is nothing to write. Choose one or more."),
    "run-elsewhere": N_(
        "This address is of a run that was opened from a file, or branched, in another visit; the app keeps none of "
        "these for others. Open its file again."
    ),
    # prompts
    "text-unspelled": N_("The model has no way to write {got}. Remove these characters."),
    "text-unsendable": N_("There are characters that can't be seen and can't be used: {got}. Remove them."),
    "prompt-empty": N_(
        "The prompt has only spaces in it. Write something, or leave it empty for a story from nothing."
    ),
    "prompt-long": Counted(
        "most",
        "The prompt has {got} characters, and {most} can be read. Shorten it.",
        "The prompt has {got} characters, and {most} can be read. Shorten it.",
    ),
    "prompts-line": N_("Line {line}: {problem}"),
    "prompts-many": Counted(
        "most",
        "There are {got} lines, and {most} can be asked about at once. Take some out.",
        "There are {got} lines, and {most} can be asked about at once. Take some out.",
    ),
    "prompt-tokens": Counted(
        "length",
        "The prompt takes {got} tokens (words and pieces of words), and the whole text is to have {length}. Shorten "
        "the prompt, or raise “Length in tokens”.",
        "The prompt takes {got} tokens (words and pieces of words), and the whole text is to have {length}. Shorten "
        "the prompt, or raise “Length in tokens”.",
    ),
    "prompt-tokens-most": Counted(
        "length",
        "The prompt takes {got} tokens (words and pieces of words), and the longest text has {length}. Shorten it.",
        "The prompt takes {got} tokens (words and pieces of words), and the longest text has {length}. Shorten it.",
    ),
    "prompt-full": Counted(
        "length",
        "The prompt takes the one token that the text is to have, so nothing is left to write. Shorten the prompt, or "
        "raise “Length in tokens”.",
        "The prompt takes all {length} tokens that the text is to have, so nothing is left to write. Shorten the "
        "prompt, or raise “Length in tokens”.",
    ),
    "prompt-full-most": Counted(
        "length",
        "The prompt takes the one token of the longest text, so nothing is left to write. Shorten it.",
        "The prompt takes all {length} tokens of the longest text, so nothing is left to write. Shorten it.",
    ),
    # memory
    "memory": N_(
        "This run would need about {needed} GB of memory, and {free} GB are free on this machine. Lower “{setting}” to "
        "{most}."
    ),
    "memory-all": N_(
        "This run would need about {needed} GB of memory, and {free} GB are free on this machine. Lower “Drafts per "
        "step K” and “Length in tokens”."
    ),
    # run files
    "run-too-large": N_(
        "This run takes {got} MiB, and a run file can have {most} MiB. Make a run of fewer tokens, steps or drafts."
    ),
    "run-not-json": N_("This is not a run file. Choose one that was saved here, by “Save or open”."),
    "run-not-ours": N_("This file is from another program. Choose one that was saved here, by “Save or open”."),
    "run-version": N_(
        "This file was saved by another version of the app: its format is {got}, and here 1 to {most} can be read. "
        "Open it with the version that saved it."
    ),
    "run-damaged": N_("This run file is damaged ({what}). Save it again where it came from."),
    "run-text-model": N_(
        "The energy of this run is a model that is not on this server ({name}), so nothing more can be asked of it. "
        "Choose another energy and make the run again."
    ),
    # models
    "smollm2-missing": N_(
        "The weights of SmolLM2-135M are not on this server. Choose another energy, or get them: {how}."
    ),
    # branches
    "branch-version": N_(
        "This file was saved by an older version of the app, which kept too little for another way from here. Make the "
        "run again first."
    ),
    "branch-finished": N_("After this step nothing is left to write. Choose an earlier step."),
    "branch-word": N_(
        "“{text}” takes {got} tokens, and there is room for one here: rare words are written in pieces. Choose a "
        "shorter or commoner word."
    ),
    "branch": N_("No other way can be taken in a run of {got}, which has no timetable. Choose a run of {known}."),
    # work
    "task-damaged": _OTHER_VERSION,
    "task-kind": _OTHER_VERSION,
    "weights-differ": N_(
        "The model was changed after this run had been made (its weights were {expected} and are {got} now), so it "
        "can't speak of it. Make the run again."
    ),
    "run-gone": N_("The server no longer keeps this run ({name}). Open its file again, or make the run again."),
    "run-changed": N_(
        "The file of this run was changed on the server's disk ({path}). Open the run's own file again, or make the "
        "run again."
    ),
    "measurement-gone": N_(
        "The measurement of this address ({name}) is not kept on this server. Measure it again, or ask whoever sent "
        "the address for its CSV."
    ),
    "sweep-cells": N_("These would be {got} settings, and {most} can be measured at once. Choose fewer values."),
    "sweep-values": N_("“{name}” takes numbers with commas between them, such as {example}. Write one."),
    "sweep-samplers": N_("No sampler is chosen, so there is nothing to measure. Choose one or more."),
    "sweep-failed": N_("{failed} of {of} settings could not be measured; the others are kept. The reason: {why}"),
    "recorded": N_(
        "The texts that were measured for the app can't be read ({path}: {error}). Ask whoever runs the app to install "
        "it again."
    ),
    # the store: a visitor can only try again, or tell who runs the app
    "store-address": N_(
        "The app's database has an address that begins with {got!r}, where sqlite:///… or postgresql+psycopg://… is "
        "needed. Ask whoever runs the app to correct EDLM_STORE."
    ),
    "store-damaged": N_(
        "The app's database is damaged ({where}: {error}). Ask whoever runs the app to move it away: a new one is made."
    ),
    "store-full": N_(
        "The server's disk is full ({where}: {error}), so nothing more can be kept. Ask whoever runs the app to free "
        "some space."
    ),
    "store-journal": N_(
        "The app's database lies where it can't be kept safely, on a network drive for instance ({where}: {got}). Ask "
        "whoever runs the app to set EDLM_DATA to a folder on a local disk."
    ),
    "store-locked": N_("The app's database is busy ({where}: {error}). Try again in a minute."),
    "store-unreachable": N_(
        "The app's database does not answer ({where}: {error}). Ask whoever runs the app to start it, or to correct "
        "EDLM_STORE."
    ),
    "store-unwritable": N_(
        "The app may not write into its database ({where}: {error}), so nothing can be kept. Ask whoever runs the app "
        "to set EDLM_DATA to another folder."
    ),
    "store-version": N_(
        "The app's database is of another version: {got}, where {expected} is needed. Ask whoever runs the app to use "
        "the version that wrote it."
    ),
    "file-damaged": N_("{path} is not what this app has written ({fault}). Remove it, and make it anew."),
    "file-unwritable": N_(
        "A file can't be written ({path}: {error}), so nothing can be kept. Ask whoever runs the app to set EDLM_DATA "
        "to another folder."
    ),
}
