"""The second person of an act that nobody does alone: another seat that confirms it, or the colleague on duty."""

from __future__ import annotations

from typing import Any

from his.chart import colleague
from his.chart.acting import Acting
from his.chart.refusing import Refused

COLLEAGUE = "colleague"
"""What a form or script says for the simulated colleague."""


def named(act: Acting, second: str | None) -> str | None:
    """Return how the journal names the second person: `colleague`, a seat, or the number of the member of staff."""
    if not second or second == COLLEAGUE:
        return second or None
    seat = act.one('SELECT "seat" FROM "account" WHERE "staff" = ?', second)
    found = act.one('SELECT "staff_no" FROM "staff" WHERE "id" = ?', second)
    known = (seat or {}).get("seat") or (found or {}).get("staff_no")
    return None if known is None else str(known)


def require(act: Acting, second: str | None, *, identified: bool) -> None:
    """Refuse an act done alone.

    Raises Refused E-GEN-04 without a second person, or one who is the same or of another post; E-GEN-07 if he did not
    prove who he is (`identified`).
    """
    if not second:
        raise Refused("E-GEN-04", hint_zh="请选择复核人", hint_en="Choose the second person")
    if second == COLLEAGUE:
        return
    other = act.fetch("staff", second)
    if other["id"] == act.who.staff or other["role"] != act.who.role:
        raise Refused("E-GEN-04", hint_zh="复核人须为另一位同岗位人员", hint_en="Another person of the same post")
    if not identified:
        raise Refused("E-GEN-07", hint_zh="复核人口令不正确", hint_en="The second person's password is wrong")


def agree(
    act: Acting, about: dict[str, Any], second: str | None, *, step: str, subject: str, objection: tuple[str, str]
) -> str | None:
    """Let the colleague look at the facts: he disagrees where there is an `objection` (zh, en). E-GEN-04 then.

    A seat has agreed by confirming. Return the second person's member of staff, None if nobody is needed.
    """
    if second != COLLEAGUE:
        return second or None
    zh, en = objection
    other = colleague.on_duty(act)
    if not colleague.ask(act, other, about, step=step, subject=subject, objection=zh):
        raise Refused("E-GEN-04", hint_zh=f"同事不同意:{zh}", hint_en=f"The colleague disagrees: {en}")
    return str(other["id"])
