"""The judges of finished texts: a row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..messages import N_


@dataclass(frozen=True, kw_only=True)
class JudgeSpec:
    name: str
    label: str
    pretrained: bool  # its weights are a package of their own, which may not be there


JUDGES: Mapping[str, JudgeSpec] = {
    spec.name: spec
    for spec in (
        JudgeSpec(name="smollm2", label=N_("SmolLM2"), pretrained=True),
        JudgeSpec(name="ar", label=N_("small autoregressive model"), pretrained=False),
    )
}  # the first that is there is the one to ask: the less it has to do with the models, the better
