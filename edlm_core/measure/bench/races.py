"""The races: who runs what against whom, and which of the ratios is a goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ...config import SampleConfig
from ...models.checkpoints import Model
from ...models.pretrained import is_available
from ..telling import Tell, part, untold
from .contestants import Networks, Run, autoregressive, edlm, floor, generate, mdlm, mdlm_cache, published
from .timing import Spread, interleave, peak_bytes, ratio

BY_NAME = {"floor": floor, "edlm": edlm, "mdlm": mdlm, "mdlm_cache": mdlm_cache, "ar": autoregressive}


@dataclass(frozen=True)
class Race:
    """Contestants on one config. Where the published cache never holds (many positions a step), all of its steps
    cost the same; then `first` of the T are run and the seconds multiplied."""

    name: str
    config: SampleConfig
    contestants: tuple[str, ...]
    ratio: tuple[str, str]  # above, below
    goal: float
    at_most: bool  # the goal is an upper bound
    rounds: int
    first: int | None = None
    gpt2_small: bool = False  # random weights of that shape in place of the model's

    @property
    def scale(self) -> float:
        return 1.0 if self.first is None else self.config.num_steps / self.first


def _config(B: int, L: int, T: int, K: int, window: tuple[float, float] = (0.0, 1.0)) -> SampleConfig:
    return SampleConfig(length=L, num_steps=T, num_candidates=K, num_chains=B, window=window)


ALL = ("floor", "edlm", "published", "mdlm", "ar", "generate")
FULL = (
    Race("overhead_b1", _config(1, 64, 16, 8), ALL, ("edlm", "floor"), 1.10, True, 9),
    Race("overhead_b16", _config(16, 64, 16, 8), ("floor", "edlm"), ("edlm", "floor"), 1.10, True, 3),
    Race("published_b1", _config(1, 128, 128, 8), ("edlm", "published"), ("published", "edlm"), 2, False, 3),
    Race("published_b16", _config(16, 128, 128, 8), ("edlm", "published"), ("published", "edlm"), 4, False, 3, 4),
    Race("mdlm_cache", _config(8, 64, 1024, 1), ("mdlm", "mdlm_cache"), ("mdlm_cache", "mdlm"), 1.5, False, 3),
    Race(
        "large_vocabulary",
        _config(1, 128, 128, 2, (0.8, 1.0)),
        ("edlm", "published"),
        ("published", "edlm"),
        10,
        False,
        3,
        gpt2_small=True,
    ),
)
QUICK = (
    replace(FULL[0], rounds=3),
    Race("overhead_b16", _config(16, 64, 4, 8), ("floor", "edlm"), ("edlm", "floor"), 1.10, True, 3),
    Race("published_b1", _config(1, 64, 64, 8), ("edlm", "published"), ("published", "edlm"), 2, False, 2),
    Race("published_b16", _config(16, 64, 8, 8), ("edlm", "published"), ("published", "edlm"), 4, False, 2, 1),
    Race("mdlm_cache", _config(8, 32, 128, 1), ("mdlm", "mdlm_cache"), ("mdlm_cache", "mdlm"), 1.5, False, 2),
)


def run_races(races: Sequence[Race], model: Model, tell: Tell = untold) -> dict[str, Any]:
    """`run_race` of each, by name."""
    return {race.name: run_race(race, model, part(tell, n, len(races))) for n, race in enumerate(races)}


def run_race(race: Race, model: Model, tell: Tell = untold) -> dict[str, Any]:
    """Seconds, ratio, network calls and peak bytes of one race, ready for JSON."""
    networks = Networks.gpt2_small() if race.gpt2_small else Networks.of(model)
    device = networks.device
    tell(0.0, race.name)
    brief = _runs(race, replace(race.config, num_steps=2), networks, model)  # warms up; its first step is the fullest
    peaks = {name: peak_bytes(run, device) for name, run in brief.items()}
    runs = _runs(race, race.config, networks, model)
    laps, calls = interleave(runs, race.rounds, device, lambda share: tell(share, race.name))
    scale = {name: race.scale if name == "published" else 1.0 for name in laps}
    seconds = {name: [scale[name] * lap.wall for lap in laps[name]] for name in laps}
    cpu_seconds = {name: [scale[name] * lap.cpu for lap in laps[name]] for name in laps}
    above, below = race.ratio
    measured = ratio(seconds[above], seconds[below])
    return {
        "networks": networks.name,
        "config": asdict(race.config),
        "first_steps": race.first,
        "seconds": {name: asdict(Spread.of(values)) for name, values in seconds.items()},
        "cpu_seconds": {name: asdict(Spread.of(values)) for name, values in cpu_seconds.items()},
        "ratio": {"of": f"{above} / {below}", **asdict(measured)},
        "cpu_ratio": asdict(ratio(cpu_seconds[above], cpu_seconds[below])),
        "goal": f"{'at most' if race.at_most else 'at least'} {race.goal}",
        "reached": measured.median <= race.goal if race.at_most else measured.median >= race.goal,
        "calls": {name: asdict(c) for name, c in calls.items() if c.denoiser},
        "peak_bytes": peaks,
    }


def _runs(race: Race, config: SampleConfig, networks: Networks, model: Model) -> dict[str, Run]:
    """The contestants, built; transformers' `generate` only where SmolLM2 is on this machine."""
    runs: dict[str, Run] = {}
    for name in race.contestants:
        if name == "published":
            runs[name] = published(networks, config, race.first)
        elif name != "generate":
            runs[name] = BY_NAME[name](networks, config)
        elif is_available():
            runs[name] = generate(model.smollm2.model, model.smollm2.end_of_text, config)
    return runs
