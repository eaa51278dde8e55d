"""Recorded texts whose figures are known: planted rows of a sweep, and the file that they come in."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import UTC, datetime

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.settled import settled
from edlm_core.measure.trial_row import TrialRow
from edlm_core.work.export import COLUMNS, as_database

WHERE = {
    "model": "tales",
    "fingerprint": "abc123",
    "processor": "A processor",
    "device": "cpu",
    "dtype": "float32",
    "threads": 2,
    "batch_size": 2,
    "created": datetime(2026, 11, 26, tzinfo=UTC).timestamp(),
}


def planted(sampler, nll, seconds, *, ar=None, entropy=3.0, **config):
    """A row a text, from seed 0, two in a batch. `nll`: what SmolLM2 says of each, `ar` what the other judge does."""
    request = settled(Request(sampler, "ar", SampleConfig(reveal="dilated", **config)))
    setting = asdict(request.config) | {"sampler": request.sampler, "energy": request.energy, "prompt": request.prompt}
    setting["window_low"], setting["window_high"] = setting.pop("window")
    cell = f"{sampler}-{request.config.num_steps}-{request.config.num_candidates}"
    rows = []
    for n, one in enumerate(nll):
        row = dict.fromkeys(COLUMNS) | WHERE | {name: value for name, value in setting.items() if name in COLUMNS}
        row |= {"cell": cell, "seed": n, "batch": n - n % 2, "seconds": seconds + 0.01 * (n // 2)}
        row |= {"judge_nll_smollm2": one, "judge_nll_ar": ar, "text": f"Text {n} of {sampler}, <b>*bold*</b>."}
        row |= {"entropy": entropy + 0.01 * n, "repeated_words": 0.1, "steps": request.config.num_steps}
        rows.append(row | {"denoiser_calls": 16.0, "energy_calls": 8.0, "scored": 64.0})
    return rows


def sweep_rows():
    """A corrector that reads better than `mdlm` in 14 of 16 pairs, an edlm that nobody can tell apart from it, a
    baseline; `mdlm` at fewer steps is cheaper and worse. One text of the corrector was not measured by SmolLM2."""
    plain = [3.0 + 0.05 * (n % 5) for n in range(16)]
    better = [nll - 0.4 if n > 1 else nll + 0.3 for n, nll in enumerate(plain)]
    equal = [nll + (0.1 if n % 2 else -0.1) for n, nll in enumerate(plain)]
    return [
        *planted("mdlm", plain, 0.1, ar=3.1),
        *planted("mdlm", [nll + 0.5 for nll in plain], 0.05, ar=3.6, num_steps=8),
        *planted("corrector", [*better, None], 0.4, ar=2.5),
        *planted("edlm", equal, 0.5, ar=2.7),
        *planted("ar", [nll - 0.5 for nll in plain], 0.3, ar=2.2),
    ]


def write_recorded(path, rows=None):
    path.write_bytes(as_database(sweep_rows() if rows is None else rows))
    return path


def store_rows(store, rows=None):
    """Into a store, as a sweep files them."""
    names = [field.name for field in fields(TrialRow)]
    given = sweep_rows() if rows is None else rows
    store.add_trials([TrialRow(**{name: row[name] for name in names}) for row in given])
