"""How much is lost by drawing what a step reveals independently? The factorisation-error meter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GROUPS = 8


@dataclass(frozen=True)
class Together:
    """An estimate from K draws of the revealed tokens S, the rest of the text held fixed."""

    revealed: int  # |S|
    correlation: float  # total correlation under the corrected law, nats
    error: float  # its standard error
    ess: float


def together(tokens: np.ndarray, log_w: np.ndarray) -> Together:
    """Draws x_S ~ q, tokens (K, |S|), with their log-weights (K,). The jackknife over GROUPS groups of draws takes off
    most of the plug-in value's bias and gives the standard error; where ESS is small both are still optimistic."""
    K, size = tokens.shape
    w = _normalised(log_w)
    if size < 2:
        return Together(size, 0.0, 0.0, float(1 / np.square(w).sum()))
    whole = total_correlation(tokens, log_w)
    group = np.arange(K) % GROUPS
    without = np.array([total_correlation(tokens[group != g], log_w[group != g]) for g in range(GROUPS)])
    error = np.sqrt((GROUPS - 1) / GROUPS * np.square(without - without.mean()).sum())
    corrected = GROUPS * whole - (GROUPS - 1) * without.mean()
    return Together(size, float(corrected), float(error), float(1 / np.square(w).sum()))


def total_correlation(tokens: np.ndarray, log_w: np.ndarray) -> float:
    """KL(p(x_S) || prod_i p(x_i)) of p proportional to q w, from draws x_S ~ q = prod_i q_i: (K, |S|), (K,).

    Since q is a product, KL(p || q) = TC(p) + sum_i KL(p_i || q_i), an identity. Both sides are taken
    against the draws themselves, so that a single position gives exactly 0. It never exceeds log K.
    """
    w = _normalised(log_w)
    return _divergence(tokens, w) - sum(_divergence(tokens[:, [i]], w) for i in range(tokens.shape[1]))


def _normalised(log_w: np.ndarray) -> np.ndarray:
    w = np.exp(log_w - log_w.max())
    return w / w.sum()


def _divergence(tokens: np.ndarray, w: np.ndarray) -> float:
    """KL between the weighted and the unweighted distribution of the rows."""
    _, place = np.unique(tokens, axis=0, return_inverse=True)
    even = np.bincount(place.ravel()) / len(w)
    p = np.bincount(place.ravel(), w)
    return float((p * np.log(np.where(p > 0, p, 1) / even)).sum())
