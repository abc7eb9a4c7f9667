"""The hospital offers exactly the catalogue; its tables are the contract's; the contract is the reference tables."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from his import offering
from his.database import SCHEMA
from sandbox.contract import machines, records, refusals, state
from sandbox.contract.events import ACTIONS
from tests.his.stage import Stage

REFERENCE = Path(__file__).parents[2] / "fixtures" / "reference"
BOOKKEEPING = {"version", "created_at", "created_by", "updated_at"}


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def schema() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA.read_text(encoding="utf-8"))
    return connection


def columns(schema: sqlite3.Connection, table: str) -> set[str]:
    return {each[1] for each in schema.execute(f'PRAGMA table_info("{table}")')}


def test_every_action_is_offered_or_says_that_it_is_not() -> None:
    parts = (frozenset(offering.ACTS), offering.CONSEQUENCES, offering.LOG_IN, offering.NOT_SERVED)
    assert set().union(*parts) == set(ACTIONS)
    assert sum(len(each) for each in parts) == len(ACTIONS)


def test_gradable_tables_have_the_columns_of_the_contract(schema: sqlite3.Connection) -> None:
    for table, kinds in state.TABLES.items():
        assert columns(schema, table) == {*kinds, *records.PEOPLE_EXTRA.get(table, {}), *BOOKKEEPING}, table


def test_reference_tables_have_the_columns_of_the_contract(schema: sqlite3.Connection) -> None:
    for table, names in records.REFERENCE.items():
        assert columns(schema, table) == set(names), table


def test_machines_are_the_reference_table() -> None:
    served = {each.entity for each in machines.TRANSITIONS}
    written = {
        (
            each["entity"],
            each["from_state"],
            each["event"],
            each["to_state"],
            tuple(each["allowed_roles"].split(",")),
            each["permission"],
        )
        for each in read("state_machines")
        if each["entity"] in served
    }
    assert {(t.entity, t.source, t.event, t.target, t.actors, t.permission) for t in machines.TRANSITIONS} == written


def test_refusals_are_the_reference_table() -> None:
    written = {each["error_code"]: each for each in read("illegal_transitions")}
    for each in refusals.REFUSALS:
        row = written[each.code]
        found = (row["entity"], row["attempted_event"], row["kind"], row["message_zh"], row["message_en"])
        assert (each.entity, each.event, each.kind, each.zh, each.en) == found
        assert set(each.states) == set(row["state"].split(";")), each.code


def test_rows_carry_only_attributes_of_the_catalogue(stage: Stage) -> None:
    stage.check("M008", "M021")
    stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)
    stage.write_record()
    stage.does("doc", "registration.finish", patient="$zhang")
    for row in stage.rows():
        assert set(row.data) <= {*ACTIONS[row.action].attributes, "cause"}, row.action
        assert row.data.get("cause", 0) < row.seq


def test_every_legal_edge_of_the_slice_is_taken(golden: sqlite3.Connection) -> None:
    """Every event of a person that is served moves its record from each state the machine allows."""
    served = {name for name in offering.ACTS if name in machines.actions()}
    edges = {
        (each.action, each.source)
        for each in machines.TRANSITIONS
        if each.action in served and each.actors != ("system",)
    }
    tried = {
        (action, source) for action, source in edges if source == machines.NOTHING
    }  # creations are the scenes of the other tests
    for action, source in sorted(edges - tried):
        with Stage.set_up(golden) as stage:
            _take(stage, action, source)
        tried.add((action, source))
    assert tried == edges


FIELDS: dict[str, dict[str, object]] = {
    "patient_index.merge": {"survivor": "$li", "second": "colleague"},
    "patient_index.dismiss": {"reason": "证件号不同"},
    "patient_index.unmerge": {"reason": "误合并", "second": "colleague"},
    "patient_index.flag_duplicate": {"other": "$li"},
    "patient_index.update": {"name": "张海滔"},
    "appointment.cancel": {"reason": "PAT"},
    "appointment.reschedule": {"half_day": "PM", "visit_date": "2026-11-23"},
    "appointment.take_ticket": {"identifiers": 2},
    "registration.pay": {"channel": "WX"},
    "registration.call": {"reason": "急"},
    "registration.refund": {"reason": "PATIENT", "second": "colleague"},
    "registration.pass": {"calls": 3},
    "encounter.triage": {"triage": "2"},
    "registration.start": {"identifiers": 2},
    "registration.undo_start": {"reason": "误开"},
    "allergy.retract": {"reason": "误录"},
    "medical_record.amend": {"reason": "补充", "plan": "改"},
    "medical_record.void": {"reason": "误"},
    "medical_record.return": {"reason": "补充查体"},
    "lab_request.cancel": {"reason": "PAT"},
    "imaging_request.cancel": {"reason": "PAT"},
    "prescription.sign": {"items": [{"drug": "M008"}]},
    "prescription.reject": {"reason": "DOSE"},
    "prescription.cancel": {"reason": "PAT"},
    "prescription.charge": {"channel": "WX"},
    "prescription.skin_test": {"drug": "M001", "solution_no": "PS01"},
    "prescription.unpick": {"reason": "患者稍后取药"},
    "prescription.dispense": {"identifiers": 2},
    "prescription.return_apply": {"reason": "ADR"},
    "prescription.refuse_return": {"reason": "GROUND"},
    "stock_batch.accept": {"licence": True, "cold_log": True},
    "stock_batch.reject": {"reason": "BATCH"},
    "lab_request.charge": {"channel": "WX"},
    "imaging_request.charge": {"channel": "WX"},
    "prescription.refund": {},
    "charge_item.void": {"reason": "录错"},
    "charge_item.pay": {"channel": "WX"},
    "charge_item.apply_refund": {"reason": "DUPCHG"},
    "charge_item.reject": {"reason": "原因不符"},
    "charge_item.refund": {"second": "colleague"},
    "invoice.reprint": {"second": "colleague"},
    "cashier_shift.close": {"counted": "0"},
    "cashier_shift.reopen": {"reason": "重新清点"},
    "stock_batch.quarantine": {"reason": "RECALL"},
    "stock_batch.release": {"reason": "召回解除", "second": "pha2"},
    "stock_batch.scrap": {"reason": "EXPIRED", "second": "pha2"},
    "his_account.unlock": {"proof": "BADGE"},
    "his_account.reset_password": {"proof": "CALLBACK"},
    "his_account.suspend": {"reason": "LEAVE", "second": "colleague"},
    "his_account.resume": {"reason": "复训合格", "second": "colleague"},
    "his_account.disable": {"reason": "MOVED", "second": "colleague"},
}
SEATS = {
    "patient_index.dismiss": "mrc",
    "patient_index.merge": "mrc",
    "patient_index.unmerge": "mrc",
    "appointment": "reg",
    "patient_index": "reg",
    "registration.pay": "cas",
    "registration.check_in": "reg",
    "registration.re_queue": "nur",
    "encounter.triage": "nur",
    "registration.refund": "reg",
    "medical_record.return": "hod",
    "medical_record.countersign": "hod",
    "prescription.approve": "pha",
    "prescription.reject": "pha",
    "prescription.charge": "cas",
    "prescription.pick": "pha",
    "prescription.check": "pha2",
    "prescription.unpick": "pha",
    "prescription.dispense": "pha2",
    "prescription.accept_return": "pha",
    "prescription.refuse_return": "pha",
    "prescription.refund": "cas",
    "lab_request.charge": "cas",
    "lab_request.refund": "cas",
    "imaging_request.charge": "cas",
    "imaging_request.refund": "cas",
    "charge_item": "cas",
    "charge_item.approve": "fin",
    "charge_item.reject": "fin",
    "invoice": "cas",
    "cashier_shift": "cas",
    "cashier_shift.reconcile": "fin",
    "cashier_shift.reopen": "fin",
    "stock_batch": "pha",
    "prescription.skin_test": "nur",
    "his_account": "ita",
}


def _take(stage: Stage, action: str, source: str) -> None:
    entity, _, event = action.partition(".")
    table = {"patient_index": "patient"}.get(entity, entity)
    _bring(stage, entity, source, event)
    seat = SEATS.get(action) or SEATS.get(entity) or "doc"
    record = _newest(stage, table)
    fields = {**FIELDS.get(action, {}), **_facts(stage, action, record)}
    assert record["status"] == source, (action, source)
    stage.does(seat, action, target=record["id"], **fields)
    edge = machines.find(entity, source, event)
    assert edge is not None
    assert _newest(stage, table)["status"] == edge.target
    row = next(each for each in reversed(stage.rows()) if each.action == action)
    assert (row.actor, row.outcome, row.target) == (seat, "ok", record["id"])


def _facts(stage: Stage, action: str, record: dict[str, object]) -> dict[str, object]:
    """Return what is read off the packs; a refund is applied for and approved before."""
    if action == "prescription.refund":
        charge = _newest(stage, "charge_item")["id"]
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


def _newest(stage: Stage, table: str) -> dict[str, object]:
    who = stage.bound("zhang")
    everybodys = table in ("stock_batch", "cashier_shift", "his_account")
    mine = [each for each in stage.table(table) if everybodys or each.get("patient", each["id"]) == who]
    return max(mine, key=lambda each: (len(each["id"]), each["id"]))


def _bring(stage: Stage, entity: str, source: str, event: str) -> None:
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
        batch = _newest(stage, "stock_batch")["id"]
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
        key = _newest(stage, table)["id"]
        charge = stage.one("charge_item", **{table: key})["id"]
        stage.does("doc", "charge_item.apply_refund", target=charge, reason="PATIENT")
        stage.does("fin", "charge_item.approve", target=charge)
        stage.run(f'UPDATE "{table}" SET "status" = ? WHERE "id" = ?', source, key)


def _bring_account(stage: Stage, source: str, _: str) -> None:
    _a_requested_account(stage)
    newest = _newest(stage, "his_account")["id"]
    name = None if source == "eligible" else "10999"
    stage.run('UPDATE "his_account" SET "status" = ?, "name" = ? WHERE "id" = ?', source, name, newest)


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
            record = _newest(stage, "prescription")
            packs = _facts(stage, "prescription.accept_return", record)
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


@pytest.mark.parametrize("entity", sorted(SCENES))
def test_every_other_edge_is_refused_with_its_own_code(entity: str, golden: sqlite3.Connection) -> None:
    """All states × all events of people that are served: what the machine does not list is refused."""
    table = {"patient_index": "patient"}.get(entity, entity)
    moves = [each for each in machines.TRANSITIONS if each.entity == entity and each.source != machines.NOTHING]
    states = sorted({each.source for each in moves} | {each.target for each in moves})
    served = {name.split(".")[1] for name in offering.ACTS if name.startswith(f"{entity}.")}
    events = sorted({each.event for each in moves} & served)
    tried = 0
    with Stage.set_up(golden) as stage:
        SCENES[entity](stage)
        record = str(_newest(stage, table)["id"])
        for state_now in states:
            stage.run(f'UPDATE "{table}" SET "status" = ? WHERE "id" = ?', state_now, record)
            for event in events:
                if machines.find(entity, state_now, event) is not None:
                    continue
                action = f"{entity}.{event}"
                seat = SEATS.get(action) or SEATS.get(entity) or "doc"
                code = stage.refused(seat, action, target=record, **FIELDS.get(action, {}))
                assert code == refusals.structural(entity, state_now, event), (state_now, event)
                tried += 1
    assert tried
