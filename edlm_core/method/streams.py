"""All randomness of a run, addressed by what it decides instead of by when it is drawn. No torch.

Chain b of a run with seed s draws from streams keyed by (s + b, purpose, step). So a chain's
text does not depend on what else is in the batch, two samplers of one seed meet the same
reveal schedule and the same draws, the first candidate is the same at every K, and a CPU and a
GPU see the same numbers.
"""

from __future__ import annotations

import numpy as np

REVEAL, TOKENS, CHOICE, ACCEPT, REMASK = range(5)


def stream(seed: int, purpose: int, step: int, shape: tuple[int, ...]) -> np.ndarray:
    """float64 uniforms in [0, 1); a larger leading axis keeps the rows it had."""
    bits = np.random.Philox(np.random.SeedSequence((seed, purpose, step)))
    return np.asarray(np.random.Generator(bits).random(shape))
