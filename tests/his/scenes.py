"""Scenes of the machines: a record of Zhang in any state, and what an act reads off it."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.stage import Stage


def facts(stage: Stage, action: str, record: dict[str, object]) -> dict[str, object]:
    """Return what is read off the packs; a refund is applied for and approved before."""
    if action == "prescription.refund":
        charge = newest(stage, "charge_item")["id"]
        seat, reason = ("pha", "DRUGRET") if record["status"] == "returned" else ("doc", "PATIENT")
        stage.does(seat, "charge_item.apply_refund", target=charge, reason=reason)
        stage.does("fin", "charge_item.approve", target=charge)
        return {}
    if action == "stock_batch.scrap":
        return {"quantity": record["quantity"]}
    if action == "stock_batch.accept":
        return {name: record[name] for name in ("batch_no", "expiry", "quantity")}
    if action in ("his_account.unlock", "his_account.reset_password"):
        return {"staff_no": stage.one("staff", id=record["staff"])["staff_no"]}
    if action != "prescription.accept_return":
        return {}
    gone = stage.one("stock_movement", prescription=record["id"])
    batch = stage.one("stock_batch", id=gone["batch"])
    packs = {"drug": batch["drug"], "batch_no": batch["batch_no"], "quantity": -gone["quantity"], "intact": True}
    return {"lines": [packs]}


def newest(stage: Stage, table: str) -> dict[str, object]:
    who = stage.bound("zhang")
    everybodys = table in ("stock_batch", "cashier_shift", "his_account")
    mine = [each for each in stage.table(table) if everybodys or each.get("patient", each["id"]) == who]
    return max(mine, key=lambda each: (len(each["id"]), each["id"]))


def bring(stage: Stage, entity: str, source: str, event: str) -> None:
    """Set the scene: the newest record of Zhang stands in `source`."""
    if entity in BROUGHT:
        BROUGHT[entity](stage, source, event)
    if entity == "registration":
        stage.run('UPDATE "registration" SET "status" = ? WHERE "patient" = ?', source, stage.bound("zhang"))
        visit = {"in_consult": "in_progress", "unpaid": "planned", "registered": "planned"}.get(source, "arrived")
        stage.run('UPDATE "encounter" SET "status" = ? WHERE "patient" = ?', visit, stage.bound("zhang"))
        if source == "in_consult":
            stage.run(
                'UPDATE "encounter" SET "attending" = ? WHERE "patient" = ?',
                stage.rows()[0].data["seats"]["doc"],
                stage.bound("zhang"),
            )
        if event == "finish":
            stage.does("doc", "diagnosis.add", patient="$zhang", code="J06.9")
            stage.write_record()
    if entity == "encounter":
        signs = {"temp": "36.5", "pulse": "80", "resp": "18", "sbp": "120", "dbp": "70", "spo2": "98"}
        stage.does("nur", "vitals.record", patient="$zhang", **signs)
        visit = stage.one("registration", id=stage.bound("zhang_ticket"))["encounter"]
        stage.run('UPDATE "encounter" SET "status" = ?, "dept" = \'D0601\' WHERE "id" = ?', source, visit)
    if entity == "prescription":
        _bring_prescription(stage, source, "M001" if event == "skin_test" else "M008")
    _bring_money(stage, entity, source)
    if entity == "stock_batch":
        days = {"expired": -1, "near_expiry": 30}.get(source, 300)
        batch = newest(stage, "stock_batch")["id"]
        stage.run('UPDATE "stock_batch" SET "status" = ?, "expiry" = ? WHERE "id" = ?', source, days, batch)


def _bring_pair(stage: Stage, source: str, _: str) -> None:
    """Zhang is flagged or merged as Li, who looks like one person with him."""
    if source == "active":
        return
    zhang, li = stage.bound("zhang"), stage.bound("li")
    for column in ("id_no", "sex", "birth_date", "pinyin_initials", "phone"):
        value = stage.one("patient", id=zhang)[column]
        stage.run(f'UPDATE "patient" SET "{column}" = ? WHERE "id" = ?', value, li)
    stage.run('UPDATE "patient" SET "status" = ?, "same_as" = ? WHERE "id" = ?', source, li, zhang)


def _bring_appointment(stage: Stage, source: str, event: str) -> None:
    about = {"patient": "$zhang", "doctor": "doc", "dept": "D0101"}
    today = event == "take_ticket"
    stage.does(
        "reg",
        "appointment.request",
        **about,
        half_day="PM" if today else "AM",
        visit_date="" if today else "2026-11-23",
    )
    stage.run('UPDATE "appointment" SET "status" = ? WHERE "patient" = ?', source, stage.bound("zhang"))
    if event == "waitlist":
        stage.run('UPDATE "schedule" SET "quota" = \'0\'')


def _bring_record(stage: Stage, source: str, event: str) -> None:
    stage.diagnose()
    stage.does(
        "doc", "medical_record.save", patient="$zhang", complaint="咳", present="咳", examination="红", plan="药"
    )
    if source == "pending_countersign" or event == "submit":
        stage.rank("INT")
    if source == "pending_countersign":
        stage.does("doc", "medical_record.submit", patient="$zhang")
    elif source != "draft":
        stage.does("doc", "medical_record.sign", patient="$zhang")
    if source == "amended":
        stage.does("doc", "medical_record.amend", patient="$zhang", reason="补充", plan="改")


def _bring_request(stage: Stage, source: str, event: str) -> None:
    """Request a panel and an examination; what is to be refunded is paid and the refund approved."""
    _a_request(stage)
    if event != "refund":
        return
    for table in ("lab_request", "imaging_request"):
        stage.does("cas", f"{table}.charge", patient="$zhang", channel="WX")
        key = newest(stage, table)["id"]
        charge = stage.one("charge_item", **{table: key})["id"]
        stage.does("doc", "charge_item.apply_refund", target=charge, reason="PATIENT")
        stage.does("fin", "charge_item.approve", target=charge)
        stage.run(f'UPDATE "{table}" SET "status" = ? WHERE "id" = ?', source, key)


def _bring_account(stage: Stage, source: str, _: str) -> None:
    _a_requested_account(stage)
    account = newest(stage, "his_account")["id"]
    name = None if source == "eligible" else "10999"
    stage.run('UPDATE "his_account" SET "status" = ?, "name" = ? WHERE "id" = ?', source, name, account)


BROUGHT = {
    "appointment": _bring_appointment,
    "imaging_request": _bring_request,
    "lab_request": _bring_request,
    "his_account": _bring_account,
    "medical_record": _bring_record,
    "patient_index": _bring_pair,
}


def _bring_prescription(stage: Stage, source: str, drug: str) -> None:
    # Zhang is allergic to what needs a test; here he is not.
    stage.run('UPDATE "allergy" SET "status" = \'retracted\'')
    if source == "draft":
        stage.diagnose()
        stage.does("doc", "prescription.create", patient="$zhang")
        return
    if source == "rejected":
        stage.prescribe("M008")
        stage.does("pha", "prescription.reject", patient="$zhang", reason="DOSE")
        return
    if source in ("dispensed", "return_requested", "returned"):
        stage.check("M008")
        stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)
        if source != "dispensed":
            stage.does("doc", "prescription.return_apply", patient="$zhang", reason="ADR")
        if source == "returned":
            record = newest(stage, "prescription")
            packs = facts(stage, "prescription.accept_return", record)
            stage.does("pha", "prescription.accept_return", target=record["id"], **packs)
        return
    way = {
        "issued": stage.prescribe,
        "reviewed": stage.review,
        "charged": stage.charge,
        "dispensing": stage.pick,
        "checked": stage.check,
    }
    way[source](drug)


def _bring_money(stage: Stage, entity: str, source: str) -> None:
    if entity == "charge_item":
        _bring_charge(stage, source)
    if entity == "invoice":
        _a_printed_invoice(stage)
    if entity == "cashier_shift":
        stage.does("cas", "cashier_shift.open")
        if source == "closed":
            stage.does("cas", "cashier_shift.close", counted="0")


def _bring_charge(stage: Stage, source: str) -> None:
    """Post a service for Zhang, and bring it as far as the state says; a planned one is of a doctor."""
    if source == "planned":
        stage.run(
            'INSERT INTO "charge_item" ("id", "patient", "item", "quantity", "price", "amount", "status") '
            "VALUES ('ch999999', ?, 'F008', 1, '5.00', '5.00', 'planned')",
            stage.bound("zhang"),
        )
        return
    stage.does("cas", "charge_item.post", patient="$zhang", item=_service(stage))
    if source == "billable":
        return
    stage.does("cas", "charge_item.pay", patient="$zhang", channel="WX")
    if source in ("refund_requested", "refund_approved"):
        stage.does("cas", "charge_item.apply_refund", patient="$zhang", reason="DUPCHG")
    if source == "refund_approved":
        stage.does("fin", "charge_item.approve", patient="$zhang")


def _service(stage: Stage) -> str:
    with stage.hospital.looking() as act:
        found = act.one(
            'SELECT "fee_code" FROM "fee_items" WHERE "fee_code" NOT IN (SELECT "fee_code" FROM "registration_levels")'
        )
    assert found is not None
    return str(found["fee_code"])


def _a_printed_invoice(stage: Stage) -> None:
    stage.does("cas", "charge_item.post", patient="$zhang", item=_service(stage))
    invoice = stage.does("cas", "charge_item.pay", patient="$zhang", channel="WX")
    stage.does("cas", "print.document", document=f"invoice:{invoice}", patient="$zhang")


def _a_posted_charge(stage: Stage) -> None:
    stage.does("cas", "charge_item.post", patient="$zhang", item=_service(stage))


def _an_open_shift(stage: Stage) -> None:
    stage.does("cas", "cashier_shift.open")


def _nothing(_: Stage) -> None:
    """The start data are enough."""


def _a_signed_record(stage: Stage) -> None:
    stage.diagnose()
    stage.write_record()


def _a_prescription(stage: Stage) -> None:
    stage.prescribe("M008")


def _an_appointment(stage: Stage) -> None:
    _bring_appointment(stage, "requested", "confirm")


def _a_request(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "lab_request.create", patient="$zhang", panel="P-CBC")
    stage.does("doc", "imaging_request.create", patient="$zhang", exam="I001")


def _a_requested_account(stage: Stage) -> None:
    found = stage.hospital.database.connection().execute(
        'SELECT "id" FROM "staff" WHERE "label" = \'staff-D0101-nurse2\''
    )
    stage.does("hod", "his_account.request", staff=found.fetchone()["id"], role="NUR")


SCENES: dict[str, Callable[[Stage], None]] = {
    "appointment": _an_appointment,
    "patient_index": _nothing,
    "registration": _nothing,
    "allergy": _nothing,
    "medical_record": _a_signed_record,
    "prescription": _a_prescription,
    "lab_request": _a_request,
    "imaging_request": _a_request,
    "charge_item": _a_posted_charge,
    "invoice": _a_printed_invoice,
    "cashier_shift": _an_open_shift,
    "stock_batch": _nothing,
    "encounter": _nothing,
    "his_account": _a_requested_account,
}
