"""The request section: laboratory and examinations, their safety questions, alerts, cancelling, and short codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import dictionary
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.clinic import drawing, forms, lists, screening, views
from his.clinic.drawing import OPEN, Section
from his.clinic.operations import prescribing, requesting
from his.clinic.operations.requesting import CATALOGUES, IMAGING, LAB
from his.shell import doing, keyboard
from his.shell.glossary import Option, money

bp = Blueprint("clinic_requests", __name__, url_prefix="/clinic/requests")

_CANCEL: Mapping[str, Operation] = {LAB: requesting.cancel_lab, IMAGING: requesting.cancel_imaging}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A request of this visit."""

    table: str
    id: str
    version: int
    name: str
    detail: str
    dept: str
    at: str
    by: str
    price: str
    status: str
    may_cancel: bool


@dataclass(frozen=True, kw_only=True)
class Exam:
    """The exam picked, with what it asks."""

    code: str
    name: str
    price: str
    dept: str
    preparation: str
    sided: bool
    questions: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class RequestView(views.ChartView):
    rows: Sequence[Row]
    editing: bool
    has_diagnosis: bool
    exam: Exam | None
    sides: Sequence[Option]
    cancel_reasons: Sequence[Option]
    override_reasons: Sequence[Option]
    asked: str
    """Table that the refused form was about."""
    missing: frozenset[str]
    alerts: Sequence[views.AlertView]
    code: str
    note: str
    reason_wrong: bool
    blocked: bool = False
    disagreed: str = ""

    @property
    def needs_answer(self) -> bool:
        """Whether going on takes a reason."""
        return bool(self.alerts)


def build(section: Section) -> RequestView:
    """Build the section; a refused form comes back with everything that was typed."""
    act, visit, glossary = section.act, section.visit, keyboard.glossary()
    alerts = section.refusal.alerts if section.refusal is not None else ()
    exam = _exam(act, visit, request.values.get("exam", ""))
    return RequestView(
        **section.common,
        rows=[_row(each, table) for table in (LAB, IMAGING) for each in requesting.of_visit(act, visit["id"], table)],
        editing=visit["status"] in OPEN and act.who.role in ("OPD", "HOD"),
        has_diagnosis=bool(lists.diagnoses(act, visit)),
        exam=exam,
        sides=[each for each in glossary.options("laterality") if each.value in screening.SIDES],
        cancel_reasons=glossary.options("cancel_reason"),
        override_reasons=glossary.options("override_reason"),
        asked=str(section.also.get("asked", "")),
        missing=_missing(exam) if section.refusal is not None and not alerts else frozenset(),
        alerts=[lists.alert(each) for each in alerts],
        code=section.refusal.code if section.refusal is not None else "",
        note=section.also.get("note", ""),
        reason_wrong=bool(request.form.get("answering")) and not request.form.get("override_reason"),
    )


@bp.get("/_panels")
def panels() -> str:
    """Answer a short code with the panels it may mean."""
    return _candidates("lab_panels", "panel_code")


@bp.get("/_exams")
def exams() -> str:
    """Answer a short code with the examinations it may mean."""
    return _candidates("imaging_exams", "exam_code")


@bp.post("/of/<encounter>/lab")
def lab(encounter: str) -> Response:
    """Ask the laboratory."""
    panel = request.form.get("panel") or request.form.get("panel_text", "").strip().upper()
    return _create(encounter, LAB, requesting.request_lab, {"panel": panel})


@bp.post("/of/<encounter>/imaging")
def imaging(encounter: str) -> Response:
    """Ask for an examination."""
    told = {name: request.form[name] for name in screening.QUESTIONS if name in request.form}
    fields = {"exam": request.form.get("exam", ""), "laterality": request.form.get("laterality") or None, **told}
    return _create(encounter, IMAGING, requesting.request_imaging, fields)


