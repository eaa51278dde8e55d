"""A run as tables for elsewhere: all its candidates, or those of one step. No Streamlit, no torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from edlm_core.displayed import running_text, spelled
from edlm_core.runs.run_file import Lane, Run, lane_array

from .tables import csv_file

if TYPE_CHECKING:  # it brings torch
    from edlm_core.diagnosis.pool import Pool

_CANDIDATES = ["sampler", "step", "t", "candidate", "chosen", "weight", "energy_nats", "log_q_nats", "text", "complete"]
_TOKENS = ["candidate", "chosen", "weight", "position", "masked", "token", "log_p_theta_nats", "part_nats"]


def candidates_csv(run: Run) -> bytes:
    """Every candidate of every step: one row each, with its weight, energy, log q and text. `complete` is 0 in each
    row of a run that was stopped."""
    return csv_file(_CANDIDATES, (row for lane in run.lanes for row in _candidates(run, lane)))


def _candidates(run: Run, lane: Lane) -> Iterator[list[Any]]:
    numbers = [lane_array(lane, name) for name in ("weight", "energy", "log_q")]
    texts, words = lane_array(lane, "candidate"), run.words
    for n in range(lane.steps):
        for k in range(lane.num_candidates[n]):
            place = [lane.sampler, lane.step[n], lane.t[n], k, int(k == lane.chosen[n])]
            text = running_text([words[i] for i in texts[n, k].tolist()])
            yield [*place, *(f"{array[n, k]:.6g}" for array in numbers), text, int(run.complete)]


def step_csv(pool: Pool) -> bytes:
    """One step's candidates, a row a position: token, log p_theta, log p_AR less log p_theta where there is one."""
    return csv_file(_TOKENS, _positions(pool))


def _positions(pool: Pool) -> Iterator[list[Any]]:
    for k, row in enumerate(pool.candidate):
        for i, word in enumerate(spelled(pool.words_of(row))):
            place = [k, int(k == pool.chosen), f"{pool.weight[k]:.6g}", i, int(pool.masked[i])]
            part = None if pool.parts is None else f"{pool.parts[k, i]:.6g}"
            yield [*place, word, f"{pool.token_log_q[k, i]:.6g}", part]
