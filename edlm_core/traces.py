"""The run file: everything the pages draw of one visitor's run, in one compact JSON object.

The same object is what the stage gets in the browser. Version 1:

    format "edlm-run", version 1, title, prompt, energy, config, model {name, fingerprint},
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
        log_q, energy, weight  (S, K)  f32   weight is normalised
        measures     {name: number}

Arrays are base64 of little-endian bytes, row-major. Nothing in a file is ever executed.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import metrics
from .checkpoints import Model
from .runs import Cost, Request
from .sampling import StepRecord

FORMAT, VERSION = "edlm-run", 1
ALTERNATIVES = 8
MAX_BYTES = 64 * 2**20
_DTYPES = {
    "x": "<u2", "marginal_id": "<u2", "marginal_p": "<u2", "entropy": "<u2", "candidate": "<u2",
    "token_log_q": "<f2", "log_q": "<f4", "energy": "<f4", "weight": "<f4",
}  # fmt: skip

Run = dict[str, Any]


class BadRun(ValueError):
    """A file that is not a run this version can play; the message says what is wrong with it."""


# ── step records -> run ──────────────────────────────────────────────────────────
def encode_lane(request: Request, records: Sequence[StepRecord], cost: Cost, x_T: Tensor, mask_id: int) -> dict[str, Any]:
    """One sampler's records of a single chain (B = 1) as a lane, still with the tokenizer's ids."""
    S, L = len(records), len(x_T)
    K = max((r.energy.shape[1] for r in records), default=1)
    arrays = {
        "x": np.stack([x_T.numpy(), *(r.x_s[0].cpu().numpy() for r in records)]),
        "marginal_id": np.full((S, L, ALTERNATIVES), mask_id, np.int64),
        "marginal_p": np.zeros((S, L, ALTERNATIVES)),
        "entropy": np.zeros((S, L)),
        "candidate": np.full((S, K, L), mask_id, np.int64),
        "token_log_q": np.zeros((S, K, L), np.float32),
        "log_q": np.zeros((S, K), np.float32),
        "energy": np.zeros((S, K), np.float32),
        "weight": np.zeros((S, K), np.float32),
    }
    for n, r in enumerate(records):
        masked, k = r.masked[0].cpu(), r.energy.shape[1]
        p = r.log_probs.exp()
        top = p.topk(ALTERNATIVES, dim=-1)
        arrays["marginal_id"][n][masked] = top.indices.cpu()
        arrays["marginal_p"][n][masked] = top.values.float().cpu()
        arrays["entropy"][n][masked] = -(p * r.log_probs.nan_to_num(neginf=0)).sum(-1).float().cpu()
        arrays["candidate"][n, :k] = r.proposals.x_0[0].cpu()
        arrays["token_log_q"][n, :k] = r.proposals.token_log_q[0].float().cpu()
        arrays["log_q"][n, :k] = r.proposals.log_q[0].float().cpu()
        arrays["energy"][n, :k] = r.energy[0].float().cpu()
        arrays["weight"][n, :k] = r.weights.normalized[0].float().cpu()
    arrays["marginal_p"] = np.rint(arrays["marginal_p"] * 65535)
    arrays["entropy"] = np.rint(arrays["entropy"] * 1000)
    return arrays | {
        "sampler": request.sampler,
        "steps": S,
        "length": L,
        "candidates": K,
        "seconds": round(cost.seconds, 4),
        "denoiser_calls": cost.denoiser_calls,
        "energy_calls": cost.energy_calls,
        "step": [int(r.step[0]) for r in records],
        "t": [round(float(r.t[0]), 6) for r in records],
        "s": [round(float(r.s[0]), 6) for r in records],
        "chosen": [int(r.chosen[0]) for r in records],
        "num_candidates": [r.energy.shape[1] for r in records],
        "measures": {},
    }


def measure_lane(lane: dict[str, Any], model: Model, judges: dict[str, metrics.LanguageModel], mask_id: int) -> None:
    """Fill a finished lane's `measures`: judge_nll per judge, token entropy, repeated words."""
    x_0 = torch.from_numpy(lane["x"][-1:].copy()).to(model.device)
    generated = torch.from_numpy(lane["x"][:1] == mask_id)
    ids = x_0[0].tolist()
    lane["measures"] = {f"judge_nll_{name}": metrics.judge_nll(j, x_0, generated)[0] for name, j in judges.items()} | {
        "entropy": metrics.token_entropy(ids),
        "repeated_words": metrics.repeated_words(model.tokenizer.decode(ids)),
    }


