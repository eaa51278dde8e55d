"""What /metrics tells, for Prometheus: no text, no prompt, no address."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Gauges:
    """Of one application; two in one process do not add up."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "edlm_requests", "Completions asked for, by route and outcome.", ["route", "status"], registry=self.registry
        )
        self.tokens = Counter("edlm_tokens", "Tokens written.", ["route"], registry=self.registry)
        self.seconds = Histogram(
            "edlm_request_seconds",
            "From the body to the whole answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.first = Histogram(
            "edlm_first_step_seconds",
            "From the body to the first step.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.active = Gauge("edlm_active_requests", "Completions that wait or are written.", registry=self.registry)
