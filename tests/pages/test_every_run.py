"""Whatever run file the types and checks let in, every export can write: files made up from the schema alone."""

import base64
import json

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edlm_core.catalogue import SAMPLERS
from edlm_core.runs.run_file import COLUMNS, load_run
from edlm_core.runs.schema import shape_of

from .every_export import write_everything

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)  # no halves of surrogate pairs
NUMBERS = st.floats(-1e9, 1e9)
FINITE = st.floats(-(2.0**100), 2.0**100, width=32)


def packed(array, dtype):
    return base64.b64encode(np.asarray(array).astype(dtype).tobytes()).decode()


@st.composite
def lanes(draw, L, V):
    S, K = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    counts = [draw(st.integers(1, K)) for _ in range(S)]
    dice = np.random.default_rng(draw(st.integers(0, 2**16)))
    extreme = draw(FINITE)
    arrays = {}
    for name, column in COLUMNS.items():
        shape = shape_of(column, S, L, K)
        if column.holds_tokens:
            arrays[name] = dice.integers(0, V, shape)
        elif name == "weight":
            raw = dice.random(shape) * (np.arange(K) < np.array(counts, int)[:, None])
            arrays[name] = raw / raw.sum(1, keepdims=True)
        elif column.dtype == "<u2":
            arrays[name] = dice.integers(0, 2**16, shape)
        else:
            arrays[name] = np.clip(np.where(dice.random(shape) < 0.2, extreme, 0), -65000, 65000)
    times = sorted((draw(st.floats(0, 1)) for _ in range(2 * S)), reverse=True)
    return {
        "sampler": draw(st.sampled_from(tuple(SAMPLERS))),
        "steps": S,
        "length": L,
        "candidates": K,
        "seconds": draw(st.floats(0, 1e9)),
        "denoiser_calls": draw(st.integers(0, 10**9)),
        "energy_calls": draw(st.integers(0, 10**9)),
        "measures": draw(st.dictionaries(TEXT, NUMBERS, max_size=3)),
        "step": draw(st.lists(st.integers(0, 1023), min_size=S, max_size=S)),
        "t": times[::2],
        "s": times[1::2],
        "chosen": [draw(st.integers(0, k - 1)) for k in counts],
        "num_candidates": counts,
        **{name: packed(array, COLUMNS[name].dtype) for name, array in arrays.items()},
    }


@st.composite
def files(draw):
    L, V = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    low, high = sorted([draw(st.floats(0, 1)), draw(st.floats(0, 1))])
    return {
        "format": "edlm-run",
        "version": 2,
        "title": draw(TEXT),
        "prompt": draw(st.none() | TEXT),
        "energy": draw(st.sampled_from(["ar", "none", "ar+nce", "text:/home/ann/owl", "text:owl#0123456789ab"])),
        "config": {
            "length": L,
            "num_steps": draw(st.integers(1, 8) | st.just(1024)),
            "num_candidates": draw(st.integers(1, 512)),
            "window": [low, high],
            "temperature": draw(st.floats(1e-3, 1e9)),
            "energy_temperature": draw(st.floats(1e-3, 1e9)),
            "seed": draw(st.integers(0, 2**32 - 1)),
        },
        "model": {"name": draw(TEXT), "fingerprint": draw(TEXT)},
        "device": draw(TEXT),
        "dtype": draw(TEXT),
        "software": draw(st.dictionaries(TEXT, TEXT, max_size=2)),
        "vocabulary": draw(st.lists(TEXT | st.just("\n" * 200) | st.just("=1+1"), min_size=V, max_size=V)),
        "token_ids": draw(st.lists(st.integers(0, 2**31 - 1), min_size=V, max_size=V)),
        "end_of_text": draw(st.integers(-1, V - 1)),
        "fixed": packed(draw(st.lists(st.booleans(), min_size=L, max_size=L)), "<u1"),
        "lanes": draw(st.lists(lanes(L, V), min_size=1, max_size=3)),
    } | draw(st.sampled_from([{}, {"complete": False}, {"complete": True}]))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(files())
def test_every_run_that_is_let_in_can_be_written_in_every_way(file):
    write_everything(load_run(json.dumps(file).encode()))
