"""K drafts, one taken by its weight: the exact law of the one, and how many of the K have a say. No torch."""

from __future__ import annotations

import math

import numpy as np

from .world import World


def resampled_law(q: np.ndarray, log_w: np.ndarray, num_candidates: int) -> np.ndarray:
    """Exact law of one draw by self-normalised importance sampling from K candidates ~ q.

        q_K(x) = K q(x) w(x) E[1 / (w(x) + sum of K - 1 further weights)]
               = K q(x) w(x) ∫_0^∞ exp(-u w(x)) phi(u)^(K-1) du,   phi(u) = E_q[exp(-u w)]

    (method, section 4). The integral, over log u, is smooth and dies fast at both ends, where the
    trapezoidal rule converges exponentially. Candidates of weight zero are chosen uniformly when
    all K are such. q (N,), log_w (N,) -> (N,), sums to one.
    """
    if num_candidates == 1:
        return q
    possible = np.isfinite(log_w) & (q > 0)
    hopeless = q[~possible].sum()
    law = np.zeros_like(q)
    if possible.any():
        log_w = log_w - log_w[possible].max()
        w, mass = np.exp(log_w[possible]), q[possible]
        # u from far below 1/(K max w) to far above 1/(min w): beyond them the integrand is nothing
        v = np.arange(math.log(1e-18), math.log(800 / w.min()), 1 / 64)
        u = np.exp(v)[:, None]
        phi = np.exp(-u * w) @ mass + hopeless
        integral = (np.exp(-u * w) * (u * (phi ** (num_candidates - 1))[:, None])).sum(0) / 64
        law[possible] = num_candidates * mass * w * integral
    if hopeless > 0:
        law[~possible] = q[~possible] / hopeless * hopeless**num_candidates
    return law


def candidate_law(
    world: World, x_t: tuple[int, ...], num_candidates: int, *, sign: float = 1.0, energy_temperature: float = 1.0
) -> np.ndarray:
    """Exact law of the candidate that EDLM takes at x_t, over the completions of x_t."""
    q = world.factorised(x_t)
    with np.errstate(divide="ignore", invalid="ignore"):  # a text of q = 0 is not drawn
        log_w = np.log(world.joint[world.completions(x_t)]) - np.log(q)
        log_w = np.where(q > 0, sign * log_w / energy_temperature, -np.inf)
    return resampled_law(q, log_w, num_candidates)


def expected_ess(q: np.ndarray, log_w: np.ndarray, num_candidates: int) -> float:
    """E[(Σ w)² / Σ w²] of K candidates ~ q, between 1 and K. q (N,) sums to one; log_w (N,) is finite where q > 0.

        = 1 + K (K - 1) ∫_0^∞ E_q[w exp(-u w²)]² E_q[exp(-u w²)]^(K-2) du

    over log u by the trapezoidal rule, as in `resampled_law`.
    """
    if num_candidates == 1:
        return 1.0
    possible = q > 0
    w, mass = np.exp(log_w[possible] - log_w[possible].max()), q[possible]
    v = np.arange(math.log(1e-18), math.log(800) - 2 * math.log(w.min()), 1 / 64)
    u = np.exp(v)[:, None]
    decay = np.exp(-u * w**2)
    pairs = (u[:, 0] * (decay @ (mass * w)) ** 2 * (decay @ mass) ** (num_candidates - 2)).sum() / 64
    return float(1 + num_candidates * (num_candidates - 1) * pairs)
