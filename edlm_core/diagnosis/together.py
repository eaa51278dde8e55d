"""How much is lost by drawing what a step reveals independently? The factorisation-error meter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WORDS = 4  # the likeliest at each of two positions: their 16 combinations are all asked


@dataclass(frozen=True)
class Together:
    """One step that reveals `revealed` positions, all else held as in the chosen draft.

    `correlation`: nats of dependence between neighbours among them, summed. For two positions it is their total
    correlation; for more, the sum of mutual informations over the edges of a tree never exceeds the total
    correlation (Chow & Liu 1968), so it is a low estimate. `mass`: how much of p_theta the words looked at cover.
    """

    revealed: int
    correlation: float
    mass: float


@dataclass(frozen=True)
class Metered:
    """One run: each step's number, its time, and what its words have to do with each other."""

    num_steps: int
    seed: int
    steps: list[tuple[int, float, Together]]

    @property
    def total(self) -> float:
        """The sum over the run, nats."""
        return sum(each.correlation for *_, each in self.steps)


def together(log_joints: Sequence[np.ndarray], masses: Sequence[float], revealed: int) -> Together:
    """`log_joints`: for each pair of neighbours a table (A, A) of log p(a) + log p(b) + log w, up to a constant."""
    return Together(
        revealed, float(sum(map(mutual_information, log_joints))), float(np.mean(masses)) if len(masses) else 1.0
    )


def mutual_information(log_joint: np.ndarray) -> float:
    """I(a; b) in nats of a table of unnormalised log-probabilities (A, B)."""
    p = np.exp(log_joint - log_joint.max())
    p = p / p.sum()
    product = p.sum(1, keepdims=True) * p.sum(0, keepdims=True)
    return float((p * np.log(np.where(p > 0, p, 1) / np.where(p > 0, product, 1))).sum())
