"""What a visitor has set, to and from the address bar. Text from a link is checked like any input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from edlm_core.config import ENERGIES, SAMPLERS, Request, SampleConfig, check_choice
from edlm_core.runs.run_file import Run

LANES = ("mdlm", "edlm", "ar")  # edlm stands for whichever sampler corrects
CORRECTING = tuple(name for name in SAMPLERS if name not in ("mdlm", "ar"))

# What the page's sliders span, narrower than what the sampler takes: the stage stays quick.
LIMITS = {
    "length": (8, 128),
    "steps": (1, 128),
    "k": (1, 64),
    "low": (0.0, 1.0),
    "high": (0.0, 1.0),
    "temperature": (0.5, 1.5),
    "energy_temperature": (0.25, 8.0),
}
MAX_PROMPT = 2000


@dataclass(frozen=True)
class Settings:
    """The controls' values, in the names that a link uses."""

    model: str = "tales"
    lanes: tuple[str, ...] = ("mdlm", "edlm")
    sampler: str = "corrector"  # of the corrected lane: the best at equal cost that draws in parallel, see README
    energy: str = "ar"
    prompt: str = ""
    length: int = 64
    steps: int = 16
    k: int = 8
    low: float = 0.0
    high: float = 1.0
    temperature: float = 1.0
    energy_temperature: float = 1.0
    reveal: str = "dilated"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, (least, most) in LIMITS.items():
            if not least <= getattr(self, name) <= most:  # false for NaN too
                raise ValueError(f"{name}: expected {least} to {most} on this page, got {getattr(self, name)}")
        if len(self.prompt) > MAX_PROMPT:
            raise ValueError(f"prompt: expected at most {MAX_PROMPT} characters, got {len(self.prompt)}")
        check_choice("sampler", self.sampler, CORRECTING)
        if not self.lanes or set(self.lanes) - set(LANES) or len(set(self.lanes)) < len(self.lanes):
            raise ValueError(f"lanes: expected some of {', '.join(LANES)}, got {', '.join(self.lanes) or 'none'}")
        check_choice("energy", self.energy, ENERGIES)
        self.requests()  # the config's own checks

    def requests(self) -> list[Request]:
        """One a lane, in the order independent, energy-corrected, autoregressive."""
        config = SampleConfig(
            length=self.length, num_steps=self.steps, num_candidates=self.k, window=(self.low, self.high),
            temperature=self.temperature, energy_temperature=self.energy_temperature, reveal=self.reveal,
            seed=self.seed,
        )  # fmt: skip
        names = [self.sampler if lane == "edlm" else lane for lane in LANES if lane in self.lanes]
        return [Request(name, self.energy, config, self.prompt or None) for name in names]

    def query(self) -> dict[str, str]:
        """What differs from the defaults, and always the seed: a link without one is no run."""
        default = Settings()
        named = {f.name: getattr(self, f.name) for f in fields(self)}
        kept = {k: v for k, v in named.items() if k == "seed" or v != getattr(default, k)}
        return {k: ",".join(v) if isinstance(v, tuple) else f"{v:g}" if isinstance(v, float) else str(v)
                for k, v in kept.items()}  # fmt: skip


def settings_of_query(query: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings a link asks for, and a line for each part of it that could not be used."""
    settings, problems = Settings(), []
    for field in fields(Settings):
        if field.name not in query:
            continue
        text = query[field.name]
        try:
            value = _PARSE[type(field.default)](text)
        except ValueError:
            problems.append(f"{field.name}: expected a number, got {text[:40]!r}")
            continue
        try:
            settings = replace(settings, **{field.name: value})
        except ValueError as error:
            problems.append(str(error))
    return settings, problems


_PARSE = {str: str, int: int, float: float, tuple: lambda text: tuple(text.split(","))}


def settings_of_run(run: Run) -> Settings | None:
    """The settings that would make a run again; None where it is beyond this page's limits."""
    config, samplers = run.config, [lane.sampler for lane in run.lanes]
    try:
        return Settings(
            model=run.model.name, lanes=tuple("edlm" if s in CORRECTING else s for s in samplers),
            sampler=next((s for s in samplers if s in CORRECTING), Settings.sampler), energy=run.energy,
            prompt=run.prompt or "", length=config.length, steps=config.num_steps,
            k=config.num_candidates, low=config.window[0], high=config.window[1],
            temperature=config.temperature, energy_temperature=config.energy_temperature, seed=config.seed,
            reveal=config.reveal,
        )  # fmt: skip
    except ValueError:
        return None
