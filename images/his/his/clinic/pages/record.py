"""The record section: what is written, signed, submitted, countersigned, amended; and who wrote what when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import accounts, reauth
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.clinic import drawing, forms, views
from his.clinic.drawing import OPEN, RECORD_TYPE, Section
from his.clinic.operations import countersigning, recording, versions
from his.shell import doing, keyboard
from his.shell.glossary import Option

bp = Blueprint("clinic_record", __name__, url_prefix="/clinic/charts")

_ROWS = {"complaint": 1, "present": 3, "past": 2, "examination": 2, "plan": 2}
_UNFIT = ("E-MR-05", "E-GEN-06")
_WRITERS = ("OPD", "HOD")
_SIGNED = ("signed", "amended")


@dataclass(frozen=True, kw_only=True)
class RecordPart:
    name: str
    text: str
    rows: int
    must: bool
    wrong: bool


@dataclass(frozen=True, kw_only=True)
class RecordView(views.ChartView):
    record: str
    version: int
    """Of the row that the form is drawn from, 0 = none yet: an old tab overwrites nothing."""
    status: str
    state_words: str
    editing: bool
    amending: bool
    may_amend: bool
    sign_to: str
    deed: str
    """What the main button does: medical_record.sign, submit, amend or countersign."""
    parts: Sequence[RecordPart]
    reason_wrong: bool
    asks_password: bool
    returned: str
    """Why the record came back from the head; '' if it did not."""
    trace: str
    """Address of its wordings; '' if none was signed."""
    templates: Sequence[Option]
    template: str

    @property
    def keys(self) -> tuple[str, ...]:
        """Function keys of what the form is for."""
        ways = {
            "medical_record.amend": ("F2=save",),
            "medical_record.countersign": ("F9=countersign",),
            "medical_record.submit": ("F2=save", "F9=submit_record"),
            "medical_record.sign": ("F2=save", "F9=sign"),
        }
        return ways.get(self.deed, ("F8=print",) if self.record else ())


def build(section: Section) -> RecordView:
    """Build the visit's record: a form for whoever may write in it now, else its text."""
    act, visit = section.act, section.visit
    found = recording.current_record(act, visit["id"], RECORD_TYPE)
    deed = _deed(act, section, found)
    template = request.args.get("template", "")
    missing = forms.missing_sections(request.form) if section.refusal and section.refusal.code in _UNFIT else set()
    texts = _texts(act, found, template)
    kept = [] if found is None else versions.of(act, found)
    return RecordView(
        **section.common,
        record="" if found is None else found["id"],
        version=0 if found is None else found["version"],
        status="" if found is None else found["status"],
        state_words=_state_words(act, found),
        editing=bool(deed),
        amending=deed == "medical_record.amend",
        may_amend=_may_amend(act, found),
        sign_to=url_for(f"clinic_record.{deed.partition('.')[2] or 'sign'}", encounter=visit["id"]),
        deed=deed,
        parts=[
            RecordPart(
                name=name, text=texts[name], rows=_ROWS[name], must=name in recording.MANDATORY, wrong=name in missing
            )
            for name in versions.SECTIONS
        ],
        reason_wrong=bool(section.refusal) and not request.form.get("reason", "").strip(),
        asks_password=reauth.is_asked(act, deed),
        returned=kept[-1]["reason"] if kept and kept[-1]["event"] == "return" else "",
        trace=url_for("clinic_trace.trace", key=found["id"]) if kept and found is not None else "",
        templates=_templates(act, visit["dept"]),
        template=template,
    )


@bp.post("/<encounter>/record/save")
def save(encounter: str) -> Response:
    """Keep the text as a draft."""
    return _write(encounter, "medical_record.save", recording.save_record)


@bp.post("/<encounter>/record/sign")
def sign(encounter: str) -> Response:
    """Sign the record with the text as it stands in the form."""
    return _write(encounter, "medical_record.sign", recording.sign_record)


@bp.post("/<encounter>/record/submit")
def submit(encounter: str) -> Response:
    """Hand the record to the head with the text as it stands in the form."""
    return _write(encounter, "medical_record.submit", countersigning.submit)


@bp.post("/<encounter>/record/amend")
def amend(encounter: str) -> Response:
    """Correct signed text."""
    fields = {**_reason(), **_identified("medical_record.amend"), **forms.sections(request.form)}
    return _do(encounter, "medical_record.amend", recording.amend_record, fields, amending=True)


@bp.post("/<encounter>/record/countersign")
def countersign(encounter: str) -> Response:
    """Sign as the head, with the text as corrected."""
    fields = {**_identified("medical_record.countersign"), **forms.sections(request.form)}
    return _do(encounter, "medical_record.countersign", countersigning.countersign, fields)


