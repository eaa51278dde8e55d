"""What there is to know of one setting of a run besides its value: how it is called, what it may be, how it is written.

A field of `config.SampleConfig` carries one of these as metadata. Link, run file, command line and controls derive from
it, so that a setting is described once. No torch here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Shared by all kinds. `label` and `help` are marked for translation, `usage` is the command line's."""

    flag: str  # of the command line; without its dashes, the name that a refusal says
    keys: tuple[str, ...]  # of a link; more than one where the value has parts
    label: str
    help: str = ""
    usage: str = ""

    @property
    def name(self) -> str:
        return self.flag.removeprefix("--").replace("-", " ")

    @property
    def dest(self) -> str:
        """The attribute that argparse makes of the flag."""
        return self.flag.removeprefix("--").replace("-", "_")

    def check(self, value: Any) -> None:
        """Raises Refusal where no run can have this value."""

    def check_page(self, value: Any) -> None:
        """Raises Refusal where a page would not stay quick with this value."""

    def write(self, value: Any) -> dict[str, str]:
        """The value as the parts of a link."""
        return {self.keys[0]: str(value)}

    def read(self, key: str, text: str, before: Any) -> Any:
        """The value `before` with the part that `key` names as a link's `text` has it. Raises Refusal."""
        return text

    def argument(self) -> dict[str, Any]:
        """What argparse is told besides flag and default."""
        return {"help": self.usage or None}


@dataclass(frozen=True, kw_only=True)
class Numeric(Setting):
    """`least` and `most` hold for every run; `page` is narrower, what a slider spans, `step` how it moves."""

    least: float
    most: float
    page: tuple[float, float] | None = None
    step: float | None = None
    unit: str = ""

    def check_page(self, value: Any) -> None:
        if self.page is not None:
            _within(self.keys[0], value, self.page)


@dataclass(frozen=True, kw_only=True)
class Whole(Numeric):
    def check(self, value: Any) -> None:
        check_whole(self.name, value, int(self.least), int(self.most))

    def read(self, key: str, text: str, before: Any) -> int:
        value = _number(key, text, int)
        self.check_page(value)
        return value

    def argument(self) -> dict[str, Any]:
        return super().argument() | {"type": int}


@dataclass(frozen=True, kw_only=True)
class Real(Numeric):
    refusal: str = "real"  # the code, where there is more to say than the limits

    def check(self, value: Any) -> None:
        if not (_is_real(value) and self.least <= value <= self.most and value < math.inf):  # false for NaN too
            raise Refusal(self.refusal, name=self.name, least=self.least, most=self.most, got=shown(value))

    def write(self, value: float) -> dict[str, str]:
        return {self.keys[0]: _shortest(value)}

    def read(self, key: str, text: str, before: Any) -> float:
        value = _number(key, text, float)
        self.check_page(value)
        return value

    def argument(self) -> dict[str, Any]:
        return super().argument() | {"type": float}


@dataclass(frozen=True, kw_only=True)
class Span(Numeric):
    """Two numbers in order, each with a key of its own."""

    refusal: str

    def check(self, value: Any) -> None:
        pair = isinstance(value, tuple) and len(value) == 2 and all(map(_is_real, value))
        if not (pair and self.least <= value[0] <= value[1] <= self.most):  # false for NaN too
            got = f"{value[0]} {value[1]}" if pair else shown(value)
            raise Refusal(self.refusal, name=self.name, least=self.least, most=self.most, got=got)

    def check_page(self, value: tuple[float, float]) -> None:
        if self.page is not None:
            for key, end in zip(self.keys, value, strict=True):
                _within(key, end, self.page)

    def write(self, value: tuple[float, float]) -> dict[str, str]:
        return {key: _shortest(end) for key, end in zip(self.keys, value, strict=True)}

    def read(self, key: str, text: str, before: tuple[float, float]) -> tuple[float, float]:
        end = _number(key, text, float)
        value = (end, before[1]) if key == self.keys[0] else (before[0], end)
        self.check_page(value)
        return value

    def argument(self) -> dict[str, Any]:
        return super().argument() | {"type": float, "nargs": 2, "metavar": tuple(key.upper() for key in self.keys)}


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of a few names; `choices` has the label of each."""

    choices: Mapping[str, str]

    def check(self, value: Any) -> None:
        check_choice(self.name, value, self.choices)

    def read(self, key: str, text: str, before: Any) -> str:
        self.check(text)
        return text

    def argument(self) -> dict[str, Any]:
        return super().argument() | {"choices": tuple(self.choices)}


@dataclass(frozen=True, kw_only=True)
class Switch(Setting):
    def check(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise Refusal("switch", name=self.name, got=shown(value))

    def write(self, value: bool) -> dict[str, str]:
        return {self.keys[0]: str(int(value))}

    def read(self, key: str, text: str, before: Any) -> bool:
        check_choice(key, text, ("0", "1"))
        return text == "1"

    def argument(self) -> dict[str, Any]:
        return super().argument() | {"action": "store_true"}


@dataclass(frozen=True, kw_only=True)
class Text(Setting):
    """Any text, on a page of at most so many characters."""

    most: int

    def check(self, value: Any) -> None:
        if not isinstance(value, str | None):
            raise Refusal("text", name=self.name, got=shown(value))

    def check_page(self, value: str | None) -> None:
        if value is not None and len(value) > self.most:
            raise Refusal("text-too-long", name=self.keys[0], most=self.most, got=len(value))

    def read(self, key: str, text: str, before: Any) -> str:
        self.check_page(text)
        return text


# ── as metadata ──────────────────────────────────────────────────────────────────
def described(default: Any, setting: Setting) -> Any:
    """A dataclass field with this default that carries its description."""
    return field(default=default, metadata={"setting": setting})


def settings_of(described_class: type) -> dict[str, Setting]:
    """The descriptions that the fields of a dataclass carry, by the field's name."""
    return {f.name: f.metadata["setting"] for f in fields(described_class) if "setting" in f.metadata}


# ── checks that other arguments share ────────────────────────────────────────────
def check_whole(name: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refusal("whole", name=name, least=least, most=most, got=shown(value))


def check_choice(name: str, value: Any, known: Collection[str]) -> None:
    if not isinstance(value, str) or value not in known:
        raise Refusal("choice", name=name, known=", ".join(known), got=shown(value))


def shown(value: Any) -> str:
    """What came, on one line and no longer than that."""
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _is_real(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _within(key: str, value: float, page: tuple[float, float]) -> None:
    if not page[0] <= value <= page[1]:  # false for NaN too
        raise Refusal("page", name=key, least=page[0], most=page[1], got=value)


def _number(key: str, text: str, kind: Callable[[str], Any]) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise Refusal("number", name=key, got=shown(text)) from None


def _shortest(value: float) -> str:
    """As few digits as give the same number again."""
    return repr(float(value)).removesuffix(".0")