def encode_run(model: Model, requests: Sequence[Request], lanes: Sequence[dict[str, Any]], title: str) -> Run:
    """Lanes of one visitor's run, with one vocabulary table. The config is the last request's."""
    from . import __version__

    tokenizer = model.tokenizer
    used = np.unique(np.concatenate([lane[name].ravel() for lane in lanes for name in ("x", "marginal_id", "candidate")]))
    used = np.union1d(used, [tokenizer.mask_id])  # sorted, and the mask is the largest id
    request = requests[-1]
    fixed = (lanes[0]["x"][0] != tokenizer.mask_id).astype(np.uint8)
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "prompt": request.prompt,
        "energy": request.energy,
        "config": asdict(request.config),
        "model": {"name": model.name, "fingerprint": model.fingerprint},
        "device": str(model.device),
        "dtype": str(model.dtype).removeprefix("torch."),
        "software": {"edlm": __version__, "torch": torch.__version__},
        "vocabulary": [tokenizer.spell(int(i)) for i in used],
        "token_ids": [int(i) for i in used],
        "end_of_text": int(np.searchsorted(used, tokenizer.end_of_text)) if tokenizer.end_of_text in used else -1,
        "fixed": _pack(fixed, "<u1"),
        "lanes": [_compact(lane, used) for lane in lanes],
    }


def _compact(lane: dict[str, Any], used: np.ndarray) -> dict[str, Any]:
    packed = dict(lane)
    for name in ("x", "marginal_id", "candidate"):
        packed[name] = np.searchsorted(used, lane[name])
    for name, dtype in _DTYPES.items():
        packed[name] = _pack(packed[name], dtype)
    return packed


def _pack(array: np.ndarray, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array.astype(dtype)).tobytes()).decode("ascii")


# ── run -> arrays, files ─────────────────────────────────────────────────────────
def lane_array(lane: dict[str, Any], name: str) -> np.ndarray:
    """One of a lane's arrays, in the shape that the table above gives."""
    S, L, K, A = lane["steps"], lane["length"], lane["candidates"], ALTERNATIVES
    shape = {
        "x": (S + 1, L), "marginal_id": (S, L, A), "marginal_p": (S, L, A), "entropy": (S, L),
        "candidate": (S, K, L), "token_log_q": (S, K, L), "log_q": (S, K), "energy": (S, K), "weight": (S, K),
    }[name]  # fmt: skip
    raw = base64.b64decode(lane[name], validate=True)
    return np.frombuffer(raw, _DTYPES[name]).reshape(shape)


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
    if run.get("version") != VERSION:
        raise BadRun(
            f"expected run file version {VERSION}, got {str(run.get('version'))[:20]}: open it with the release that wrote it"
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
        _require(sizes and 1 <= S <= 1024 and 1 <= L <= 1024 and 1 <= K <= 512, "steps, length or candidates")
        _require(len(base64.b64decode(run["fixed"], validate=True)) == L, "fixed")
        for name in ("step", "t", "s", "chosen", "num_candidates"):
            _require(len(lane[name]) == S and all(isinstance(v, int | float) and math.isfinite(v) for v in lane[name]), name)
        _require(all(isinstance(k, int) and 1 <= k <= K for k in lane["num_candidates"]), "num_candidates")
        _require(
            all(isinstance(c, int) and 0 <= c < k for c, k in zip(lane["chosen"], lane["num_candidates"], strict=True)), "chosen"
        )
        for name in _DTYPES:
            array = lane_array(lane, name)
            if name in ("x", "marginal_id", "candidate"):
                _require(int(array.max(initial=0)) < len(words), f"{name} points outside the vocabulary")
            elif array.dtype.kind == "f":
                _require(bool(np.isfinite(array).all()), f"{name} holds numbers that are not finite")
        for name in ("seconds", "denoiser_calls", "energy_calls"):
            _require(isinstance(lane[name], int | float) and math.isfinite(lane[name]), name)
        _require(isinstance(lane["sampler"], str), "sampler")
        _require(
            isinstance(lane["measures"], dict) and all(isinstance(v, int | float) for v in lane["measures"].values()), "measures"
        )


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)
