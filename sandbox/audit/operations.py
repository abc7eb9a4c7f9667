"""Leaving a trace, and checking that all traces are still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal, Protocol

from sandbox.audit import chain
from sandbox.audit.model import Entry
from sandbox.audit.ports import Stores

Outcome = Literal["ok", "refused", "failed"]
Fact = str | int | bool | None

_PAGE = 1000


class Acting(Protocol):
    """Who did it. The people room's Actor is one; auditing lies below people and knows no more."""

    @property
    def id(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def cause(self) -> str: ...


def record(
    stores: Stores,
    actor: Acting,
    verb: str,
    subject: str,
    *,
    at: datetime,
    outcome: Outcome = "ok",
    facts: Mapping[str, Fact] | None = None,
) -> Entry:
    """Append one entry in the deed's own transaction: no trace, no deed. The actor's causality id is one more fact."""
    known = {"cause": actor.cause} if actor.cause else {}
    newest = stores.audit.newest()
    bare = Entry(
        seq=newest.seq + 1 if newest else 1,
        at=at,
        actor=actor.id,
        address=actor.address,
        verb=verb,
        subject=subject,
        outcome=outcome,
        facts={**(facts or {}), **known},
        prev=newest.hash if newest else chain.GENESIS,
        hash="",
    )
    entry = replace(bare, hash=chain.entry_hash(bare))
    stores.audit.append(entry)
    return entry


def verify(stores: Stores) -> str | None:
    """Return what is wrong with the whole trail in one English phrase, or None if it holds."""
    seq, prev = 0, chain.GENESIS
    while page := stores.audit.chain(after=seq, limit=_PAGE):
        broken = chain.broken_at(page, seq=seq, prev=prev)
        if broken is not None:
            return broken
        seq, prev = page[-1].seq, page[-1].hash
    return None
