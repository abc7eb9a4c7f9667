"""What protects patients' data at every desk: no export without approval, reports of weaknesses and incidents."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import dictionary
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

RECEIVED = "received"


def request_export(act: Acting, *, what: str = "", purpose: str = "") -> None:
    """Ask for patients' data outside the hospital's system: E-PRV-02, for nobody here can approve it yet."""
    act.attempt("export.request", data={"what": what or None, "purpose": purpose or None})
    raise Refused("E-PRV-02")


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
    "export.request": request_export,
    "incident.report": report_incident,
}
