"""How long requests take, in this process's own registry: by room of the panel, never by address or person."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from werkzeug.wrappers import Response

from web import access

EXTENSION = "his-figures"
BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5)


class PanelFigures:
    """Counts and times requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(namespace="his_panel", registry=registry)
        self._seconds = Histogram(
            "his_panel_request_seconds", "Requests, by room", ["blueprint"], registry=registry, buckets=BUCKETS
        )
        self._answers = Counter(
            "his_panel_answers", "Answers, by room and kind of status", ["blueprint", "status"], registry=registry
        )

    def answered(self, blueprint: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._seconds.labels(blueprint).observe(seconds)
        self._answers.labels(blueprint, f"{status // 100}xx").inc()


def register(app: Flask) -> None:
    """Time every request of the application."""
    app.extensions[EXTENSION] = PanelFigures(CollectorRegistry())
    app.before_request(_begin)
    app.after_request(_end)


def figures() -> PanelFigures:
    """Return the figures of this process."""
    return cast(PanelFigures, current_app.extensions[EXTENSION])


def _begin() -> None:
    g.begun = access.services().clock.monotonic()


def _end(reply: Response) -> Response:
    room = request.blueprint or ("static" if request.endpoint == "static" else "none")
    figures().answered(room, reply.status_code, access.services().clock.monotonic() - g.begun)
    return reply
