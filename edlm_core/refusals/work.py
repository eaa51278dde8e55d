"""Refusals of those who do and keep work: files, the store, tasks, sweeps."""

from __future__ import annotations

from ..messages import N_, Counted

MESSAGES: dict[str, str | Counted] = {
    # files
    "file-exists": N_("{path}: expected no such file, found one: choose another name, or say --force to replace it"),
    "file-unwritable": N_("{path}: expected a file that can be written, got “{error}”: choose another place"),
    "file-damaged": N_(
        "{path}: expected what this app has written, got something else ({fault}): delete it, make it anew"
    ),
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
    "measurement-gone": N_(
        "measurement {name}: expected one that is kept on this server, found none: measure it again, or ask whoever "
        "sent the address for its CSV"
    ),
    # sweeps
    "sweep-values": N_("{name}: expected numbers with commas between them, got none: write one, for example {example}"),
    "sweep-samplers": N_("sampler: expected one at least, got none: choose one"),
    "sweep-cells": N_("sweep: expected at most {most} settings, got {got}: give some fields fewer values"),
    "sweep-failed": N_(
        "sweep: expected {of} settings to be done, {failed} could not, the others are kept: mend this, ask again: {why}"
    ),
    "sweep-nothing": N_("sweep: expected a preset, or values of a setting, got none: give one, or see --help"),
    "sweep-unknown": N_("sweep: expected one that is kept, found none named {got}: see `sweep --list`"),
    "sweep-silent": N_("sweep: expected its process to go on, it ended without a word: go on by {command}, see {log}"),
    "ray-address": N_("on: expected here, ray or ray://host:port, got {got}: choose one of these"),
    "ray-missing": N_("on: expected Ray, found none: {how}"),
    "ray-start": N_("on: expected Ray to start here, got “{error}”: leave --on away, or see its documentation"),
    "ray-unreachable": N_("on: expected a Ray cluster at {got}, got “{error}”: start it, or check the address"),
    "ray-worker": N_("expected a worker to do a batch, {retries} more tried after the first died: see Ray's log"),
}
