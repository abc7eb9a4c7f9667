"""What auditing needs from outside."""

from __future__ import annotations

from typing import Protocol

from sandbox.audit.model import Entry


class AuditStore(Protocol):
    """Append-only. Nobody, not even this program, can change or delete an entry."""

    def append(self, entry: Entry) -> None:
        """Raises LostRaceError if the number is taken."""
        ...

    def newest(self) -> Entry | None: ...

    def page(self, *, before: int | None = None, limit: int = 100, verb: str = "", actor: str = "") -> list[Entry]:
        """Return entries with a number below `before`, newest first."""
        ...

    def chain(self, *, after: int = 0, limit: int = 1000) -> list[Entry]:
        """Return entries with a number above `after`, oldest first."""
        ...


class Stores(Protocol):
    """What every room's operations need to leave a trace."""

    @property
    def audit(self) -> AuditStore: ...