@bp.post("/of/<encounter>/<table>/heed")
def heed(encounter: str, table: str) -> Response:
    """Go back to the form as it was typed; heeding an alert is an act of its own."""
    if table not in CATALOGUES:
        abort(404)
    items = [request.form.get(CATALOGUES[table][0], "")]
    for rule in filter(None, request.form.getlist("alert")):
        keyboard.perform(prescribing.heed, encounter=encounter, rule=rule, items=items)
    return drawing.draw(encounter, "request", build, note="request.heeded", asked=table)


@bp.post("/<table>/<key>/cancel")
def cancel(table: str, key: str) -> Response:
    """Cancel a request nobody has paid."""
    if table not in _CANCEL:
        abort(404)
    with keyboard.looking() as act:
        encounter = str(act.fetch(table, key)["encounter"])
    fields = {table: key, "reason": request.form.get("reason") or None, "version": doing.version()}
    return _press(encounter, f"{table}.cancel", lambda: keyboard.perform(_CANCEL[table], **fields), table)


def _create(encounter: str, table: str, operation: Operation, fields: Mapping[str, Any]) -> Response:
    common = {
        "stat": request.form.get("stat") == "1",
        "indication": request.form.get("indication", ""),
        "override": forms.override(request.form),
    }
    return _press(
        encounter,
        f"{table}.create",
        lambda: keyboard.perform(operation, encounter=encounter, **fields, **common),
        table,
    )


def _press(encounter: str, deed: str, run: Callable[[], Any], table: str) -> Response:
    def again(refused: Refused) -> Response:
        return drawing.draw(encounter, "request", build, refused, asked=table)

    then = url_for("clinic_chart.section", encounter=encounter, name="request")
    return doing.do(deed, run, then=lambda _: then, again=again)


def _candidates(table: str, code: str) -> str:
    with keyboard.looking() as act:
        rows = dictionary.find_services(act, table, code, request.args.get("q", ""))
    found = [
        {"code": each[code], "name": keyboard.glossary().pick(each), "price": money(each["price_cny"])} for each in rows
    ]
    return render_template("clinic/_services.html", rows=found, field=CATALOGUES[_table_of(table)][0])


def _table_of(catalogue: str) -> str:
    return next(table for table, (_, listed, _) in CATALOGUES.items() if listed == catalogue)


def _exam(act: Acting, visit: Record, code: str) -> Exam | None:
    found = act.one('SELECT * FROM "imaging_exams" WHERE "exam_code" = ?', code)
    if found is None:
        return None
    glossary = keyboard.glossary()
    return Exam(
        code=code,
        name=glossary.pick(found),
        price=money(found["price_cny"]),
        dept=glossary.name("departments", found["exec_dept"]),
        # The table has it in Chinese only; whoever reads English is asked the same questions.
        preparation=found["prep_or_contraindication_zh"] if keyboard.language() == "zh" else "",
        sided=found["side_required"] == "1",
        questions=screening.asked(act, found, act.fetch("patient", visit["patient"])),
    )


def _missing(exam: Exam | None) -> frozenset[str]:
    if exam is None:
        return frozenset()
    wanted = [*exam.questions, *(["laterality"] if exam.sided else [])]
    return frozenset(name for name in wanted if not request.form.get(name, "").strip())


def _row(record: Record, table: str) -> Row:
    glossary = keyboard.glossary()
    side = record.get("laterality") or screening.NOT_SIDED
    details = [
        keyboard.say("request.stat") if record["stat"] else "",
        "" if side == screening.NOT_SIDED else glossary.name("laterality", side),
        glossary.name("specimen_types", record["specimen_type"]) if table == LAB else "",
        record["indication"] or "",
    ]
    return Row(
        table=table,
        id=record["id"],
        version=record["version"],
        name=glossary.pick(record),
        detail=" · ".join(filter(None, details)),
        dept=glossary.name("departments", record["exec_dept"]),
        at=keyboard.when(record["requested_at"]),
        by=record["requester_name"] or "",
        price=money(record["price_cny"]),
        status=record["status"],
        may_cancel=record["status"] == "requested",
    )
