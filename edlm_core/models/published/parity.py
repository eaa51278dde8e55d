"""Whether a network answers as the published code did, and what it answers to a fixed input, for its card.

The answers are a safetensors file: `x_t` (B, L) ids, or `x` for a left-to-right model, and any of

    logits, logits_sigma0   (B, L, V), as the network gives them: before a shift by one, at noise level 0
    logits_sigma            the same at noise levels `sigma` (B,)
    log_probs               (B, L, V), the mask's logit set to -1000 before the log-softmax
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...refusals import Refusal
from ..weights import read_headers, read_tensors
from .dit import Dit
from .layout import Published

INPUTS, ANSWERS = ("x_t", "x"), ("logits", "logits_sigma0", "logits_sigma", "log_probs")
MASKED = -1000.0
MAX_BYTES = 2**30
FIXED_LENGTH, SHOWN = 16, 5


@dataclass(frozen=True)
class Agreement:
    """Of one published answer with ours."""

    name: str
    max_difference: float
    argmax_equal: bool


def read_answers(path: Path) -> dict[str, Tensor]:
    """Raises Refusal."""
    return read_tensors(path, read_headers(path, MAX_BYTES, ("F32", "BF16", "F16", "I64", "I32")))


@torch.inference_mode()
def agreements(published: Published, answers: Mapping[str, Tensor]) -> list[Agreement]:
    """Raises Refusal where there is no input, no answer, or one of another shape."""
    ids = next((answers[name] for name in INPUTS if name in answers), None)
    names = [name for name in ANSWERS if name in answers]
    if ids is None or not names:
        raise Refusal("parity-names", expected=", ".join((*INPUTS, *ANSWERS)), got=", ".join(sorted(answers)) or "—")
    V = published.config.inputs
    if ids.ndim != 2 or ids.is_floating_point() or not ids.numel() or not 0 <= ids.min() <= ids.max() < V:
        raise Refusal("parity-ids", most=V - 1)
    found = []
    for name in names:
        ours = _answer(published, name, ids.long(), answers.get("sigma"))
        if answers[name].shape != ours.shape:
            raise Refusal("parity-shape", name=name, expected=tuple(ours.shape), got=tuple(answers[name].shape))
        theirs = answers[name].float()
        same = torch.equal(ours.argmax(-1), theirs.argmax(-1))
        found.append(Agreement(name, (ours - theirs).abs().max().item(), same))
    return found


@torch.inference_mode()
def certificate(published: Published) -> dict[str, Any]:
    """The answer to a fixed input, in figures that survive another processor: what a later reading must find again."""
    V, mask = published.config.inputs, published.config.mask_token_id
    ids = (torch.arange(FIXED_LENGTH) * 7 + 3) % V
    ids[1::3] = mask
    log_probs = _answer(published, "log_probs", ids[None], None)[0]
    best = log_probs.max(-1)
    return {
        "family": published.config.family,
        "parameters": published.parameters,
        "tensors": len(published.shapes),
        "ids": ids.tolist(),
        "best": best.indices.tolist(),
        "log_probs": [round(p, 3) for p in best.values[:SHOWN].tolist()],
    }


def _answer(published: Published, name: str, ids: Tensor, sigma: Tensor | None) -> Tensor:
    network, V = published.network, published.config.inputs
    if name == "logits_sigma":
        if sigma is None or sigma.shape != ids.shape[:1] or not isinstance(network, Dit):
            raise Refusal("parity-sigma")
        hidden = network(ids, sigma=sigma)
    else:
        hidden = network(ids)
    logits = network.logits(hidden, V)
    if name != "log_probs":
        return logits
    logits[..., published.config.mask_token_id] = MASKED
    return logits.log_softmax(-1)
