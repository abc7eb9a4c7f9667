"""The outpatient chain from the first registration to the reconciled shift, in both languages, without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from tests.his.pages import keyboard_day
from tests.his.pages import keyboard_day_steps as steps
from tests.his.pages.keyboard_day import NAME, Day

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

STORY: tuple[tuple[Callable[[Day], None], tuple[tuple[str, str, str], ...]], ...] = (
    (
        steps.register,
        (
            ("reg", "patient_index.create", "E-GEN-06"),
            ("reg", "patient_index.create", ""),
            ("reg", "registration.create", ""),
            ("reg", "registration.pay", "E-GEN-06"),
            ("reg", "registration.pay", ""),
            ("reg", "scan.card", ""),
        ),
    ),
    (
        steps.triage,
        (
            ("nur", "registration.check_in", ""),
            ("nur", "vitals.record", "E-GEN-06"),
            ("nur", "vitals.record", ""),
        ),
    ),
    (
        steps.call,
        (
            ("doc", "registration.call", ""),
            ("doc", "registration.start", "E-GEN-06"),
            ("doc", "registration.start", ""),
        ),
    ),
    (
        steps.write,
        (
            ("doc", "allergy.record", ""),
            ("doc", "diagnosis.add", ""),
            ("doc", "medical_record.create", ""),
            ("doc", "medical_record.sign", "E-MR-05"),
            ("doc", "medical_record.sign", ""),
        ),
    ),
    (
        steps.prescribe,
        (
            ("doc", "prescription.create", ""),
            ("doc", "prescription.sign", "E-RX-15"),
            ("doc", "prescription.sign", ""),
            ("doc", "lab_request.create", "E-GEN-06"),
            ("doc", "lab_request.create", ""),
            ("doc", "registration.finish", ""),
        ),
    ),
    (steps.review, (("pha", "prescription.reject", "E-GEN-06"), ("pha", "prescription.approve", ""))),
    (
        steps.collect,
        (
            ("cas", "prescription.charge", "E-GEN-06"),
            ("cas", "prescription.charge", ""),
            ("cas", "lab_request.charge", ""),
        ),
    ),
    (steps.pick, (("pha", "prescription.pick", ""), ("pha", "prescription.check", "E-RX-12"))),
    (
        steps.hand_over,
        (
            ("pha2", "prescription.check", ""),
            ("pha2", "prescription.dispense", "E-GEN-06"),
            ("pha2", "prescription.dispense", ""),
        ),
    ),
    (
        steps.ask_back,
        (("doc", "prescription.return_apply", "E-GEN-06"), ("doc", "prescription.return_apply", "")),
    ),
    (
        steps.take_back,
        (("pha", "prescription.accept_return", "E-GEN-03"), ("pha", "prescription.accept_return", "")),
    ),
    (
        steps.apply_for_refund,
        (("pha", "charge_item.apply_refund", "E-GEN-06"), ("pha", "charge_item.apply_refund", "")),
    ),
    (steps.pay_too_early, (("cas", "prescription.refund", "E-CHG-02"),)),
    (steps.approve, (("hod", "charge_item.reject", "E-GEN-06"), ("hod", "charge_item.approve", ""))),
    (steps.pay_back, (("cas", "prescription.refund", ""),)),
    (steps.close_shift, (("cas", "cashier_shift.close", "E-GEN-06"), ("cas", "cashier_shift.close", ""))),
    (steps.reconcile, (("fin", "cashier_shift.reopen", "E-GEN-06"), ("fin", "cashier_shift.reconcile", ""))),
)
"""Each step, and what the journal says of it: who, which act, which refusal."""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_outpatient_day_needs_no_mouse(
    golden_file: Path, tmp_path: Path, chromium: Chromium, language: str
) -> None:
    with keyboard_day.opened(golden_file, tmp_path, chromium, language) as day:
        for step, told in STORY:
            before = len(day.deeds())
            step(day)
            assert tuple(day.deeds()[before:]) == told, step.__name__
        assert [each for desk in day.desks.values() for each in desk.complaints()] == []
        assert day.chinese() == set(), "Chinese on English pages"
        _ends_well(day)


def _ends_well(day: Day) -> None:
    patient = next(each["id"] for each in day.table("patient") if each["name"] == NAME)

    def of_hers(table: str, column: str) -> list[object]:
        return sorted(str(each[column]) for each in day.table(table) if each["patient"] == patient)

    assert of_hers("registration", "status") == ["completed"]
    assert of_hers("encounter", "status") == ["finished"]
    assert of_hers("allergy", "class") == ["PEN"]
    assert of_hers("medical_record", "status") == ["signed"]
    assert of_hers("prescription", "status") == ["refunded"]
    assert of_hers("lab_request", "status") == ["charged"]
    assert of_hers("charge_item", "status") == ["paid", "paid", "refunded"]
    assert of_hers("invoice", "total") == ["-14.20", "14.20", "20.00", "20.00"]
    shifts = [(each["status"], each["difference"]) for each in day.table("cashier_shift")]
    assert ("reconciled", "0.00") in shifts
