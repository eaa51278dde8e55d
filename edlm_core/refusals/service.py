"""Refusals of the service: what a client asks of it."""

from __future__ import annotations

from ..messages import N_, Counted

MESSAGES: dict[str, str | Counted] = {
    "service-model": N_("model: expected one of {known}, got {got}: /v1/models has them all"),
    "service-logprobs": N_(
        "logprobs: expected one of {known}, of which they are defined, got {got}: leave it out, or choose one of these"
    ),
    "service-temperature": N_("temperature: expected 1 with {sampler}, got {got}: leave it out"),
    "service-length": N_(
        "expected 1 to {most} tokens of prompt, answer and suffix together, got {got}: shorten them, or max_tokens"
    ),
    "service-missing": N_("expected the packages that serve texts, found none: {how}"),
}
