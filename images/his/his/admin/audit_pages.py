"""The page of the audit: a filter and what it finds, for IT and for heads of department."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.admin import auditing
from his.admin.auditing import Found
from his.chart.acting import Record
from his.chart.refusing import Refused
from his.shell import doing, exporting, frames, keyboard, seconds
from his.shell.frames import Page
from his.shell.glossary import Option
from sandbox.contract.events import ACTIONS

bp = Blueprint("admin_audit", __name__, url_prefix="/admin/audit")

_RELATIONS = ("own", "department", "request", "author7d", "break_glass", "none")
"""Treatment relations that have words."""
LISTS = frozenset(
    {
        "desk.accounts", "desk.board", "desk.booking", "desk.countersign", "desk.finance", "desk.pharmacy",
        "desk.prices", "desk.records", "desk.refund", "desk.refunds", "desk.registration", "desk.schedule",
        "desk.shift", "desk.treatment", "desk.triage",
    }
)  # fmt: skip
"""Lists that have words."""
_FIELDS = ("actor", "kind", "mrn", "outcome")


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    seq: int
    at: str
    who: str
    action: str
    code: str
    mrn: str
    told: str
    refused: bool


@dataclass(frozen=True, kw_only=True)
class AuditView:
    given: dict[str, str]
    actors: Sequence[Option]
    kinds: Sequence[Option]
    outcomes: Sequence[Option]
    rows: Sequence[AuditRow]
    earlier: str
    later: str
    whole: bool
    """Whether the whole hospital's audit is shown, or one department's."""
    document: str
    patient: str
    back: str
    export: str


@bp.get("", endpoint="audit")
def show_audit() -> Response:
    """Look into the audit."""
    given = {name: request.args.get(name, "").strip() for name in _FIELDS}
    before = _before()
    found = keyboard.perform(auditing.query, **given, before=before)
    whole = keyboard.who().role == "ITA"
    return frames.show(
        Page(
            template="admin/audit.html",
            title="desk.admin" if whole else "desk.head",
            tab="audit" if whole else "department_audit",
            view=_view(found, given, before, whole=whole),
            keys=("F3=find_audit", "F6=export", "F8=print"),
        )
    )


@bp.get("/export")
def export_form() -> Response:
    """Ask for the purpose of an export and for another person."""
    return _export_form({name: request.args.get(name, "").strip() for name in _FIELDS})


@bp.post("/export")
def export() -> Response:
    """Give what a filter finds as a file once another person has approved it."""
    given = {name: request.form.get(name, "").strip() for name in _FIELDS}
    purpose = request.form.get("purpose", "")

    def run() -> str:
        found = keyboard.perform(auditing.export, **given, purpose=purpose, **seconds.given())
        names = ("audit.seq", "audit.at", "audit.who", "audit.action", "strip.mrn", "audit.told", "audit.outcome")
        return exporting.table([keyboard.say(each) for each in names], (_cells(_row(each)) for each in found))

    return doing.answer_once(
        run,
        draw=lambda text: exporting.file("audit", text),
        again=lambda refused: _export_form(given, refused),
    )


def _cells(row: AuditRow) -> list[str]:
    result = keyboard.say("audit.outcome.refused" if row.refused else "audit.outcome.ok")
    return [str(row.seq), row.at, row.who, row.action, row.mrn, row.told, f"{result} {row.code}".strip()]


def _export_form(given: dict[str, str], refusal: Refused | None = None) -> Response:
    whole = keyboard.who().role == "ITA"
    return exporting.form(
        what=keyboard.say("audit.whole" if whole else "audit.department"),
        facts=(
            ("audit.who", given["actor"]),
            ("audit.kind", keyboard.say(f"audit.kind.{given['kind']}") if given["kind"] in auditing.KINDS else ""),
            ("strip.mrn", given["mrn"]),
        ),
        action=url_for(".export"),
        fields=given,
        back=url_for(".audit", **_kept(given)),
        tab="audit" if whole else "department_audit",
        refusal=refusal,
    )


def _view(found: Found, given: dict[str, str], before: int, *, whole: bool) -> AuditView:
    return AuditView(
        given=given,
        actors=[Option(value=each["actor"], label=f"{each['account']} {each['name']}") for each in found.actors],
        kinds=[Option(value=name, label=keyboard.say(f"audit.kind.{name}")) for name in auditing.KINDS],
        outcomes=[Option(value=name, label=keyboard.say(f"audit.outcome.{name}")) for name in ("ok", "refused")],
        rows=[_row(each) for each in found.rows],
        earlier=url_for(".audit", **_kept(given), before=found.rows[-1]["seq"]) if found.more else "",
        later=url_for(".audit", **_kept(given)) if before else "",
        whole=whole,
        document="audit_list",
        patient="",
        back=url_for(".audit", **_kept(given)),
        export=url_for(".export_form", **_kept(given)),
    )


def _row(row: Record) -> AuditRow:
    action = ACTIONS[row["action"]]
    english = keyboard.language() == "en"
    who = keyboard.say("audit.system") if row["system"] else f"{row['account']} {row['name']}".strip()
    return AuditRow(
        seq=row["seq"],
        at=str(row["at"])[5:19].replace("T", " "),
        who=who or row["actor"],
        action=action.en if english else action.zh,
        code=row["code"] or "",
        mrn=row["mrn"] or "",
        told=" · ".join(_told(name, value) for name, value in row["told"].items()),
        refused=row["outcome"] == "refused",
    )


def _told(name: str, value: str) -> str:
    """Return an attribute in words where it has some: how one was related to the patient, which list it was."""
    if name == "relation" and value in _RELATIONS:
        return keyboard.say(f"relation.{value}")
    return keyboard.say(f"desk.{value}") if name == "desk" and f"desk.{value}" in LISTS else value


def _kept(given: dict[str, str]) -> dict[str, Any]:
    return {name: value or None for name, value in given.items()}


def _before() -> int:
    """Return the number of the row before which to begin: later queries must not shift the pages."""
    given = request.args.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0
