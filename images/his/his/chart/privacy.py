"""What protects patients' data at every desk: no export without approval, reports of weaknesses and incidents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import colleague, dictionary, second_person
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

RECEIVED = "received"
EXPORT = "export.request"
STATISTICS, AUDIT = "STATS", "AUDIT"
"""Kinds of exports that name no patient's care: another person can approve them at the desk that has the list."""
_NO_PURPOSE = ("工作需要", "工作", "备用", "for work", "work")


def request_export(act: Acting, *, what: str = "", purpose: str = "") -> None:
    """Ask for patients' data outside the hospital's system: E-PRV-02, nobody at a desk can approve that."""
    act.attempt(EXPORT, data={"what": what or None, "purpose": purpose or None})
    if what in (STATISTICS, AUDIT):
        zh, en = "统计报表、审计日志请在所在页面导出,由另一人审批", "Export reports and the audit from their own page"
        raise Refused("E-PRV-02", hint_zh=zh, hint_en=en)
    raise Refused("E-PRV-02")


def export_data(act: Acting, *, what: str, listed: str, purpose: str, second: str | None) -> dict[str, Any]:
    """Return what the journal keeps of an export: kind, which list, purpose, who approved."""
    return {
        "what": what,
        "list": listed or None,
        "purpose": purpose.strip() or None,
        "second": second_person.named(act, second),
    }


def require_approved(act: Acting, data: Mapping[str, Any], second: str | None, *, identified: bool) -> None:
    """Refuse an export that no other person of the post has approved.

    E-PRV-02 without one, or if the colleague disagrees: "for work" is no purpose; E-GEN-04 for oneself or another
    post, E-GEN-07 for who is not who he says, E-GEN-06 without a purpose.
    """
    if not second:
        raise Refused("E-PRV-02", hint_zh="请另一人审批", hint_en="Another person has to approve it")
    second_person.require(act, second, identified=identified)
    if not data["purpose"]:
        raise Refused("E-GEN-06", hint_zh="请写明用途", hint_en="State the purpose")
    if second != second_person.COLLEAGUE:
        return
    objection = "未写明具体用途" if data["purpose"].lower() in _NO_PURPOSE else ""
    other = colleague.on_duty(act)
    if not colleague.ask(act, other, {}, step=EXPORT, subject=str(data["list"]), objection=objection):
        zh, en = f"同事不同意:{objection}", "The colleague disagrees: that is no purpose"
        raise Refused("E-PRV-02", hint_zh=zh, hint_en=en)


def report_incident(act: Acting, *, kind: str = "", text: str = "") -> str:
    """Report a weakness or an incident to those responsible for security; return the report's id."""
    act.attempt("incident.report", data={"kind": kind or None})
    dictionary.require_code(act, "incident_kind", kind)
    if not text.strip():
        raise Refused("E-GEN-06")
    values = {
        "kind": kind,
        "text": text.strip(),
        "reporter": act.who.staff,
        "reported_at": act.now,
        "status": RECEIVED,
    }
    key = act.insert("incident", values)
    act.record("incident.report", target=key, data={"kind": kind})
    return key


def reports(act: Acting) -> list[Record]:
    """Return what the acting person has reported, latest first."""
    return act.rows(
        'SELECT * FROM "incident" WHERE "reporter" = ? ORDER BY "reported_at" DESC, LENGTH("id") DESC, "id" DESC',
        act.who.staff,
    )


ACTIONS: Mapping[str, Operation] = {
    EXPORT: request_export,
    "incident.report": report_incident,
}
