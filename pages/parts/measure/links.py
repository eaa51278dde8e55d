"""The link that writes a text again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edlm_core.catalogue import LANES, PLAIN, SAMPLERS
from edlm_core.config import SampleConfig
from edlm_core.refusals import Refusal

from ..app.links import CONDITIONS, CONFIG, DEFAULT, Settings


def query_of(row: Mapping[str, Any]) -> dict[str, str] | None:
    """Of one text; None where it is beyond a page's limits. A corrected text comes with the independent one."""
    spec = SAMPLERS[row["sampler"]]
    values = {name: row[name] for name in CONFIG if name not in ("window", "num_chains")}
    lanes = {spec.lane, PLAIN.lane} if spec.corrects else {spec.lane}
    try:
        settings = Settings(
            model=row["model"],
            lanes=tuple(lane for lane in LANES if lane in lanes),
            sampler=spec.name if spec.corrects else DEFAULT.sampler,
            energy=row["energy"],
            prompt=row["prompt"] or "",
            config=SampleConfig(window=(row["window_low"], row["window_high"]), **values),
        )
    except Refusal:
        return None
    made_under = {"weights": row["fingerprint"], "dtype": row["dtype"], "threads": row["threads"]}
    return settings.query() | {name: str(made_under[name]) for name in CONDITIONS}
