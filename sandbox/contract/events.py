"""The catalogue of journal actions: what may stand in a row, with its attributes.

Every transition of `machines` (`entity.event`) and the other actions below. The HIS offers exactly these (a test in
the image proves it), exercises may name only these. Attribute kinds are those of `state`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract import machines, money_events
from sandbox.contract.action import Action
from sandbox.contract.admin_events import ACCOUNT_ATTRIBUTES, ADMIN_ACTIONS
from sandbox.contract.event_words import TRANSITION_WORDS
from sandbox.contract.seat_events import SEAT_ACTIONS

_TABLE_OF = {
    "patient_index": "patient",
}


_CAUSE = {"cause": "int"}
_EVENT_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    **money_events.ATTRIBUTES,
    "patient_index.create": {"name": "text", "duplicate_shown": "bool"},
    "patient_index.update": {"second": "text"},
    "patient_index.flag_duplicate": {"other": "ref:patient"},
    "patient_index.merge": {"survivor": "ref:patient", "second": "text", "filled": "text"},
    "patient_index.dismiss": {"other": "ref:patient", "reason": "text"},
    "patient_index.unmerge": {"survivor": "ref:patient", "reason": "text", "second": "text"},
    "appointment.request": {
        "dept": "code:departments",
        "doctor": "ref:staff",
        "visit_date": "day",
        "half_day": "code:half_day",
        "source": "code:visit_source",
    },
    "appointment.cancel": {"reason": "text"},
    "appointment.reschedule": {"doctor": "ref:staff", "visit_date": "day", "half_day": "code:half_day"},
    "appointment.take_ticket": {"identifiers": "int"},
    "registration.create": {
        "dept": "code:departments",
        "doctor": "ref:staff",
        "level": "code:registration_levels",
        "half_day": "code:half_day",
        "insurance_type": "code:insurance_types",
        "second": "text",
    },
    "registration.pay": {"channel": "code:pay_channel", "amount": "decimal"},
    "registration.refund": {
        "reason": "code:refund_reason",
        "second": "text",
        "amount": "decimal",
        "channel": "code:pay_channel",
    },
    "registration.start": {"identifiers": "int"},
    "encounter.triage": {"triage": "code:triage"},
    "registration.undo_start": {"reason": "text"},
    "registration.call": {"reason": "text", "room": "code:rooms"},
    "registration.pass": {"calls": "int"},
    "allergy.record": {
        "class": "code:allergy_classes",
        "drug": "code:drugs",
        "reaction": "text",
        "severity": "code:allergy_severity",
        "source": "code:allergy_source",
    },
    "allergy.retract": {"reason": "text"},
    "medical_record.create": {"type": "code:record_type"},
    "medical_record.save": {"type": "code:record_type"},
    "medical_record.sign": {"type": "code:record_type", "similarity": "decimal", "foreign_identity": "bool"},
    "medical_record.amend": {"reason": "text"},
    "medical_record.submit": {"type": "code:record_type", "similarity": "decimal", "foreign_identity": "bool"},
    "medical_record.return": {"reason": "text"},
    "medical_record.countersign": {"type": "code:record_type", "corrected": "bool"},
    "medical_record.void": {"reason": "text"},
    "prescription.create": {"type": "code:rx_type"},
    "prescription.sign": {
        "drugs": "list:drugs",
        "classes": "list:allergy_classes",
        "items": "int",
        "max_days": "int",
        "long_supply_reason": "code:long_supply_reason",
    },
    "prescription.revise": {
        "drugs": "list:drugs",
        "classes": "list:allergy_classes",
        "items": "int",
        "max_days": "int",
        "long_supply_reason": "code:long_supply_reason",
    },
    "prescription.reject": {"reason": "code:rx_review_reason", "note": "text"},
    "prescription.cancel": {"reason": "code:cancel_reason"},
    "prescription.extend": {"days": "int"},
    "prescription.charge": {"invoice": "ref:invoice", "amount": "decimal"},
    "prescription.skin_test": {
        "drug": "code:drugs",
        "solution_no": "text",
        "result": "code:skin_test_result",
        "minutes": "int",
        "second": "text",
    },
    "prescription.pick": {"batches": "list:stock_batch", "fefo": "bool"},
    "prescription.unpick": {"reason": "text"},
    "prescription.dispense": {"identifiers": "int", "counselled": "bool", "batches": "list:stock_batch"},
    "prescription.return_apply": {"reason": "code:drug_return_reason", "drugs": "list:drugs", "quantity": "int"},
    "prescription.accept_return": {"batches": "list:stock_batch", "quantity": "int", "intact": "bool"},
    "prescription.refuse_return": {"reason": "code:return_refusal", "note": "text"},
    "stock_batch.receive": {"drug": "code:drugs", "quantity": "int", "place": "code:stock_place"},
    "stock_batch.accept": {"quantity": "int", "licence": "bool", "cold_log": "bool", "second": "text"},
    "stock_batch.reject": {"reason": "code:receive_refusal", "note": "text"},
    "lab_request.create": {"panel": "code:lab_panels", "stat": "bool"},
    "lab_request.cancel": {"reason": "code:cancel_reason"},
    "lab_request.reject": {"reason": "code:reject_specimen"},
    "lab_request.result": {"item": "code:lab_items", "value": "decimal"},
    "lab_request.correct": {"item": "code:lab_items", "value": "decimal", "reason": "text"},
    "imaging_request.create": {"exam": "code:imaging_exams", "laterality": "code:laterality", "stat": "bool"},
    "imaging_request.cancel": {"reason": "code:cancel_reason"},
    "imaging_request.abort": {"reason": "text"},
    "stock_batch.quarantine": {"reason": "code:quarantine_reason", "note": "text"},
    "stock_batch.release": {"reason": "text", "second": "text"},
    "stock_batch.scrap": {"reason": "code:scrap_reason", "quantity": "int", "second": "text"},
    **ACCOUNT_ATTRIBUTES,
}

_OTHERS: tuple[Action, ...] = (
    Action("patient.search", "view", "检索患者", "Patient searched", "", {"kind": "text", "hits": "int"}),
    Action("chart.open", "view", "打开病历", "Chart opened", "encounter", {"relation": "text"}),
    Action("chart.section", "view", "查看病历栏目", "Chart section viewed", "", {"section": "text"}),
    Action("chart.trace", "view", "查看修改痕迹", "Revision trail viewed", "medical_record"),
    Action("queue.view", "view", "查看候诊队列", "Queue viewed", "", {"desk": "text"}),
    Action("vitals.record", "write", "录入体征", "Vital signs recorded", "vitals", {"values": "text"}),
    Action(
        "schedule.open",
        "write",
        "开放号源",
        "Clinic opened",
        "clinic_day",
        {"doctor": "ref:staff", "visit_date": "day", "half_day": "code:half_day", "quota": "int"},
    ),
    Action(
        "schedule.suspend",
        "write",
        "停诊",
        "Clinic suspended",
        "clinic_day",
        {"doctor": "ref:staff", "visit_date": "day", "half_day": "code:half_day", "reason": "text"},
    ),
    Action(
        "schedule.add_on",
        "write",
        "加号授权",
        "Extra slot authorised",
        "add_on",
        {"doctor": "ref:staff", "visit_date": "day", "half_day": "code:half_day"},
    ),
    Action("scan.card", "scan", "读卡/扫码就诊卡", "Card or ID read", "", {"value": "text", "match": "bool"}),
    Action("stock.view", "view", "查看库存", "Stock viewed", "", {"drug": "code:drugs", "place": "code:stock_place"}),
    Action(
        "diagnosis.add",
        "write",
        "录入诊断",
        "Diagnosis added",
        "diagnosis",
        {"code": "code:icd10", "dx_type": "code:dx_type", "rank": "int", "certainty": "code:certainty"},
    ),
    Action(
        "diagnosis.retract",
        "write",
        "撤销诊断",
        "Diagnosis retracted",
        "diagnosis",
        {"code": "code:icd10", "reason": "text"},
    ),
    Action(
        "stock_movement.post",
        "write",
        "库存变动",
        "Stock movement posted",
        "stock_batch",
        {
            "type": "code:stock_move",
            "quantity": "int",
            "counted": "int",
            "reason": "code:stock_reason",
            "note": "text",
            "reversal_of": "ref:stock_movement",
            "second": "text",
            "cause": "int",
        },
    ),
    money_events.PRICE_CHANGE,
    Action(
        "alert.shown",
        "alert",
        "弹出提示",
        "Alert shown",
        "",
        {"rule": "text", "level": "text", "items": "list:drugs"},
    ),
    Action("alert.heeded", "alert", "返回修改", "Alert heeded", "", {"rule": "text", "items": "list:drugs"}),
    Action(
        "alert.override",
        "alert",
        "继续并填写理由",
        "Alert overridden",
        "",
        {
            "rule": "text",
            "level": "text",
            "items": "list:drugs",
            "reason": "code:override_reason",
            "text": "text",
            "second": "text",
        },
    ),
    Action("colleague.ask", "colleague", "请同事核对", "Colleague asked", "", {"step": "text", "subject": "text"}),
    Action(
        "colleague.answer",
        "colleague",
        "同事答复(模拟)",
        "Colleague answered",
        "",
        {"verdict": "text", "comment": "text", "staff_no": "text"},
    ),
    Action(
        "clock.step",
        "clock",
        "推进模拟时间",
        "Virtual time stepped",
        "",
        {"skip": "text", "from": "time", "to": "time"},
    ),
    Action("inject.fired", "inject", "情境事件触发", "Inject fired", "", {"inject": "text"}),
    Action(
        "attempt.begin",
        "attempt",
        "练习开始",
        "Attempt begins",
        "",
        {"bindings": "text", "seats": "text", "anchor": "date", "exercise": "text", "dataset": "text"},
    ),
    Action("attempt.end", "attempt", "练习结束", "Attempt ends", "", {"reason": "text"}),
    Action("answer.give", "attempt", "作答", "Answer given", "", {"check": "text", "value": "text"}),
)


def _transitions() -> list[Action]:
    return [
        Action(
            name,
            "transition",
            *TRANSITION_WORDS[name],
            _TABLE_OF.get(name.split(".")[0], name.split(".")[0]),
            {**_EVENT_ATTRIBUTES.get(name, {}), **_CAUSE},
        )
        for name in sorted(machines.actions())
    ]


ACTIONS: Mapping[str, Action] = {each.name: each for each in (*_OTHERS, *SEAT_ACTIONS, *ADMIN_ACTIONS, *_transitions())}

ROW_FIELDS = ("actor", "patient", "encounter", "target")
"""Columns of every row that a pattern may match besides action, outcome, code and the action's attributes."""

STEP_FIELDS: Mapping[str, tuple[str, ...]] = {
    "prescription.sign": ("items", "override"),
    "prescription.revise": ("items", "override"),
    "prescription.return_apply": ("items",),
    "lab_request.create": ("override",),
    "imaging_request.create": ("override",),
    "prescription.accept_return": ("lines",),
}
"""What a scripted step may carry beside row fields, attributes and columns of the target's table. `items` is a list of
{drug, dose?, dose_unit?, route?, freq?, days?, quantity?}, `override` is {reason, text}, `lines` is a list of RETURNED:
what a pharmacist reads and counts on the packs that came back."""

RETURNED: Mapping[str, str] = {"drug": "code:drugs", "batch_no": "text", "quantity": "int", "intact": "bool"}
"""A line of returned packs: drug, batch number as printed, packs, whether they are unopened."""
