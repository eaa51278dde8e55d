"""Argument lists from a fixed seed: a command ends well, or with one line and exit code 2; never with a traceback.

EDLM_FUZZ is how many; what would be long work is refused, or is not asked here.
"""

import os
import random

import pytest

from edlm_core import __main__ as command_line
from edlm_core.characters import unsendable

LISTS = int(os.environ.get("EDLM_FUZZ", "40"))
NUMBERS = [
    "-1",
    "0",
    "1",
    "2",
    "3",
    "1e3",
    "2.5",
    "nan",
    "inf",
    "-inf",
    "",
    "é",
    "٣",
    "99999999999999999999",
    "4294967295",
]
SHARES = ["0", "0.5", "1", "-0.1", "1.1", "nan", "inf", "1e-400", "", "½"]
WORDS = [
    "",
    " ",
    "é",
    "\x1b[31m",
    "a\nb",
    "\udcff",
    "\u202e",
    "x" * 5000,
    "none",
    "ar",
    "ar+ar",
    "+",
    "text:",
    "text:/dev/zero",
]
NAMES = ["mdlm", "edlm", "smc", "speculative", "ar", "", "é", "random", "dilated", "pairs", "dirichlet", "binary"]
PATHS = ["", "/dev/full", "/dev/zero", "/nonexistent/x.json", "/", ".", "\0", "a" * 300, "\x1b", "new.json"]
SMALL = {"--length": "4", "--steps": "2", "--candidates": "2", "--num": "2"}
SAMPLING = {
    **dict.fromkeys(("--length", "--steps", "--candidates", "--num", "--seed"), NUMBERS),
    **dict.fromkeys(("--temperature", "--energy-temperature", "--window"), SHARES),
    **dict.fromkeys(("--energy", "--prompt", "--reveal", "--judge"), WORDS + NAMES),
}
# What a command takes here, and what is said of it in any case so that nothing is long.
COMMANDS = {
    "sample": (SAMPLING | {"--sampler": NAMES, "--model": PATHS, "--adaptive": None, "--json": None}, SMALL),
    "record": (
        SAMPLING | {"--samplers": NAMES, "--title": WORDS, "--force": None, "": PATHS},
        {"--length": "4", "--steps": "2", "--candidates": "2"},
    ),
    "exact": (
        {"--world": NAMES, "--steps": NUMBERS, "--candidates": NUMBERS, "--num": NUMBERS, "--reveal": NAMES},
        {"--steps": "2", "--candidates": "2"},
    ),
    "evaluate": (
        SAMPLING | {"--data": PATHS, "--windows": NUMBERS, "--draws": NUMBERS},
        {**SMALL, "--draws": "2", "--judge": "ar"},
    ),
    "compare": (
        {"--num": ["0", "1", "-1", "nan", "é"], "--energy": WORDS, "--write": PATHS, "--judge": WORDS},
        {"--num": "1"},  # refused: the worlds that it measures in are not small
    ),
    "bench": (
        {"--plot": PATHS, "--rounds": NUMBERS, "--num": NUMBERS, "--race": WORDS + NAMES},
        {"--num": "1"},  # refused: it measures for minutes
    ),
    "train": (
        {
            **dict.fromkeys(("--size", "--width", "--depth", "--heads", "--rank", "--negatives", "--seed"), NUMBERS),
            **dict.fromkeys(("--minutes", "--learning-rate", "--dropout", "--weight-decay"), SHARES),
            **dict.fromkeys(("--data", "--from"), PATHS),
            **dict.fromkeys(("--corpus", "--start", "--loss", "--layers"), WORDS + NAMES),
            "": ["denoiser", "ar", "energy", "smollm2", "tokenizer", "", "é"],
        },
        {"--data": "/nonexistent", "--out": "out"},
    ),
    "sweep": (
        {
            **SAMPLING,
            **dict.fromkeys(("--together", "--threads"), NUMBERS),
            **dict.fromkeys(("--preset", "--sampler", "--resume", "--stop", "--next", "--first"), WORDS + NAMES),
            **dict.fromkeys(("--prompts", "--model"), PATHS),
            **dict.fromkeys(("--list", "--json", "--detach"), None),
            "--adaptive": NUMBERS,
            "--on": ["here", "ray", "ray://", "ray://a:1", "ray://a:99999999", *WORDS],
        },
        {"--dry-run": None, "--judge": "ar", **SMALL},
    ),
    "results": (
        {
            **dict.fromkeys(("--steps", "--candidates"), NUMBERS),
            **dict.fromkeys(("--model", "--weights", "--sampler", "--energy", "--cell", "--sweep"), WORDS + NAMES),
            **dict.fromkeys(("--texts", "--json", "--force"), None),
            "--to": [*PATHS, "new.csv", "new.db", "/nonexistent/x.db", "\0.csv"],
        },
        {},
    ),
    "cloze": (
        {
            **dict.fromkeys(("--steps", "--candidates", "--num", "--seed", "--levels"), NUMBERS),
            **dict.fromkeys(("--samplers", "--energy", "--reveal", "--rules"), WORDS + NAMES),
            **dict.fromkeys(("--texts", "--json"), None),
            "--model": PATHS,
        },
        {"--samplers": "mdlm", "--levels": "1", "--num": "1"},
    ),
    "showcase": (
        {"--seeds": NUMBERS, "--only": WORDS, "--judge": WORDS, "--force": None, "": PATHS},
        {"--model": "/nonexistent"},  # refused: it writes hundreds of texts
    ),
}


LONG = ("bench", "compare", "showcase")  # there it has the last word
WITHOUT_MODEL = ("exact", "train", "results")


def arguments(dice, folder):
    command = dice.choice(list(COMMANDS))
    flags, given = COMMANDS[command]
    model = ["--model", str(folder)] if command not in WITHOUT_MODEL else []
    fixed = [word for pair in given.items() for word in pair if word is not None]
    said = [] if command in LONG else fixed
    for flag in dice.sample(list(flags), k=dice.randrange(1, 4)):
        values = [] if flags[flag] is None else [dice.choice(flags[flag])]
        said += ([flag] if flag else []) + values
    if "" in flags and dice.random() < 0.7:
        said.insert(0, dice.choice(flags[""]))
    return [command, *model, *said, *(fixed if command in LONG else [])]


def exit_code(given):
    try:
        command_line.main(given)
    except SystemExit as stopped:
        return stopped.code
    return 0


@pytest.mark.parametrize("n", range(LISTS))
def test_a_command_ends_well_or_says_in_one_line_why_not(tiny_folder, tmp_path, monkeypatch, capsys, n):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EDLM_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("EDLM_STORE", raising=False)
    given = arguments(random.Random(n), tiny_folder)
    code = exit_code(given)
    out, err = capsys.readouterr()
    assert code in (0, 2), given
    if code:
        assert (out, err.count("\n")) == ("", 1), given
        assert unsendable(err.rstrip()) == []
        assert len(err) < 1000, given
