"""Builds the prescription section: what was prescribed, the grid, and the alerts that must be answered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import request, url_for

from his.chart import dictionary, stock
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.clinic import checking, forms, lists, views
from his.clinic.drawing import Section
from his.clinic.operations import prescribing
from his.shell import keyboard, sheets
from his.shell.glossary import money

_EMPTY_ROWS = 1
_ORDINARY = "普通"
"""Control class of drugs without control."""
_TYPES = ("W", "E", "C", "P", "N")


def build(section: Section) -> views.PrescriptionView:
    """Build the section; a refused form comes back with everything that was typed."""
    act, visit, glossary = section.act, section.visit, keyboard.glossary()
    revising = _revising(act, section)
    is_open = visit["status"] == "in_progress" and act.who.role in ("OPD", "HOD")
    draft = None if revising else prescribing.draft_of(act, visit["id"])
    lines = _lines(act, revising)
    alerts = section.refusal.alerts if section.refusal is not None else ()
    target = (
        url_for("clinic_rx.revise", key=revising["id"])
        if revising
        else url_for("clinic_rx.sign", encounter=visit["id"])
    )
    return views.PrescriptionView(
        **section.common,
        earlier=lists.prescriptions(act, visit["id"]),
        editing=is_open,
        revising="" if revising is None else revising["id"],
        draft="" if draft is None else draft["id"],
        rx_no=(revising or draft or {}).get("rx_no", ""),
        sign_to=target,
        type=request.form.get("type", "W"),
        types=[each for each in glossary.options("rx_type") if each.value in _TYPES],
        routes=glossary.table("routes"),
        freqs=glossary.table("frequencies"),
        long_reasons=glossary.options("long_supply_reason"),
        cancel_reasons=glossary.options("cancel_reason"),
        override_reasons=glossary.options("override_reason"),
        may_control=_may_control(act),
        has_diagnosis=bool(lists.diagnoses(act, visit)),
        lines=lines,
        total=money(sum((Decimal(each.amount or 0) for each in lines), Decimal(0))),
        note=section.also.get("note", ""),
        alerts=[lists.alert(each) for each in alerts],
        code=section.refusal.code if section.refusal is not None else "",
        disagreed=_disagreed(act) if alerts and request.form.get("override_reason") else "",
        reason_wrong=bool(request.form.get("answering")) and not request.form.get("override_reason"),
    )


def candidates(act: Acting, text: str) -> list[dict[str, Any]]:
    """Return the drugs a short code may mean, as the small grid shows them."""
    usual = dictionary.limit(act, "rx_usual_days")
    return [
        {
            "code": each["drug_code"],
            "name": keyboard.glossary().pick(each, "generic"),
            "strength": each["strength"],
            "spec": sheets.spec(each),
            "pack": sheets.unit(each["pack_unit_zh"]),
            "price": each["price_cny"],
            "stock": each["stock"],
            "insurance_class": sheets.insurance_class(each["insurance_class"]),
            "marks": " ".join(_marks(each)),
            "dose": each["usual_dose"],
            "unit": sheets.unit(each["dose_unit"]),
            "route": each["route_code"],
            "freq": each["freq_code"],
            "days": usual,
        }
        for each in dictionary.find_drugs(act, text)
    ]


def _may_control(act: Acting) -> bool:
    found = act.one('SELECT "rx_flags" FROM "staff" WHERE "id" = ?', act.who.staff)
    return found is not None and bool(found["rx_flags"])


def _marks(drug: Record) -> list[str]:
    named = {"skin_test_required": "drug.skin_test", "high_alert": "drug.high_alert"}
    marks = [keyboard.say(key) for column, key in named.items() if drug[column] == "1"]
    return marks if drug["control_class"] == _ORDINARY else [drug["control_class"], *marks]


def derived(act: Acting, row: Mapping[str, str]) -> tuple[str, str]:
    """Return quantity and amount of a row; nothing where the hospital would refuse it."""
    item = {name: row.get(name) or None for name in forms.LINE}
    try:
        line = checking.lines(act, [item])[0]
    except Refused:
        return "", ""
    return str(line.quantity), money(Decimal(line.drug["price_cny"]) * line.quantity)


def _revising(act: Acting, section: Section) -> Record | None:
    key = section.also.get("revising") or request.args.get("revise", "")
    if not key:
        return None
    found = act.fetch("prescription", key)
    return found if found["status"] == "rejected" and found["encounter"] == section.visit["id"] else None


def _lines(act: Acting, revising: Record | None) -> list[views.Line]:
    if request.method == "POST" and "drug" in request.form:
        typed = [row for row in forms.rows(request.form) if any(row.values())]
        return [_typed_line(act, row) for row in typed] or [views.Line()]
    if revising is not None:
        return [_standing_line(each) for each in stock.lines(act, revising["id"])]
    return [views.Line() for _ in range(_EMPTY_ROWS)]


def _typed_line(act: Acting, row: Mapping[str, str]) -> views.Line:
    drug = act.one('SELECT * FROM "drugs" WHERE "drug_code" = ?', row["drug"])
    if drug is None:
        text = row["drug_text"] or row["drug"]
        typed: dict[str, Any] = {name: row[name] for name in forms.LINE}
        return views.Line(text=text, unknown=bool(text), **typed)
    quantity, amount = derived(act, row)
    usual = {"dose": drug["usual_dose"], "route": drug["route_code"], "freq": drug["freq_code"], "quantity": quantity}
    shown: dict[str, Any] = {name: row[name] or usual.get(name, "") for name in forms.LINE}
    return views.Line(
        text=row["drug_text"] or f"{keyboard.glossary().pick(drug, 'generic')} {drug['strength']}",
        unit=sheets.unit(drug["dose_unit"]),
        pack=sheets.unit(drug["pack_unit_zh"]),
        price=drug["price_cny"],
        amount=amount,
        **shown,
    )


def _standing_line(item: Record) -> views.Line:
    return views.Line(
        text=f"{keyboard.glossary().pick(item, 'generic')} {item['strength']}",
        drug=item["drug"],
        dose=str(item["dose"]),
        unit=sheets.unit(item["dose_unit"]),
        route=item["route"],
        freq=item["freq"],
        days=str(item["days"]),
        quantity=str(item["quantity"]),
        pack=sheets.unit(item["pack_unit_zh"]),
        price=money(item["price"]),
        amount=money(item["amount"]),
    )


def _disagreed(act: Acting) -> str:
    """Return the staff number of the colleague whose no was the last answer."""
    found = act.one(
        "SELECT json_extract(\"data\", '$.verdict') AS verdict, json_extract(\"data\", '$.staff_no') AS staff_no "
        'FROM "journal" WHERE "action" = \'colleague.answer\' ORDER BY "seq" DESC LIMIT 1'
    )
    return str(found["staff_no"]) if found is not None and found["verdict"] == "disagree" else ""
