"""One step's candidates and what the denoiser and the energy thought of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..method.boltzmann import log_weights
from ..runs.run_file import Lane, Run, lane_array


@dataclass(frozen=True)
class Pool:
    """K candidates of one step. Tokens are keys of `words`: a run file's vocabulary, or a tokenizer's ids."""

    step: int  # which of the T steps
    t: float
    s: float
    temperature: float  # of the energy
    mask: int  # the mask's key
    words: Sequence[str] | Mapping[int, str]
    x_t: np.ndarray  # (L,) before the step
    x_s: np.ndarray  # (L,) after it
    candidate: np.ndarray  # (K, L)
    token_log_q: np.ndarray  # (K, L) log p_theta of each token, 0 where visible
    energy: np.ndarray  # (K,)
    token_energy: np.ndarray | None  # (K, L) its terms; None in a version 1 run file
    weight: np.ndarray  # (K,) normalised, as the sampler used them
    chosen: int

    def words_of(self, tokens: np.ndarray) -> list[str]:
        """The spellings of a row of tokens."""
        return [self.words[int(token)] for token in tokens]

    @property
    def masked(self) -> np.ndarray:
        """(L,) bool: what the step could have changed."""
        return self.x_t == self.mask

    @property
    def revealed(self) -> np.ndarray:
        """(L,) bool: what it did write."""
        return self.masked & (self.x_s != self.mask)

    @cached_property
    def log_w(self) -> np.ndarray:
        """(K,) unnormalised log-weights at the run's energy temperature."""
        return log_weights(self.energy, self.temperature)

    @cached_property
    def parts(self) -> np.ndarray | None:
        """(K, L) what each position adds to log w at energy temperature 1. For an autoregressive energy
        log p_AR - log p_theta of that token."""
        return None if self.token_energy is None else log_weights(self.token_energy, 1.0)

    @property
    def log_p(self) -> np.ndarray | None:
        """(K, L) log p_AR of each token given those before it, if the energy is autoregressive."""
        return None if self.parts is None else self.token_log_q + self.parts


def lanes_with_candidates(run: Run) -> list[int]:
    """Which lanes had something to choose from."""
    return [n for n, lane in enumerate(run.lanes) if max(lane.num_candidates, default=1) > 1]


def pools_of(run: Run, lane: Lane) -> list[Pool]:
    """A lane of a run file, step by step."""
    names = ("x", "candidate", "token_log_q", "energy", "weight")
    x, candidate, token_log_q, energy, weight = (lane_array(lane, name) for name in names)
    # What a step masked is what it has marginals for: some samplers mask words again before they draw.
    mask = run.mask
    before = np.where(lane_array(lane, "marginal_p")[..., 0] > 0, mask, x[:-1])
    terms = None if lane.token_energy is None else lane_array(lane, "token_energy")
    return [
        Pool(
            step=lane.step[n],
            t=lane.t[n],
            s=lane.s[n],
            temperature=run.config.energy_temperature,
            mask=mask,
            words=run.words,
            x_t=before[n],
            x_s=x[n + 1],
            candidate=candidate[n, :K],
            token_log_q=token_log_q[n, :K].astype(np.float64),
            energy=energy[n, :K].astype(np.float64),
            weight=weight[n, :K].astype(np.float64),
            token_energy=None if terms is None else terms[n, :K].astype(np.float64),
            chosen=lane.chosen[n],
        )
        for n, K in enumerate(lane.num_candidates)
    ]
