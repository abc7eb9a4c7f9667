"""The causality id of each request: bound to every log line, shown as the reference, handed on with the actor."""

from __future__ import annotations

import logging
import secrets
from typing import cast

from flask import Flask, g, request
from werkzeug.wrappers import Response

from sandbox import causality

log = logging.getLogger(__name__)

HEADER = "X-Request-Id"
"""nginx sets it anew on every request and so strips what came from outside; its sockets are the only way in."""


def begin() -> None:
    """Bind the id of this request. Before everything else, so that the first refusal has a reference too."""
    g.reference = causality.of_request(request.headers.get(HEADER, ""), secrets.token_hex)
    g.bound = causality.bind(cause=g.reference)


def end(_error: BaseException | None) -> None:
    """Let go: the thread serves somebody else next."""
    bound = g.pop("bound", None)
    if bound is not None:
        causality.unbind(bound)


def cause() -> str:
    """Return the causality id of this request."""
    return cast(str, g.reference)


def register(app: Flask) -> None:
    """Trace every request of the application, and note every click: who looks around changes nothing."""
    app.before_request(begin)
    app.teardown_request(end)
    app.after_request(_note)


def _note(reply: Response) -> Response:
    # Neither address nor form: what people typed stays out of the log.
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        known = g.get("person")
        said = {"method": request.method, "page": request.endpoint or "", "status": reply.status_code}
        log.info("click", extra=said | {"person": known.id if known else ""})
    return reply
