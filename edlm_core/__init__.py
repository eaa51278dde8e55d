"""EDLM: energy-based diffusion language models (Xu et al., ICLR 2025, arXiv 2410.21357).

Conventions, everywhere in this package:

    B sequences (chains) · K candidates per sequence · L positions · V tokens without the mask
    m the mask id, equal to V
    t = 1 all masked, t = 0 clean; s < t is the next, cleaner time
    alpha(t) = P(a position is still clean at t)
    low energy = plausible:  p(x_0 | x_t) = p_theta(x_0 | x_t) · exp(-E(x_0, x_t, t)) / Z(x_t)
    log-probabilities are named log_…, in nats

Start reading at `edlm_core/method/sampling.py`.
"""

import os
from importlib import import_module
from typing import Any

# Read when torch first loads. Threads that wait for one another by running in circles take the core from the very one
# that they wait for, as soon as other programs want the cores too (measured: docs/speed.md).
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

__version__ = "0.1.0"

_HOME = {
    "config": ("Request", "SampleConfig"),
    "method.autoregressive": ("autoregressive_steps",),
    "method.denoiser": ("Denoiser",),
    "method.energy": ("AutoregressiveEnergy", "ClampedEnergy", "Energy", "SumEnergy", "ZeroEnergy"),
    "method.importance": ("ImportanceWeights", "importance_resample"),
    "method.language_models": ("LanguageModel",),
    "method.proposals": ("Proposals", "propose"),
    "method.samplers": ("steps_of",),
    "method.sampling": ("StepRecord", "Trace", "sample", "sample_steps"),
    "method.schedules": ("LogLinearSchedule", "NoiseSchedule"),
    "models.checkpoints": ("Model", "load_model"),
    "models.denoisers": ("TransformerDenoiser",),
    "models.language_models": ("TransformerLanguageModel",),
    "models.learned_energy": ("LearnedEnergy",),
    "models.tokenizer": ("Tokenizer",),
    "runs.steps": ("generate", "run_steps"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    """Public names load on first use: a page must be drawn before torch has loaded."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
