"""How long nginx's questions take and how they are answered; written where the panel may read it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector

BUCKETS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1)


class GatewayFigures:
    """Times checks, by verdict: `admitted` or the reason why not."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(namespace="his_gateway", registry=registry)
        seconds = Histogram(
            "his_gateway_check_seconds",
            "Questions of nginx, by verdict",
            ["verdict"],
            registry=registry,
            buckets=BUCKETS,
        )
        self._seconds = seconds
        # Found once: this stands in the way of every request to every hospital.
        self._admitted = seconds.labels("admitted")

    def checked(self, verdict: str, seconds: float) -> None:
        """One question was answered."""
        (self._admitted if verdict == "admitted" else self._seconds.labels(verdict)).observe(seconds)
