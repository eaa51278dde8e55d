"""The run file: everything the pages draw of one visitor's run, in one compact JSON object.

The same object is what the stage gets in the browser. Version 2 (version 1 had no token_energy):

    format "edlm-run", version 2, title, prompt, energy, config, model {name, fingerprint},
    device, dtype, software {edlm, torch}
    vocabulary   the spellings of the tokens that occur; the last is the mask
    token_ids    their ids in the model's tokenizer
    end_of_text  index into vocabulary, -1 if it does not occur
    fixed        (L,) u8: 1 where the prompt fixed the token
    lanes        one object a sampler, on one reveal schedule and one noise:
        sampler, steps (S of them), length L, candidates K, seconds, denoiser_calls, energy_calls
        step, t, s, chosen, num_candidates    lists of S numbers
        x            (S + 1, L)  u16   vocabulary indices before the first step, after each step
        marginal_id  (S, L, A)   u16   the A likeliest tokens at each masked position
        marginal_p   (S, L, A)   u16   their probability, in 1/65535
        entropy      (S, L)      u16   of the marginal, in 1/1000 nat; 0 where visible
        candidate    (S, K, L)   u16   the complete candidates; 0 beyond num_candidates
        token_log_q  (S, K, L)   f16   log p_theta of each candidate's tokens; 0 where visible
        token_energy (S, K, L)   f32   terms of each candidate's energy by position, they sum to it
        log_q, energy, weight  (S, K)  f32   weight is normalised
        measures     {name: number}

Arrays are base64 of little-endian bytes, row-major. Nothing in a file is ever executed. Written by
`recording.py`; no torch here, so that a saved run plays before any model has loaded.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any, NamedTuple

import numpy as np

FORMAT, VERSION = "edlm-run", 2
ALTERNATIVES = 8
MAX_BYTES = 64 * 2**20


class Column(NamedTuple):
    """An array of a lane: its type, and its axes in the letters of the table above."""

    dtype: str
    axes: tuple[str, ...]


COLUMNS = {
    "x": Column("<u2", ("S+1", "L")),
    "marginal_id": Column("<u2", ("S", "L", "A")),
    "marginal_p": Column("<u2", ("S", "L", "A")),
    "entropy": Column("<u2", ("S", "L")),
    "candidate": Column("<u2", ("S", "K", "L")),
    "token_log_q": Column("<f2", ("S", "K", "L")),
    "token_energy": Column("<f4", ("S", "K", "L")),
    "log_q": Column("<f4", ("S", "K")),
    "energy": Column("<f4", ("S", "K")),
    "weight": Column("<f4", ("S", "K")),
}

Run = dict[str, Any]
Lane = dict[str, Any]


class BadRun(ValueError):
    """A file that is not a run this version can play; the message says what is wrong with it."""


def pack(array: np.ndarray, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array.astype(dtype)).tobytes()).decode("ascii")


def lane_array(lane: Lane, name: str) -> np.ndarray:
    """One of a lane's arrays, in the shape that the table above gives."""
    S, L, K = lane["steps"], lane["length"], lane["candidates"]
    size = {"S": S, "S+1": S + 1, "L": L, "K": K, "A": ALTERNATIVES}
    dtype, axes = COLUMNS[name]
    raw = base64.b64decode(lane[name], validate=True)
    return np.frombuffer(raw, dtype).reshape([size[axis] for axis in axes])


def save_run(run: Run) -> bytes:
    return json.dumps(run, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def load_run(data: bytes) -> Run:
    """A run from a file's bytes, checked through and through. Raises BadRun."""
    if len(data) > MAX_BYTES:
        raise BadRun(f"expected a run file of at most {MAX_BYTES >> 20} MiB, got {len(data) >> 20} MiB")
    try:
        run = json.loads(data)
    except (ValueError, RecursionError):
        raise BadRun("expected a run file (JSON), got something else: choose a file saved with “Save run”") from None
    if not isinstance(run, dict) or run.get("format") != FORMAT:
        raise BadRun("expected a run file of this app, got another JSON file: choose a file saved with “Save run”")
    if run.get("version") not in (1, VERSION):
        raise BadRun(
            f"expected run file version 1 or {VERSION}, got {str(run.get('version'))[:20]}: open it with the release "
            "that wrote it"
        )
    try:
        _check(run)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, binascii.Error) as error:
        raise BadRun(f"the run file is damaged ({error}): save it again from the app") from None
    return run


def _check(run: Run) -> None:
    words, ids = run["vocabulary"], run["token_ids"]
    _require(0 < len(words) == len(ids) <= 65536, "vocabulary and token_ids differ in length")
    _require(all(isinstance(w, str) and len(w) <= 200 for w in words), "a vocabulary entry is not a short text")
    _require(all(isinstance(i, int) for i in ids), "a token id is not a number")
    _require(isinstance(run["end_of_text"], int) and -1 <= run["end_of_text"] < len(words), "end_of_text")
    for name in ("title", "energy", "device", "dtype"):
        _require(isinstance(run[name], str) and len(run[name]) <= 500, name)
    _require(run["prompt"] is None or (isinstance(run["prompt"], str) and len(run["prompt"]) <= 20_000), "prompt")
    _require(all(isinstance(run["model"][k], str) for k in ("name", "fingerprint")), "model")
    _require(isinstance(run["config"], dict) and isinstance(run["software"], dict), "config or software")
    _require(0 < len(run["lanes"]) <= 3, "expected one to three lanes")
    for lane in run["lanes"]:
        S, L, K = lane["steps"], lane["length"], lane["candidates"]
        sizes = all(isinstance(n, int) and not isinstance(n, bool) for n in (S, L, K))
        _require(sizes and 0 <= S <= 1024 and 1 <= L <= 1024 and 1 <= K <= 512, "steps, length or candidates")
        _require(len(base64.b64decode(run["fixed"], validate=True)) == L, "fixed")
        for name in ("step", "t", "s", "chosen", "num_candidates"):
            _require(
                len(lane[name]) == S and all(isinstance(v, int | float) and math.isfinite(v) for v in lane[name]), name
            )
        _require(all(isinstance(k, int) and 1 <= k <= K for k in lane["num_candidates"]), "num_candidates")
        _require(
            all(isinstance(c, int) and 0 <= c < k for c, k in zip(lane["chosen"], lane["num_candidates"], strict=True)),
            "chosen",
        )
        for name in COLUMNS:
            if (run["version"], name) == (1, "token_energy"):
                continue
            array = lane_array(lane, name)
            if name in ("x", "marginal_id", "candidate"):
                _require(int(array.max(initial=0)) < len(words), f"{name} points outside the vocabulary")
            elif array.dtype.kind == "f":
                _require(bool(np.isfinite(array).all()), f"{name} holds numbers that are not finite")
        for name in ("seconds", "denoiser_calls", "energy_calls"):
            _require(isinstance(lane[name], int | float) and math.isfinite(lane[name]), name)
        _require(isinstance(lane["sampler"], str), "sampler")
        _require(
            isinstance(lane["measures"], dict) and all(isinstance(v, int | float) for v in lane["measures"].values()),
            "measures",
        )


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)