@bp.post("/<encounter>/record/return", endpoint="return")
def send_back(encounter: str) -> Response:
    """Send the record back to its author."""
    return _do(encounter, "medical_record.return", countersigning.send_back, _reason())


@bp.post("/<encounter>/record/void")
def void(encounter: str) -> Response:
    """Void a draft."""
    return _do(encounter, "medical_record.void", recording.void_record, _reason())


def _deed(act: Acting, section: Section, found: Record | None) -> str:
    """Return what the form on the page is for; '' = the record is only read."""
    status = "" if found is None else str(found["status"])
    if status in _SIGNED and (request.args.get("amend") or section.also.get("amending")):
        return "medical_record.amend"
    if status == "pending_countersign" and act.who.role == countersigning.HEAD:
        return "medical_record.countersign"
    if section.visit["status"] in OPEN and status in ("", "draft") and act.who.role in _WRITERS:
        return "medical_record.submit" if act.who.title == recording.UNLICENSED else "medical_record.sign"
    return ""


def _may_amend(act: Acting, found: Record | None) -> bool:
    if found is None or found["status"] not in _SIGNED or act.who.title == recording.UNLICENSED:
        return False
    return found["author"] == act.who.staff or act.who.role == countersigning.HEAD


def _texts(act: Acting, found: Record | None, template: str) -> dict[str, str]:
    if request.method == "POST":
        return {name: request.form.get(name, (found or {}).get(name) or "") for name in versions.SECTIONS}
    stored = {name: (found or {}).get(name) or "" for name in versions.SECTIONS}
    row = act.one('SELECT * FROM "record_templates" WHERE "key" = ?', template) if template else None
    # A template fills only what is still empty: nothing written is lost.
    return stored if row is None else {name: text or _drafted(row, name) for name, text in stored.items()}


def _drafted(row: Record, name: str) -> str:
    """Return what a template proposes for a section, in the language of the page."""
    return str(row[f"{name}_en"] or row[name]) if keyboard.language() == "en" else str(row[name])


def _templates(act: Acting, dept: str) -> list[Option]:
    rows = act.rows('SELECT * FROM "record_templates" ORDER BY ("dept_code" = ?) DESC, "key"', dept)
    return [Option(value=each["key"], label=keyboard.glossary().pick(each)) for each in rows]


def _state_words(act: Acting, found: Record | None) -> str:
    if found is None:
        return ""
    if found["status"] == "draft":
        return keyboard.say("record.draft", at=keyboard.when(found["updated_at"]))
    author = _name(act, found["author"])
    if found["status"] == "pending_countersign":
        return keyboard.say("record.pending", who=author, at=keyboard.when(found["updated_at"]))
    version = keyboard.say("record.version", n=found["version_no"])
    signed = f"{keyboard.say('record.signed_by')} {author} {keyboard.when(found['signed_at'])} · {version}"
    if found["countersigner"] is None:
        return signed
    return f"{signed} · {keyboard.say('record.countersigned_by', who=_name(act, found['countersigner']))}"


def _name(act: Acting, staff: str | None) -> str:
    found = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', staff)
    return "" if found is None else str(found["name"])


def _reason() -> dict[str, str]:
    return {"reason": request.form.get("reason", "").strip()}


def _identified(purpose: str) -> dict[str, bool]:
    """Return whether the password typed again is the own one; not asked, it is nobody's business."""
    with keyboard.looking() as act:
        asked = reauth.is_asked(act, purpose)
    password = request.form.get("password", "")
    return {"identified": not asked or accounts.confirms(keyboard.hospital(), keyboard.who().staff, password)}


def _write(encounter: str, deed: str, operation: Any) -> Response:
    fields = {"medical_record": request.form.get("medical_record", ""), **forms.sections(request.form)}
    record_type, version = request.form.get("type") or None, doing.version()
    return _press(
        encounter,
        deed,
        lambda: recording.write(
            keyboard.hospital(),
            keyboard.who(),
            operation,
            encounter=encounter,
            type=record_type,
            version=version,
            **fields,
        ),
    )


def _do(encounter: str, deed: str, operation: Any, fields: Mapping[str, Any], *, amending: bool = False) -> Response:
    key, version = request.form.get("medical_record", ""), doing.version()
    return _press(
        encounter,
        deed,
        lambda: keyboard.perform(operation, medical_record=key, version=version, **fields),
        amending=amending,
    )


def _press(encounter: str, deed: str, run: Callable[[], Any], **also: Any) -> Response:
    def again(refused: Refused) -> Response:
        return drawing.draw(encounter, "record", build, refused, **also)

    then = url_for("clinic_chart.section", encounter=encounter, name="record")
    return doing.do(deed, run, then=lambda _: then, again=again)
