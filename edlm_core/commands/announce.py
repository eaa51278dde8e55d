"""What a command is about to take, on stderr, where it is worth a word."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..config import Request
from ..durations import spoken
from ..models.checkpoints import Model
from ..runs import budget
from ..runs.costs import Rates


def announce(model: Model, requests: Sequence[Request], rates: Rates | None = None) -> None:
    """That all requests fit into the memory that is free, and what the largest takes. Raises Refusal."""
    for request in requests:
        budget.check(model, request)
    needs = budget.needs(model, requests, rates or {})
    if needs.worth_a_word:
        time = "" if needs.seconds is None else f" and about {spoken(needs.seconds)}"
        print(f"takes up to {needs.bytes / 1e9:.1f} GB{time}", file=sys.stderr, flush=True)
