"""The models that are served: each with the thread that owns it, and a tokenizer to measure prompts by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..catalogue import SAMPLERS
from ..model_refs import ModelRef, model_refs
from ..models.checkpoints import Model, fingerprint, load_model
from ..models.tokenizer import Tokenizer
from ..refusals import Refusal
from ..work.local import Local

AUTO = "auto"


@dataclass(frozen=True)
class Served:
    ref: ModelRef
    tokenizer: Tokenizer
    fingerprint: str  # of its weights
    local: Local

    @property
    def routes(self) -> list[str]:
        return [f"{self.ref.name}:{sampler}" for sampler in (AUTO, *SAMPLERS)]


def load(names: Sequence[str]) -> dict[str, Served]:
    """Starts loading, does not wait for weights. Raises Refusal for a name that is none of the models here."""
    known = model_refs()
    served: dict[str, Served] = {}
    for name in names:
        if name not in known:
            raise Refusal("service-model", known=", ".join(known), got=repr(name[:80]))
        ref = known[name]

        def loaded(ref: ModelRef = ref) -> Model:
            return load_model(str(ref.folder))

        served[name] = Served(ref, Tokenizer.load(ref.folder), fingerprint(ref.folder), Local(loaded))
    return served
