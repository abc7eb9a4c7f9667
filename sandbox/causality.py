"""One id from click to container: what a log line says about whose wish it serves, and about what.

Rooms bind facts, the log's formatter reads them. Nothing decides by them: an operation that needs the id has it from
its actor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import date
from types import MappingProxyType

Fact = str | int | float

_BYTES = 6
_REQUEST_ID = re.compile(r"[0-9a-f]{12,64}")
_NOTHING: Mapping[str, Fact] = MappingProxyType({})
_bound: ContextVar[Mapping[str, Fact]] = ContextVar("his_bound", default=_NOTHING)

Bound = Token[Mapping[str, Fact]]


def fresh(draw: Callable[[int], str]) -> str:
    """Return the id of a new click, 12 hex digits: short enough to be read out on the telephone."""
    return draw(_BYTES)


def of_request(request_id: str, draw: Callable[[int], str]) -> str:
    """Return the id of a click from what the front calls its request; a new one if that is absent or malformed."""
    if not _REQUEST_ID.fullmatch(request_id):
        return fresh(draw)
    return request_id[: 2 * _BYTES]


def of_night(local_date: date) -> str:
    """Return the id of what a nightly reset leads to: as long as a click's, and told from one at a glance."""
    return f"night-{local_date:%y%m%d}"


def bind(**facts: Fact | None) -> Bound:
    """Have every log line of this thread say these facts until `unbind`; empty ones are left out."""
    return _bound.set({**_bound.get(), **{name: fact for name, fact in facts.items() if fact not in (None, "")}})


def unbind(bound: Bound) -> None:
    """Take back what one `bind` added."""
    _bound.reset(bound)


@contextmanager
def bound(**facts: Fact | None) -> Iterator[None]:
    """Have every log line inside say these facts."""
    token = bind(**facts)
    try:
        yield
    finally:
        unbind(token)


def facts() -> Mapping[str, Fact]:
    """Return what log lines of this thread say at present."""
    return _bound.get()
