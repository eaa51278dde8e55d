"""What decides a run, in words and numbers. No torch here: a page shows its controls before it loads a model."""

from __future__ import annotations

import math
from dataclasses import dataclass

SAMPLERS = (
    "mdlm", "edlm", "edlm-mh", "i-sir", "block", "gibbs", "corrector", "smc",
    "remask", "confidence", "entropy", "speculative", "ar",
)  # fmt: skip
READABLE = {  # samplers that need an autoregressive model itself, and the energies that have one
    "smc": ("none", "ar", "smollm2", "text:"),
    "speculative": ("none", "ar", "coar", "smollm2"),
}
UNCORRECTED = ("mdlm", "remask", "confidence", "entropy", "ar")  # ask no energy
ENERGIES = ("none", "ar", "coar", "nce", "smollm2")
TEXT = "text:"  # text:<folder or hub id>, any causal language model, scored on the decoded text
JUDGES = ("smollm2", "ar")
REVEALS = ("random", "dilated")
MIN_TEMPERATURE = 1e-3  # far below it, log-probabilities divided by it leave the range of float32
MAX_LENGTH, MAX_STEPS, MAX_CANDIDATES, MAX_CHAINS = 1024, 1024, 512, 1024


@dataclass(frozen=True)
class SampleConfig:
    """Everything that decides a run besides the models. Hashable: it is also the cache key."""

    length: int = 64
    num_steps: int = 16
    num_candidates: int = 8
    window: tuple[float, float] = (0.0, 1.0)  # the energy acts at times t in [low, high]; outside K = 1
    temperature: float = 1.0  # of the denoiser's marginals; log q is that of the tempered ones
    energy_temperature: float = 1.0  # weights are softmax(-E / this)
    reveal: str = "random"  # each position at a step of its own drawing, or "dilated": those of a step far apart
    adaptive: bool = False  # no more candidates than exp(entropy of what is masked): K depends on x_t alone
    num_chains: int = 1
    seed: int = 0  # chain b draws from seed + b

    def __post_init__(self) -> None:
        check_whole("length", self.length, 1, MAX_LENGTH)
        check_whole("steps", self.num_steps, 1, MAX_STEPS)
        check_whole("candidates", self.num_candidates, 1, MAX_CANDIDATES)
        check_whole("num", self.num_chains, 1, MAX_CHAINS)
        check_whole("seed", self.seed, 0, 2**32 - 1)
        check_choice("reveal", self.reveal, REVEALS)
        low, high = self.window
        if not 0 <= low <= high <= 1:  # false for NaN too
            raise ValueError(f"window: expected 0 <= low <= high <= 1, got {low} {high}: give two times in [0, 1]")
        for name, value, neutral in (
            ("temperature", self.temperature, "1 leaves p_theta as it is"),
            ("energy temperature", self.energy_temperature, "1 is the model's own"),
        ):
            if not MIN_TEMPERATURE <= value < math.inf:  # false for NaN too
                raise ValueError(f"{name}: expected a number from {MIN_TEMPERATURE} up, got {value}: {neutral}")


def check_whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(
            f"{name}: expected a whole number from {low} to {high}, got {value!r}: choose one in that range"
        )


def check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name}: expected one of {', '.join(known)}, got {value!r}: choose one of these")


def check_energy(name: str) -> None:
    """One of ENERGIES, text:<model>, or several joined by +, which are added up."""
    for part in name.split("+"):
        if not part.startswith(TEXT):
            check_choice("energy", part, (*ENERGIES, TEXT + "<model>"))


@dataclass(frozen=True)
class Request:
    """What to sample. `mdlm` is `edlm` without an energy and with one candidate."""

    sampler: str
    energy: str
    config: SampleConfig
    prompt: str | None = None

    def __post_init__(self) -> None:
        check_choice("sampler", self.sampler, SAMPLERS)
        check_energy(self.energy)
        readable = READABLE.get(self.sampler)
        name = TEXT if self.energy.startswith(TEXT) else self.energy
        if readable is not None and name not in readable:
            raise ValueError(
                f"energy: expected one of {', '.join(readable)} with {self.sampler}, which reads token by token, "
                f"got {self.energy}: choose one of these, or another sampler"
            )
