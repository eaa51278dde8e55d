"""What a measurement takes, and what a page says of it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from edlm_core.config import Request
from edlm_core.runs.costs import Rates, estimate_seconds

from ...app.i18n import gettext as _
from ...app.i18n import time_of


def seconds_of(requests: Iterable[Request], rates: Rates) -> float:
    """Of all their texts; without end where nobody knows yet."""
    total = 0.0
    for request in requests:
        seconds = estimate_seconds([request], rates)
        total += math.inf if seconds is None else request.config.num_chains * seconds
    return total


def cost(seconds: float) -> str:
    if seconds == math.inf:
        return _("What a run costs is known once the model has warmed up.")
    return _(
        "About {time} on this machine. It goes on when you leave this page, and can be stopped; what is done stays."
    ).format(time=time_of(seconds))
