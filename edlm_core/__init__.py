"""EDLM: energy-based diffusion language models (Xu et al., ICLR 2025, arXiv 2410.21357).

Conventions, everywhere in this package:

    B sequences (chains) · K candidates per sequence · L positions · V tokens without the mask
    m the mask id, equal to V
    t = 1 all masked, t = 0 clean; s < t is the next, cleaner time
    alpha(t) = P(a position is still clean at t)
    low energy = plausible:  p(x_0 | x_t) = p_theta(x_0 | x_t) · exp(-E(x_0, x_t, t)) / Z(x_t)
    log-probabilities are named log_…, in nats

Start reading at `edlm_core/sampling.py`.
"""

from .autoregressive import autoregressive_steps
from .checkpoints import Model, load_model
from .denoiser import Denoiser, TransformerDenoiser
from .energy import AutoregressiveEnergy, Energy, ZeroEnergy
from .importance import ImportanceWeights, importance_resample
from .language_models import LanguageModel, TransformerLanguageModel
from .proposals import Proposals, propose
from .sampling import SampleConfig, StepRecord, Trace, sample, sample_steps
from .schedules import LogLinearSchedule, NoiseSchedule
from .tokenizer import Tokenizer

__version__ = "0.1.0"

__all__ = [
    "AutoregressiveEnergy", "Denoiser", "Energy", "ImportanceWeights", "LanguageModel", "LogLinearSchedule",
    "Model", "NoiseSchedule", "Proposals", "SampleConfig", "StepRecord", "Tokenizer", "Trace",
    "TransformerDenoiser", "TransformerLanguageModel", "ZeroEnergy", "autoregressive_steps",
    "importance_resample", "load_model", "propose", "sample", "sample_steps",
]  # fmt: skip
