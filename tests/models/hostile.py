"""Model folders and prompts as a fault or an enemy may leave them, drawn from a seed."""

import json
import os
import random
import shutil
import struct

NASTY = [None, True, False, 0, -1, 1, 3, 1.5, -0.0, 1e308, 10**9, 2**31, 2**63, 10**40]
NASTY += ["", "x", "no", "16", "\x1b[31m", "\ud800", [], {}, [[]], [0], {"a": 1}]
UNSENDABLE = [*map(chr, range(0x20)), "\x7f", "\x9b", "\ud800", "\udcff", "\ufffe", "\U0010ffff"]
ODD = [
    "\u202e",
    "\u0301",
    "\ufeff",
    "_",
    "__",
    " ",
    "▢",
    "�",
    "<|endoftext|>",
    "Tom",
    " saw",
    "日本",
    "𝔘",
    "%s",
    "{0}",
    "<b>",
]


def mutated(source, folder, seed):
    """A copy of the model folder `source` with one to three things wrong, and what they are."""
    rng = random.Random(seed)
    shutil.copytree(source, folder)
    if rng.random() < 0.7:  # else what belongs together would tell of every other change
        edit_json(folder / "config.json", lambda config: config.pop("together", None))
    return [rng.choice(MUTATIONS)(folder, rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]


def nasty_prompt(seed):
    rng = random.Random(seed)
    pieces = [rng.choice(UNSENDABLE if rng.random() < 0.05 else ODD) for _ in range(rng.randrange(12))]
    if rng.random() < 0.1:
        pieces.append("".join(chr(rng.randrange(0x110000)) for _ in range(rng.randrange(1, 9))))
    return "".join(pieces) * rng.choice([1] * 8 + [50, 100_000])


# ── one thing wrong ──────────────────────────────────────────────────────────────
def edit_json(path, change):
    if path.is_symlink() or not path.is_file():
        return  # something is wrong with it already
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def places(value, path=()):
    """Paths of all values inside, a few of a long list."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(children)[:40]:
        yield (*path, key)
        yield from places(child, (*path, key))


def replace_or_remove(path, rng):
    done = []

    def change(value):
        found = list(places(value))
        if not found:
            return
        *way, last = rng.choice(found)
        for key in way:
            value = value[key]
        if rng.random() < 0.3:
            del value[last]
            done.append(f"{path.name} without {way} {last}")
        else:
            value[last] = rng.choice(NASTY)
            done.append(f"{path.name}: {way} {last} = {value[last]!r}")

    edit_json(path, change)
    return done


def config(folder, rng):
    return replace_or_remove(folder / "config.json", rng)


def tokenizer(folder, rng):
    return replace_or_remove(folder / "tokenizer.json", rng)


def source_ids(folder, rng):
    def change(ids):
        if isinstance(ids, list) and len(ids) > 2:
            a, b = rng.randrange(len(ids)), rng.randrange(len(ids))
            if rng.random() < 0.3:
                ids[a], ids[b] = ids[b], ids[a]
            else:
                ids[a] = rng.choice(NASTY)

    edit_json(folder / "source_ids.json", change)
    return "source ids"


def any_file(folder, rng):
    return rng.choice([path for path in sorted(folder.iterdir()) if path.is_file() and not path.is_symlink()])


def flip(folder, rng):
    path = any_file(folder, rng)
    data = bytearray(path.read_bytes())
    end = len(data) if rng.random() < 0.5 else min(len(data), 600)  # half of them in the header
    for _ in range(rng.choice([1, 4, 64]) if end else 0):
        data[rng.randrange(end)] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    return f"bits of {path.name}"


def truncate(folder, rng):
    path = any_file(folder, rng)
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size + 1)])
    return f"end of {path.name}"


def swap(folder, rng):
    """Another file's content, a device, a folder, nothing, or nonsense."""
    path = any_file(folder, rng)
    kind = rng.choice(["other", "device", "folder", "gone", "deep", "garbage", "length"])
    other = any_file(folder, rng).read_bytes()
    path.unlink()
    if kind == "device":
        os.symlink("/dev/zero", path)
    elif kind == "folder":
        path.mkdir()
    elif kind != "gone":
        length = struct.pack("<Q", rng.choice([0, 2, 2**20, 2**40, 2**64 - 1])) + other[8:]
        path.write_bytes(
            {"other": other, "deep": b"[" * 200_000, "garbage": rng.randbytes(5000), "length": length}[kind]
        )
    return f"{path.name}: {kind}"


MUTATIONS = [config, config, config, tokenizer, source_ids, flip, flip, truncate, swap]
