"""What a visitor has set, to and from the address bar. Text from a link is checked like any input.

Which settings there are, their keys and limits, stands where a run is described: `edlm_core/config.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from edlm_core.catalogue import LANES, SAMPLERS
from edlm_core.config import Request, SampleConfig
from edlm_core.messages import N_
from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import Run
from edlm_core.settings import Choice, Setting, Text, described, settings_of

CORRECTING = tuple(  # those that ask an energy first
    sorted((name for name, sampler in SAMPLERS.items() if sampler.corrects), key=lambda n: not SAMPLERS[n].asks_energy)
)
PAGE_CONFIG = SampleConfig(reveal="dilated")  # does as much as eight drafts, for nothing
CONFIG, REQUEST = settings_of(SampleConfig), settings_of(Request)


@dataclass(frozen=True, kw_only=True)
class Lanes(Setting):
    """Some of LANES, each once."""

    def check(self, value: tuple[str, ...]) -> None:
        if not value:
            raise Refusal("lanes-none")
        if set(value) - set(LANES) or len(set(value)) < len(value):
            raise Refusal("lanes", known=", ".join(LANES), got=repr(",".join(value))[:80])

    def write(self, value: tuple[str, ...]) -> dict[str, str]:
        return {self.keys[0]: ",".join(value)}

    def read(self, key: str, text: str, before: Any) -> tuple[str, ...]:
        return tuple(text.split(","))


@dataclass(frozen=True)
class Settings:
    """The controls' values: a run's description, and what of it a page shows side by side."""

    model: str = described("tales", Text(flag="--model", keys=("model",), label=N_("Model"), most=200))
    lanes: tuple[str, ...] = described(
        ("mdlm", "edlm"),
        Lanes(
            flag="--lanes",
            keys=("lanes",),
            label=N_("Lanes"),
            help=N_("All lanes share one reveal schedule and one noise."),
        ),
    )
    sampler: str = described(  # of the corrected lane: the best at equal cost in parallel, see docs/samplers.md
        "corrector",
        Choice(
            flag="--sampler",
            keys=("sampler",),
            label=REQUEST["sampler"].label,
            help=REQUEST["sampler"].help,
            choices={name: SAMPLERS[name].label for name in CORRECTING},
        ),
    )
    energy: str = described("ar", REQUEST["energy"])
    prompt: str = described("", REQUEST["prompt"])
    config: SampleConfig = PAGE_CONFIG

    def __post_init__(self) -> None:
        for name, setting in SETTINGS.items():
            setting.check_page(self.value(name))
            if name not in CONFIG:  # which has checked its own
                setting.check(self.value(name))
        self.requests()  # that they go together

    def value(self, name: str) -> Any:
        return getattr(self.config if name in CONFIG else self, name)

    def set(self, **values: Any) -> Settings:
        """The same with other values, by the names of SETTINGS. Raises Refusal."""
        config = {name: value for name, value in values.items() if name in CONFIG}
        rest = {name: value for name, value in values.items() if name not in CONFIG}
        return replace(self, config=replace(self.config, **config), **rest)

    def requests(self) -> list[Request]:
        """One a lane, in the order independent, energy-corrected, autoregressive."""
        names = [self.sampler if SAMPLERS[lane].corrects else lane for lane in LANES if lane in self.lanes]
        return [Request(name, self.energy, self.config, self.prompt or None) for name in names]

    def query(self) -> dict[str, str]:
        """What differs from the defaults, and always the seed: a link without one is no run."""
        return {
            key: text
            for name, setting in SETTINGS.items()
            for (key, text), default in zip(
                setting.write(self.value(name)).items(), setting.write(DEFAULT.value(name)).values(), strict=True
            )
            if text != default or name == "seed"
        }


SETTINGS: dict[str, Setting] = settings_of(Settings) | CONFIG
DEFAULT = Settings()
KEYS = frozenset(key for setting in SETTINGS.values() for key in setting.keys)  # of a link


def settings_of_query(query: Mapping[str, str]) -> tuple[Settings, list[Refusal]]:
    """The settings a link asks for, and a refusal for each part of it that could not be used."""
    settings, problems = DEFAULT, []
    for name, key, setting in _parts():
        if key not in query:
            continue
        try:
            settings = settings.set(**{name: setting.read(key, query[key], settings.value(name))})
        except Refusal as refusal:
            problems.append(refusal)
    return settings, problems


def _parts() -> Iterator[tuple[str, str, Setting]]:
    """A name, a key of a link, and the description, in order."""
    for name, setting in SETTINGS.items():
        for key in setting.keys:
            yield name, key, setting


def settings_of_run(run: Run) -> Settings | None:
    """The settings that would make a run again; None where it is beyond this page's limits."""
    try:
        samplers = [SAMPLERS[lane.sampler] for lane in run.lanes]
        return Settings(
            model=run.model.name,
            lanes=tuple(sampler.lane for sampler in samplers),
            sampler=next((sampler.name for sampler in samplers if sampler.corrects), DEFAULT.sampler),
            energy=run.energy,
            prompt=run.prompt or "",
            config=run.config,
        )
    except ValueError:
        return None


# ── under what conditions a text is the same ─────────────────────────────────────
CONDITIONS = ("weights", "dtype", "threads")  # that a link carries beside the settings


def conditions_of_run(run: Run) -> dict[str, str]:
    """What decides a text beside its settings, as far as the run says. The device is left out: a link is to work on
    another, and what differs there is the type and the order of its sums."""
    threads = run.software.get("threads")
    known = {"weights": run.model.fingerprint, "dtype": run.dtype, "threads": threads}
    return {name: str(value) for name, value in known.items() if value is not None}


def differing(asked: Mapping[str, str], run: Run) -> dict[str, tuple[str, str]]:
    """The conditions that a link was made under and this run was not, each as (the link's, here)."""
    here = conditions_of_run(run)
    both = [name for name in CONDITIONS if name in asked and name in here]
    return {name: (asked[name], here[name]) for name in both if asked[name] != here[name]}
