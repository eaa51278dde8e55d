"""Many requests: every combination of values of some of their fields. No torch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any

from ..config import Request


def grid(request: Request, **values: Iterable[Any]) -> list[Request]:
    """Every combination of values of the request's fields and its config's, the last named running fastest; all else,
    seeds too, as in `request`."""
    return [changed(request, **dict(zip(values, chosen, strict=True))) for chosen in product(*values.values())]


def changed(request: Request, **values: Any) -> Request:
    """Other values of fields, whether they are the request's or its config's."""
    own = {name: value for name, value in values.items() if name in ("sampler", "energy", "prompt")}
    config = replace(request.config, **{name: value for name, value in values.items() if name not in own})
    return replace(request, **own, config=config)
