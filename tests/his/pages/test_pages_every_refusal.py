"""Every code with which the hospital says no: one form of one page, the code on the page and in the journal.

A refusal is a way (see `ways`) that does not lead on: something was lacking before, was typed otherwise, happened while
the page lay open, or somebody else sends the form.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest

from his import offering
from sandbox.contract import refusals
from sandbox.contract.refusals import Refusal
from sandbox.robot.pages import Form, Page
from tests.his.pages.browser import Browser
from tests.his.pages.test_pages_every_edge import LAPSES, WAYS
from tests.his.pages.ways import going_wrong, stock
from tests.his.pages.ways.prescribing import DRUG, dispensed, reviewed
from tests.his.pages.ways.walking_on import Way, latest, nothing, send, sit
from tests.his.stage import Stage

BY_NAME = {each.name: each for each in reversed((*WAYS, *LAPSES))}
SIGN, TICKET = "prescription.sign of draft by doc", "appointment.take_ticket of booked by reg"
SELL, PICK = "registration.create of - by reg", "prescription.pick of charged by pha"
ASKED = BY_NAME["his_account.enrol_training of requested by the clock"]
PENICILLIN, SIX_DRUGS = "M001", ["M008", "M019", "M021", "M029", "M033", "M061"]


@dataclass(frozen=True, kw_only=True)
class No:
    """A way that ends with a code."""

    code: str
    way: Way
    becomes: str = ""
    """State into which the record comes while the page lies open."""
    meanwhile: Callable[[Stage], object] = nothing
    """What else happens while the page lies open."""
    by: str = ""
    """Seat that sends the form, if not the one to which it was shown."""


def no(code: str, name: str, *, becomes: str = "", meanwhile: Any = nothing, by: str = "", **other: Any) -> No:
    """Return the refusal of a way that is as the one of this name but for some fields."""
    way = BY_NAME[name]
    assert isinstance(way, Way), f"time walks {name}"
    return No(code=code, way=replace(way, **other), becomes=becomes, meanwhile=meanwhile, by=by)


def late_for_a_cancellation(stage: Stage) -> None:
    BY_NAME[TICKET].before(stage)
    stage.at(going_wrong.LATE)


NOES: tuple[No, ...] = (
    no("E-REG-01", "registration.refund of missed by reg", becomes="completed"),
    no("E-REG-02", "registration.refund of missed by reg", becomes="in_consult"),
    no("E-REG-03", "registration.check_in of registered by reg", becomes="unpaid"),
    no(
        "E-REG-04",
        SELL,
        page=lambda stage: f"/registration/?patient={stage.bound('zhang')}",
        fields=going_wrong.ticket("D0101"),
    ),
    no("E-REG-05", SELL, meanwhile=going_wrong.without_places),
    no("E-REG-06", SELL, before=going_wrong.sits_in("D0301"), fields=going_wrong.ticket("D0301")),
    no("E-REG-07", "registration.start of called by doc", becomes="expired"),
    no("E-REG-08", "registration.refund of missed by reg", meanwhile=going_wrong.level("CHF")),
    no("E-APT-01", TICKET, becomes="cancelled"),
    no("E-APT-02", "appointment.cancel of booked by reg", before=late_for_a_cancellation),
    no("E-APT-03", "appointment.confirm of requested by reg", meanwhile=going_wrong.without_places),
    no("E-PAT-01", SELL, meanwhile=going_wrong.merged),
    no("E-PAT-02", "patient_index.create of - by reg", fields=going_wrong.known_number),
    no("E-MR-01", "medical_record.void of draft by doc", becomes="signed"),
    no("E-MR-02", "medical_record.save of draft by doc", becomes="signed"),
    no("E-MR-03", "medical_record.amend of signed by doc", becomes="archived"),
    no("E-MR-04", "medical_record.amend of signed by doc", becomes="sealed"),
    no("E-MR-05", "medical_record.sign of draft by doc", fields={"complaint": ""}),
    no("E-MR-06", "medical_record.sign of draft by doc", by="hod"),
    no("E-MR-08", "medical_record.sign of draft by doc", meanwhile=lambda stage: stage.rank("INT")),
    no("E-RX-01", PICK, before=reviewed, page=going_wrong.slip),
    no("E-RX-02", "prescription.charge of reviewed by cas", becomes="issued"),
    no("E-RX-03", "prescription.refund of charged by cas", before=lambda stage: stage.pick(DRUG)),
    no("E-RX-04", "prescription.refund of charged by cas", before=dispensed),
    no("E-RX-05", SIGN, fields={"drug": SIX_DRUGS, "days": ["3"] * 6}),
    no("E-RX-06", SIGN, fields={"drug": DRUG, "days": "14"}),
    no("E-RX-07", SIGN, before=going_wrong.drafted_without_a_diagnosis),
    no("E-RX-08", SIGN, fields={"drug": DRUG, "dose": "40"}),
    no("E-RX-09", SIGN, fields={"drug": [DRUG, DRUG]}),
    no("E-RX-10", "prescription.charge of reviewed by cas", meanwhile=going_wrong.the_day_ends),
    no("E-RX-11", "prescription.dispense of checked by pha2", meanwhile=going_wrong.recalled),
    no("E-RX-12", "prescription.check of dispensing by pha2", seat="pha"),
    no("E-RX-13", "prescription.accept_return of return_requested by pha", fields=going_wrong.opened),
    no(
        "E-RX-14",
        PICK,
        before=lambda stage: stage.charge(PENICILLIN, name="li"),
        page=lambda stage: f"/pharmacy/pick?prescription={latest('prescription', patient='$li')(stage)}",
    ),
    no("E-RX-15", SIGN, fields={"drug": PENICILLIN}),
    no("E-RX-16", SIGN, meanwhile=going_wrong.special),
    no("E-LAB-06", "lab_request.refund of charged by cas", becomes="collected"),
    no("E-IMG-03", "imaging_request.refund of charged by cas", becomes="in_exam"),
    no("E-CHG-01", "charge_item.void of billable by cas", becomes="paid"),
    no(
        "E-CHG-02",
        "prescription.refund of returned by cas",
        before=BY_NAME["charge_item.approve of refund_requested by fin"].before,
    ),
    No(code="E-CHG-03", way=going_wrong.FEE_BACK, becomes="refunded"),
    no("E-CHG-04", "charge_item.approve of refund_requested by fin", meanwhile=going_wrong.applied_for_by_finance),
    no("E-INV-01", "invoice.reprint of issued by cas", becomes="reversed"),
    no("E-SHF-01", "charge_item.pay of billable by cas", meanwhile=going_wrong.shift_closed),
    no("E-SHF-02", "cashier_shift.reopen of closed by fin", becomes="reconciled"),
    no("E-STK-01", PICK, add=stock.shelf("-4d"), fields=going_wrong.the_batch),
    no("E-STK-02", PICK, add=stock.shelf("+90d", status="quarantined"), fields=going_wrong.the_batch),
    no("E-STK-03", PICK, meanwhile=going_wrong.sold_out),
    no(
        "E-ACC-01",
        "his_account.provision of eligible by ita",
        before=ASKED.before,
        record=ASKED.record,
        page=lambda stage: f"/admin/accounts?account={ASKED.record(stage)}",
    ),
    no(
        "E-ACC-02",
        "his_account.first_login of initial_password by doc",
        action="auth.password_change",
        button="later",
        fields={},
    ),
    No(code="E-ACC-03", way=going_wrong.LOG_IN, meanwhile=going_wrong.disabled),
    No(code="E-ACC-04", way=going_wrong.LOG_IN, meanwhile=lambda stage: sit(stage, "doc")),
    no("E-PRV-01", "allergy.record of - by doc", by="doce"),
    No(code="E-PRV-02", way=going_wrong.EXPORT),
    No(code="E-PRV-03", way=going_wrong.REPORT),
    no("E-GEN-01", "registration.call of checked_in by doc", becomes="completed"),
    no("E-GEN-02", "prescription.approve of issued by pha", by="doc"),
    no("E-GEN-03", "registration.finish of in_consult by doc", before=Stage.consult),
    no("E-GEN-04", "stock_batch.scrap of expired by pha", fields={"reason": "EXPIRED", "quantity": "20"}),
    no("E-GEN-05", "patient_index.update of active by reg", meanwhile=going_wrong.phone_corrected),
    no("E-GEN-06", "registration.start of called by doc", fields={"identifiers": "name"}),
    no(
        "E-GEN-07",
        "medical_record.amend of signed by doc",
        fields={"plan": "复诊", "reason": "补充", "password": "guessed"},
    ),
)

WAITS_FOR = {"E-GEN-08": "downtime.declare", "E-GEN-09": "clock.pause"}
"""Codes that nobody can meet before the hospital offers this."""


def press(person: Browser, form: Form, pairs: list[tuple[str, str]]) -> Page:
    """Send a form that does something, or one that only asks."""
    if form.method == "get":
        return person.opens(f"{form.action}?{urlencode(pairs)}")
    return send(person, form, pairs)


@pytest.mark.parametrize("refusal", NOES, ids=lambda refusal: refusal.code)
def test_the_page_and_the_journal_name_it(golden: sqlite3.Connection, refusal: No) -> None:
    way = refusal.way
    with way.set_out(golden) as stage:
        person = way.arrives(stage, way.seat)
        form, pairs = way.form(stage, person)
        refusal.meanwhile(stage)
        if refusal.becomes:
            stage.run(f'UPDATE "{way.table}" SET "status" = ? WHERE "id" = ?', refusal.becomes, way.record(stage))
        sender = way.arrives(stage, refusal.by) if refusal.by else person
        known, before = len(stage.rows()), stage.versions()
        answer = press(sender, form, pairs)
        told = [(each.outcome, each.code, each.changes) for each in stage.rows()[known:] if each.action == way.action]
        assert told == [("refused", refusal.code, ())]
        assert (answer.status, answer.refusal) == (409, refusal.code)
        assert refusal.code in [each.text.strip() for each in answer.elements], "for people, too"
        assert stage.versions() == before


def is_served(refusal: Refusal) -> bool:
    if refusal.code in WAITS_FOR:
        return WAITS_FOR[refusal.code] in offering.ACTS
    return f"{refusal.entity}.{refusal.event}" not in offering.NOT_SERVED


def test_no_code_is_left_out() -> None:
    assert sorted(each.code for each in NOES) == sorted(each.code for each in refusals.REFUSALS if is_served(each))
