"""Security at every desk: report an incident or a weakness, ask for an export, change the own password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import privacy
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("safety", __name__, url_prefix="/safety")


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """What the person has reported."""

    id: str
    at: str
    kind: str
    text: str
    status: str


@dataclass(frozen=True, kw_only=True)
class IncidentsView:
    kinds: Sequence[Option]
    kind: str
    text: str
    reports: Sequence[ReportView]
    problems: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ExportView:
    kinds: Sequence[Option]
    what: str
    purpose: str


@bp.get("/")
def incidents() -> Response:
    """Show the form and what was reported from this seat."""
    return _incidents()


@bp.post("/incidents")
def report_incident() -> Response:
    """Report an incident or a weakness."""
    fields = {name: request.form.get(name, "").strip() for name in ("kind", "text")}
    return doing.do(
        "incident.report",
        lambda: keyboard.perform(privacy.report_incident, **fields),
        then=lambda _: url_for(".incidents"),
        again=_incidents,
    )


@bp.get("/export")
def export() -> Response:
    """Show the form that asks for patients' data."""
    return _export()


@bp.post("/export")
def request_export() -> Response:
    """Ask for patients' data."""
    fields = {name: request.form.get(name, "").strip() for name in ("what", "purpose")}
    return doing.do(
        "export.request",
        lambda: keyboard.perform(privacy.request_export, **fields),
        then=lambda _: url_for(".export"),
        again=_export,
    )


def _incidents(refusal: Refused | None = None) -> Response:
    glossary = keyboard.glossary()
    with keyboard.looking() as act:
        reports = [
            ReportView(
                id=each["id"],
                at=keyboard.when(each["reported_at"]),
                kind=glossary.name("incident_kind", each["kind"]),
                text=each["text"],
                status=keyboard.say(f"safety.status.{each['status']}"),
            )
            for each in privacy.reports(act)
        ]
    typed = request.form if refusal is not None else {}
    malformed = refusal is not None and refusal.code == "E-GEN-06"
    view = IncidentsView(
        kinds=glossary.options("incident_kind"),
        kind=typed.get("kind", ""),
        text=typed.get("text", ""),
        reports=reports,
        problems={name: malformed and not typed.get(name, "").strip() for name in ("kind", "text")},
    )
    return _show("shell/incidents.html", view, refusal, here=url_for(".incidents"))


def _export(refusal: Refused | None = None) -> Response:
    typed = request.form if refusal is not None else {}
    view = ExportView(
        kinds=keyboard.glossary().options("export_kind"), what=typed.get("what", ""), purpose=typed.get("purpose", "")
    )
    return _show("shell/export.html", view, refusal, here=url_for(".export"))


def _show(template: str, view: object, refusal: Refused | None, *, here: str) -> Response:
    return frames.show(
        Page(
            template=template,
            title="tab.safety",
            tab="safety",
            view=view,
            keys=("F2=submit",),
            here=here,
            refusal=refusal,
        )
    )
