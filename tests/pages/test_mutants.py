"""A run file with anything in it is refused or can be exported in full: hostile values, lost keys, flipped bytes."""

import base64
import copy
import json
import os
import random
import resource

import numpy as np
import pytest

from edlm_core.runs.run_file import COLUMNS, BadRun, load_run
from pages.parts.app.cache import ASSETS

from .every_export import write_everything

MUTANTS = int(os.environ.get("EDLM_MUTANTS", "40"))  # 1,000 take some minutes
NASTY = (
    None, True, False, 0, -1, 1, 3, 7, 10**9, 10**30, 1e308, -1e-308, float("nan"), float("inf"), float("-inf"), 0.5,
    "", "x", "0", "=1+1", "\ud800", "\n" * 200, "a" * 100_000, "\x00\x1b\u202e", "<script>", "text:/home/ann/owl",
    "text:a+text:b", "ar+", [], {}, [[]], [None], {"": {}}, "speculative", "nce", "none", [0] * 4, [1.0] * 4, [1e9] * 4,
)  # fmt: skip


def places(tree, path=()):
    """The path of every value in a JSON tree, in no more than a few entries of a list."""
    yield path
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree[:4]) if isinstance(tree, list) else ()
    for key, value in entries:
        yield from places(value, (*path, key))


def changed(file, dice):
    """One value of the file replaced, or left out."""
    file = copy.deepcopy(file)
    path = dice.choice([path for path in places(file) if path])
    inside = file
    for key in path[:-1]:
        inside = inside[key]
    if dice.random() < 0.2:
        del inside[path[-1]]
    else:
        inside[path[-1]] = dice.choice(NASTY)
    return json.dumps(file).encode()


def disturbed(file, dice):
    """Some bytes of one lane's array are others."""
    file = copy.deepcopy(file)
    lane = dice.choice(file["lanes"])
    name = dice.choice(list(COLUMNS))
    array = bytearray(base64.b64decode(lane[name]))
    for _ in range(dice.randint(1, 4)):
        array[dice.randrange(len(array))] = dice.randrange(256)
    lane[name] = base64.b64encode(array).decode()
    return json.dumps(file).encode()


def flipped(file, dice):
    """Some bytes of the file are others, or its end is missing."""
    data = bytearray(json.dumps(file).encode())
    if dice.random() < 0.3:
        return bytes(data[: dice.randrange(len(data))])
    for _ in range(dice.randint(1, 3)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("name", ["1-repair", "2-blanks"])
def test_a_mutated_file_is_refused_or_can_be_written_in_every_way(name):
    dice = random.Random(name)
    file = json.loads((ASSETS / "runs" / f"{name}.json").read_bytes())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    opened, refusals = 0, []
    for _ in range(MUTANTS // 2):
        data = dice.choice((changed, changed, disturbed, flipped))(file, dice)
        try:
            run = load_run(data)
        except BadRun as refusal:
            refusals.append(str(refusal))
            continue
        opened += 1
        write_everything(run)
    assert opened
    assert refusals
    assert not any("\n" in refusal for refusal in refusals)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 20  # KiB


ABSURD = {
    "config": [{"num_steps": 0}, {"num_steps": 10**9}, {"seed": -1}, {"seed": 0.5}, {"temperature": "1"}, {"window": 1},
               {"temperature": 1e-9}, {"window": [1, 0]}, {"reveal": "sideways"}, {"length": 27}],
    "model": [{"name": 3}, {"fingerprint": None}],
    "software": [{"torch": 2}],
}  # fmt: skip


@pytest.mark.parametrize(("part", "change"), [(part, change) for part, all_ in ABSURD.items() for change in all_])
def test_absurd_settings_are_refused(part, change):
    file = json.loads((ASSETS / "runs" / "1-repair.json").read_bytes())
    with pytest.raises(BadRun, match="damaged"):
        load_run(json.dumps(file | {part: file[part] | change}).encode())


@pytest.mark.parametrize("name", ["length", "num_steps", "num_candidates", "window", "seed"])
def test_a_file_says_what_its_run_was_made_with(name):
    file = json.loads((ASSETS / "runs" / "1-repair.json").read_bytes())
    del file["config"][name]
    with pytest.raises(BadRun, match=f"config: {name} missing"):
        load_run(json.dumps(file).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [("sampler", "=cmd()"), ("measures", {"a": 1e300}), ("measures", {"a": "1"}), ("seconds", -1),
     ("seconds", "1"), ("s", [1.0, 0.9, 0.5, 0.6]), ("t", [0.0] * 4), ("t", [2.0] * 4), ("length", 25)],
)  # fmt: skip
def test_a_lane_that_no_sampler_writes_is_refused(field, value):
    file = json.loads((ASSETS / "runs" / "1-repair.json").read_bytes())
    file["lanes"][1][field] = value
    with pytest.raises(BadRun, match="damaged"):
        load_run(json.dumps(file).encode())


@pytest.mark.parametrize("weight", [0.0, -1.0, 1.0])
def test_weights_that_are_no_distribution_are_refused(weight):
    file = json.loads((ASSETS / "runs" / "1-repair.json").read_bytes())
    array = np.full((4, 32), weight, "<f4")
    file["lanes"][1]["weight"] = base64.b64encode(array.tobytes()).decode()
    with pytest.raises(BadRun, match="weights"):
        load_run(json.dumps(file).encode())


def test_a_small_file_whose_texts_would_fill_the_memory_is_refused():
    file = json.loads((ASSETS / "runs" / "4-free.json").read_bytes())
    file["vocabulary"] = ["x" * 200] * len(file["vocabulary"])
    file = _many_candidates(file)
    with pytest.raises(BadRun, match="characters"):
        load_run(json.dumps(file).encode())


def _many_candidates(file):
    lane = file["lanes"][1]
    S, L, K = lane["steps"], lane["length"], 512
    for name, column in COLUMNS.items():
        if "K" in column.axes:
            shape = (S, K, L)[: len(column.axes)]
            array = np.full(shape, 1 / K if name == "weight" else 0, column.dtype)
            lane[name] = base64.b64encode(array.tobytes()).decode()
    return file | {"lanes": [lane | {"candidates": K, "num_candidates": [K] * S}]}
