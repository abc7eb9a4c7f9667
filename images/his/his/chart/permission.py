"""Permissions and their scope: what a role may do at all, and with whose records. Refuses with E-GEN-02."""

from __future__ import annotations

from typing import NoReturn

from his.chart.acting import Acting, Record
from his.chart.refusing import Refused

OWN = "O"
"""Own department or own patients."""
SECOND = "S"
"""With a second person."""
BREAK_GLASS = "B"
NEVER = "-"


def scope(act: Acting, permission: str) -> str:
    """Return Y, O, S, B or -: the matrix cell of this permission for the acting role."""
    found = act.one('SELECT "scope" FROM "permission" WHERE "permission" = ? AND "role" = ?', permission, act.who.role)
    return NEVER if found is None else str(found["scope"])


def require(act: Acting, permission: str) -> str:
    """Return the scope. Raises Refused E-GEN-02 where the matrix says never."""
    found = scope(act, permission)
    if found == NEVER:
        raise Refused("E-GEN-02")
    return found


def require_own(act: Acting, record: Record) -> None:
    """Raise Refused E-GEN-02 unless the record belongs to the acting person's department or to the person."""
    mine = act.who.staff in {record.get(name) for name in ("doctor", "attending", "author", "cashier")}
    if not mine and record.get("dept") != act.who.dept:
        raise Refused("E-GEN-02")


def refuse_desk(act: Acting, *, desk: str) -> NoReturn:
    """Refuse a page of another post's desk with E-GEN-02: looked for and not seen, which the journal keeps."""
    act.attempt("queue.view", data={"desk": desk})
    raise Refused("E-GEN-02")
