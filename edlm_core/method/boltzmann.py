"""From energies to log-weights, of arrays and tensors alike. The only minus sign before an energy is here; no torch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

Numbers = TypeVar("Numbers", "np.ndarray", "Tensor")  # floating


def log_weights(energy: Numbers, temperature: float = 1.0) -> Numbers:
    """log w = -energy / temperature, (..., K), unnormalised. An infinite energy forbids a candidate; where all K are
    forbidden the choice is uniform. Raises FloatingPointError if an energy is NaN or -infinity."""
    if not (energy > -math.inf).all():  # false for NaN too
        raise FloatingPointError(
            "expected energies that are numbers, got NaN or -infinity: the energy model is damaged"
        )
    log_w = -energy / temperature
    log_w[(log_w == -math.inf).all(-1)] = 0.0
    return log_w
