"""The simulated colleague on duty: a second person who answers by the hospital's own rules."""

from __future__ import annotations

from typing import Any

from his.chart.acting import Acting, Record
from his.chart.refusing import Refused


def on_duty(act: Acting, role: str = "", *, dept: str = "", rather: str | None = None) -> Record:
    """Return the colleague on duty: no seat, of the acting person's post and department unless told otherwise.

    `rather` is the one to be asked if he is no seat. Raises Refused E-GEN-04 if there is nobody.
    """
    found = act.one(
        'SELECT * FROM "staff" WHERE "role" = ? AND "id" != ? '
        'AND "id" NOT IN (SELECT "staff" FROM "account" WHERE "seat" IS NOT NULL) '
        'ORDER BY ("id" = ?) DESC, ("dept" = ?) DESC, "staff_no" LIMIT 1',
        role or act.who.role,
        act.who.staff,
        rather or "",
        dept or act.who.dept,
    )
    if found is None:
        raise Refused("E-GEN-04")
    return found


def ask_to_override(act: Acting, second: Record, about: dict[str, Any], text: str, *, severe: bool) -> bool:
    """Ask him to sign an overridden block as the second person; return whether he agrees.

    He disagrees if the allergy is severe or no justification is written.
    """
    objection = "严重过敏" if severe else "" if text.strip() else "未写明理由"
    return ask(act, second, about, step="prescription.sign", subject=text, objection=objection, praise="理由充分")


def ask(
    act: Acting,
    second: Record,
    about: dict[str, Any],
    *,
    step: str,
    subject: str,
    objection: str,
    praise: str = "情况属实",
) -> bool:
    """Ask him to be the second person of a step; he agrees unless there is an objection. Both rows stay."""
    about = {**about, "lasting": True}
    act.record("colleague.ask", **about, data={"step": step, "subject": subject or None})
    comment = f"{objection},不同意" if objection else f"{praise},同意"
    answer = {
        "verdict": "disagree" if objection else "agree",
        "comment": comment,
        "staff_no": second["staff_no"],
    }
    act.record("colleague.answer", **about, system=True, data=answer)
    return not objection
