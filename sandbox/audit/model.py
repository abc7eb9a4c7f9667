"""One entry of the platform's audit trail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`facts` are small JSON values; never a password, a ticket or a patient."""

    seq: int
    at: datetime
    actor: str
    address: str
    verb: str
    subject: str
    outcome: str
    """ok, refused or failed."""
    facts: dict[str, str | int | bool | None] = field(default_factory=dict)
    prev: str
    hash: str
