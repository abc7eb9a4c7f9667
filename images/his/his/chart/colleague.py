"""The simulated colleague on duty: a second person who answers by the hospital's own rules."""

from __future__ import annotations

from typing import Any

from his.chart.acting import Acting, Record
from his.chart.refusing import Refused


def on_duty(act: Acting) -> Record:
    """Return the colleague of the acting person: same role, same department if there is one. E-GEN-04 if nobody."""
    found = act.one(
        'SELECT * FROM "staff" WHERE "role" = ? AND "id" != ? '
        'AND "id" NOT IN (SELECT "staff" FROM "account") ORDER BY ("dept" = ?) DESC, "staff_no" LIMIT 1',
        act.who.role,
        act.who.staff,
        act.who.dept,
    )
    if found is None:
        raise Refused("E-GEN-04")
    return found


def ask_to_override(act: Acting, second: Record, about: dict[str, Any], text: str, *, severe: bool) -> bool:
    """Ask him to sign an overridden block as the second person; return whether he agrees.

    He disagrees if the allergy is severe or no justification is written.
    """
    act.record("colleague.ask", **about, data={"step": "prescription.sign", "subject": text or None})
    agrees = not severe and bool(text.strip())
    comment = "理由充分,同意" if agrees else "严重过敏,不同意" if severe else "未写明理由,不同意"
    answer = {"verdict": "agree" if agrees else "disagree", "comment": comment, "staff_no": second["staff_no"]}
    act.record("colleague.answer", **about, system=True, data=answer)
    return agrees
