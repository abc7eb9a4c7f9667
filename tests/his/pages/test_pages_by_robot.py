"""The robot at the windows does what a script says, through the pages, and the journal is that of the same script."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from his import offering
from his.app import create_app
from sandbox.exercises.scripts import Act
from sandbox.robot.hospital import WAYS
from tests.his import packs
from tests.his.pages import robot_in_process
from tests.his.stage import Stage

Step = tuple[str, str, dict[str, Any]]
SIGNS = {"temp": "38.6", "pulse": "96", "resp": "20", "sbp": "128", "dbp": "82", "spo2": "97"}
EMERGENCY = packs.waiting("li", dept="D0601", doctor=None, level="EMG")

SCRIPTS: dict[str, tuple[Step, ...]] = {
    "from the window to the queue": (
        ("reg", "patient.search", {"query": "秦望山"}),
        ("reg", "patient.view_id", {"patient": "$stranger"}),
        ("reg", "scan.card", {"patient": "$stranger"}),
        ("reg", "registration.create", {"patient": "$stranger", "dept": "D0101", "doctor": "doc", "half_day": "AM"}),
        ("reg", "registration.pay", {"patient": "$stranger", "channel": "CASH", "tendered": "100"}),
        ("reg", "registration.check_in", {"patient": "$stranger"}),
        ("reg", "cashier_shift.close", {"counted": "0", "note": "尚未清点"}),
    ),
    "somebody new": (
        (
            "reg",
            "patient_index.create",
            {"name": "周新来", "sex": "1", "birth_date": "2006-11-22", "phone": "15400000099"},
        ),
    ),
    "at triage": (
        ("nur", "vitals.record", {"patient": "$zhang", **SIGNS}),
        ("nur", "registration.call", {"patient": "$zhang"}),
        ("nur", "registration.pass", {"patient": "$zhang", "calls": 3}),
        ("nur", "registration.re_queue", {"patient": "$zhang"}),
    ),
    "at the doctor's door": (
        ("doc", "registration.call", {"patient": "$zhang"}),
        ("doc", "registration.pass", {"patient": "$zhang", "calls": 3}),
        ("nur", "registration.re_queue", {"patient": "$zhang"}),
    ),
    "an emergency": (
        ("nure", "vitals.record", {"patient": "$li", **SIGNS}),
        ("nure", "encounter.triage", {"patient": "$li", "triage": "2", "complaint": "胸痛半小时"}),
    ),
    "at the till": (
        ("cas", "cashier_shift.open", {}),
        ("cas", "charge_item.post", {"patient": "$zhang", "item": "F008", "quantity": "2"}),
        ("cas", "charge_item.void", {"patient": "$zhang", "reason": "录入有误"}),
        ("cas", "charge_item.post", {"patient": "$zhang", "item": "F008", "quantity": "1"}),
        ("cas", "charge_item.pay", {"patient": "$zhang", "channel": "WX"}),
        ("cas", "cashier_shift.close", {"counted": "0"}),
    ),
    "reviewed and paid": (
        ("pha", "prescription.approve", {"patient": "$zhang"}),
        ("cas", "prescription.charge", {"patient": "$zhang", "channel": "WX"}),
    ),
    "sent back": (("pha", "prescription.reject", {"patient": "$zhang", "reason": "DOSE", "note": "剂量偏大"}),),
}
PRESCRIBED = ("reviewed and paid", "sent back")


NOT_LEARNT = frozenset(
    {
        "account.grant", "account.revoke", "alert.heeded", "allergy.retract", "appointment.cancel",
        "appointment.confirm", "appointment.request", "appointment.reschedule", "appointment.take_ticket",
        "appointment.waitlist", "audit.query", "cashier_shift.reconcile", "cashier_shift.reopen",
        "charge_item.apply_refund", "charge_item.approve", "charge_item.refund", "charge_item.reject",
        "chart.section", "chart.trace", "colleague.ask", "diagnosis.retract", "dictionary.edit",
        "his_account.disable", "his_account.provision", "his_account.request", "his_account.reset_password",
        "his_account.resume", "his_account.suspend", "his_account.unlock", "imaging_request.cancel",
        "imaging_request.charge", "imaging_request.create", "imaging_request.refund", "invoice.reprint",
        "lab_request.cancel", "lab_request.charge", "lab_request.create", "lab_request.refund",
        "medical_record.amend", "medical_record.countersign", "medical_record.create", "medical_record.return",
        "medical_record.submit", "medical_record.void", "message.read", "patient_index.dismiss",
        "patient_index.flag_duplicate", "patient_index.merge", "patient_index.unmerge", "patient_index.update",
        "prescription.cancel", "prescription.create", "prescription.extend", "prescription.refund",
        "prescription.return_apply", "prescription.revise", "prescription.skin_test", "queue.view",
        "registration.refund", "registration.undo_start", "report.run", "schedule.add_on", "schedule.open",
        "schedule.suspend", "stock.price_change", "stock.view", "stock_batch.accept", "stock_batch.receive",
        "stock_batch.reject", "stock_movement.post",
    }
)  # fmt: skip
"""In memory a script may say them; through the pages the robot does not know the way yet."""


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_robot_does_what_the_script_says(golden: sqlite3.Connection, name: str) -> None:
    done = []
    for through_pages in (True, False):
        with Stage.set_up(golden, add=(packs.waiting("zhang"), EMERGENCY)) as stage:
            if name in PRESCRIBED:
                stage.prescribe("M021")
            known = len(stage.rows())
            hands = robot_in_process.robot(create_app(stage.hospital), stage)
            for number, (seat, action, fields) in enumerate(SCRIPTS[name]):
                if through_pages:
                    page = hands.perform(Act(label=str(number), at_ms=0, seat=seat, action=action, fields=fields))
                    assert page.refusal is None, (action, page.refusal)
                else:
                    stage.does(seat, action, **fields)
            wanted = {action for _, action, _ in SCRIPTS[name]} - {"patient.search"}
            done.append(
                [
                    (row.actor, row.action, row.outcome, row.patient, dict(row.data))
                    for row in stage.rows()[known:]
                    if row.action in wanted
                ]
            )
    assert [each[1] for each in done[0]] == [action for _, action, _ in SCRIPTS[name] if action != "patient.search"]
    assert done[0] == done[1]


def test_what_the_robot_has_learnt_is_offered_and_what_it_has_not_is_known() -> None:
    """A script may say any act of the hospital; those the robot cannot do through the pages yet stand here by name."""
    served = set(offering.ACTS) | offering.LOG_IN
    assert set(WAYS) <= served
    assert set(offering.ACTS) - set(WAYS) == NOT_LEARNT
