"""What decides a run, in words and numbers. No torch here: a page shows its controls before it loads a model.

Each field carries its description (`settings.py`), from which links, run files, flags and controls derive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .catalogue import ENERGIES, SAMPLERS, TEXT, check_together, energy_terms
from .messages import N_
from .refusals import Refusal
from .settings import Choice, Real, Setting, Span, Switch, Text, Whole, check_choice, described, settings_of, shown

REVEALS = {"random": N_("Anywhere"), "dilated": N_("Far apart")}
MIN_TEMPERATURE = 1e-3  # far below it, log-probabilities divided by it leave the range of float32
MAX_LENGTH, MAX_STEPS, MAX_CANDIDATES, MAX_CHAINS = 1024, 1024, 512, 1024
MAX_PAGE_LENGTH = 128  # of a text that a page writes
MAX_PROMPT = 2000  # characters, on a page
SEEDS = 2**32


@dataclass(frozen=True)
class SampleConfig:
    """Everything that decides a run besides the models. Hashable: it is also the cache key."""

    length: int = described(
        64,
        Whole(
            flag="--length",
            keys=("length",),
            label=N_("Length in tokens"),
            usage="tokens in a text",
            least=1,
            most=MAX_LENGTH,
            page=(8, MAX_PAGE_LENGTH),
            unit="tokens",
        ),
    )
    num_steps: int = described(
        16,
        Whole(
            flag="--steps",
            keys=("steps",),
            label=N_("Steps T"),
            help=N_("Fewer steps: more words at once, more contradictions."),
            least=1,
            most=MAX_STEPS,
            page=(1, 128),
        ),
    )
    num_candidates: int = described(
        8,
        Whole(
            flag="--candidates",
            keys=("k",),
            label=N_("Drafts per step K"),
            help=N_("How many complete candidates the energy chooses from. 1: nothing to choose."),
            least=1,
            most=MAX_CANDIDATES,
            page=(1, 64),
        ),
    )
    window: tuple[float, float] = described(  # the energy acts at times t in [low, high]; outside K = 1
        (0.0, 1.0),
        Span(
            flag="--window",
            keys=("low", "high"),
            label=N_("The energy acts at times t"),
            help=N_("t = 1 is the start, all masked; t = 0 the finished text. Outside, the first draft is taken."),
            least=0.0,
            most=1.0,
            page=(0.0, 1.0),
            step=0.05,
            refusal="window",
        ),
    )
    temperature: float = described(  # of the denoiser's marginals; log q is that of the tempered ones
        1.0,
        Real(
            flag="--temperature",
            keys=("temperature",),
            label=N_("Temperature of the words"),
            help=N_("Below 1 the denoiser plays safe; above 1 it is adventurous."),
            least=MIN_TEMPERATURE,
            most=math.inf,
            page=(0.5, 1.5),
            step=0.05,
            refusal="temperature",
        ),
    )
    energy_temperature: float = described(  # weights are softmax(-E / this)
        1.0,
        Real(
            flag="--energy-temperature",
            keys=("energy_temperature",),
            label=N_("Temperature of the energy"),
            help=N_("1 is the method. Higher trusts the energy less, lower more."),
            least=MIN_TEMPERATURE,
            most=math.inf,
            page=(0.25, 8.0),
            step=0.25,
            refusal="energy-temperature",
        ),
    )
    reveal: str = described(  # each position at a step of its own drawing, or "dilated": those of a step far apart
        "random",
        Choice(
            flag="--reveal",
            keys=("reveal",),
            label=N_("Places written at one step"),
            help=N_("Words far apart depend less on each other, so they contradict each other less."),
            usage="dilated: the positions of one step lie far apart",
            choices=REVEALS,
        ),
    )
    adaptive: bool = described(  # no more candidates than exp(entropy of what is masked): K depends on x_t alone
        False,
        Switch(
            flag="--adaptive",
            keys=("adaptive",),
            label=N_("Fewer drafts where little is open"),
            help=N_("No more drafts than there are likely texts: exp(entropy of what is masked)."),
            usage="no more candidates than exp(entropy of what is masked)",
        ),
    )
    num_chains: int = described(
        1,
        Whole(
            flag="--num",
            keys=("num",),
            label=N_("Texts"),
            usage="how many texts",
            least=1,
            most=MAX_CHAINS,
            page=(1, 1),
            unit="texts",
        ),
    )
    seed: int = described(  # chain b draws from seed + b
        0,
        Whole(
            flag="--seed",
            keys=("seed",),
            label=N_("Seed"),
            help=N_("The same seed gives the same text."),
            usage="text n is drawn from seed + n",
            least=0,
            most=SEEDS - 1,
        ),
    )

    def __post_init__(self) -> None:
        for name, setting in settings_of(SampleConfig).items():
            setting.check(getattr(self, name))
        if self.seed + self.num_chains > SEEDS:
            raise Refusal("seeds", most=SEEDS, seed=self.seed, num=self.num_chains)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> SampleConfig:
        """From a run file's `config`; what an older file lacks has its default. Raises Refusal."""
        unknown = sorted(set(stored) - {f.name for f in fields(cls)})
        if unknown:
            raise Refusal("config-unknown", got=shown(unknown[0]))
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
        return cls(**values)


@dataclass(frozen=True)
class Energy(Setting):
    """One of ENERGIES, text:<model>, or several joined by +, which are added up."""

    def check(self, value: Any) -> None:
        if not isinstance(value, str):
            check_choice(self.name, value, (*ENERGIES, f"{TEXT}<model>"))
        energy_terms(value)

    def check_page(self, value: str) -> None:
        """On a page no model from a visitor's path, and each energy once: a sum of a hundred is a hundred calls."""
        for term in value.split("+"):
            check_choice(self.name, term, ENERGIES)
        if len(set(value.split("+"))) < len(value.split("+")):
            raise Refusal("energy-twice", got=shown(value))

    def read(self, key: str, text: str, before: str) -> str:
        self.check_page(text)
        return text


@dataclass(frozen=True)
class Request:
    """What to sample. `mdlm` is `edlm` without an energy and with one candidate."""

    sampler: str = described(
        "edlm",
        Choice(
            flag="--sampler",
            keys=("sampler",),
            label=N_("Sampler of the second lane"),
            help=N_("docs/samplers.md says what each does, what its law is and how well it did."),
            choices={name: spec.label for name, spec in SAMPLERS.items()},
        ),
    )
    energy: str = described(
        "ar",
        Energy(
            flag="--energy",
            keys=("energy",),
            label=N_("Energy: who judges the drafts"),
            usage=f"{', '.join(ENERGIES)}, {TEXT}<model>, or several joined by +",
        ),
    )
    config: SampleConfig = SampleConfig()
    prompt: str | None = described(
        None,
        Text(
            flag="--prompt",
            keys=("prompt",),
            label=N_("Begin the story, or leave blanks"),
            help=N_(
                "Your text stays as it is. Each underscore is one token to fill in; the model continues after it. "
                "For an underscore that stays, write `\\_`."
            ),
            usage=r"text to begin with; each underscore is a blank to fill, \_ an underscore",
            most=MAX_PROMPT,
        ),
    )

    def __post_init__(self) -> None:
        for name, setting in settings_of(Request).items():
            setting.check(getattr(self, name))
        check_together(self.sampler, self.energy)
