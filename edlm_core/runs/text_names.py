"""What a run file says of an energy `text:<model>`: a name and a fingerprint, never a path of the machine it came from.

`text:/home/ann/models/owl` is recorded as `text:owl#3f2a90c1d4e5`, where the digits say which weights it was. Such a
name finds its model only where that has been loaded from its folder before; it is never looked up on a disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..catalogue import TEXT, TEXT_MODELS

_RECORDED = re.compile(r"[^/\\]*#([0-9a-f]{12}|unknown)")


def recorded_energy(energy: str, fingerprint: Callable[[str], str]) -> str:
    """An energy's name for a file, from the one that it was asked for by. `fingerprint` tells a model's weights."""
    return _renamed(energy, lambda name: f"{_last(name)}#{fingerprint(name)}")


def foreign_energy(energy: str) -> str:
    """An energy's name from a file, whatever the file says: without any path."""
    return _renamed(energy, lambda name: f"{_last(name)}#unknown")


def is_recorded(name: str) -> bool:
    """Whether a text model's name is one that a file has, rather than a folder or a hub id."""
    return _RECORDED.fullmatch(name) is not None


def _renamed(energy: str, rename: Callable[[str], str]) -> str:
    """The energy with its text models renamed that have no name of their own."""

    def of(part: str) -> str:
        name = part.removeprefix(TEXT)
        stays = not part.startswith(TEXT) or name in TEXT_MODELS or is_recorded(name)
        return part if stays else TEXT + rename(name)

    return "+".join(of(part) for part in energy.split("+"))


def _last(name: str) -> str:
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1].replace("#", "_")[:100] or "model"
