"""What makes the hospital say no: somebody's lack, a change while the page lies open, a form filled in otherwise.

Ways that no machine knows stand here, too: logging in, an export, a report, a fee given back.
"""

from __future__ import annotations

from collections.abc import Callable

from his.reports.running import DRUGS_BY_DOCTOR
from sandbox.contract.seats import account_name
from tests.his.pages.browser import Browser, password
from tests.his.pages.ways.dispensing import batch_no
from tests.his.pages.ways.prescribing import DRUG, RX
from tests.his.pages.ways.walking_on import Way, latest, sit
from tests.his.stage import Stage

LATE, NEXT_DAY = 3 * 60, 24 * 60
"""Minutes after eight o'clock."""


def doc(stage: Stage) -> str:
    return str(stage.rows()[0].data["seats"]["doc"])


def sits_in(dept: str) -> Callable[[Stage], None]:
    """Let the doctor hold his clinic in another department."""
    return lambda stage: stage.run('UPDATE "schedule" SET "dept" = ? WHERE "doctor" = ?', dept, doc(stage))


def without_places(stage: Stage) -> None:
    stage.run('UPDATE "schedule" SET "quota" = \'0\'')


def ticket(dept: str) -> Callable[[Stage], dict[str, str]]:
    return lambda stage: {"dept": dept, "doctor": doc(stage), "half_day": "AM"}


def level(code: str) -> Callable[[Stage], None]:
    return lambda stage: stage.run(
        'UPDATE "registration" SET "level" = ? WHERE "id" = ?', code, stage.bound("zhang_ticket")
    )


def merged(stage: Stage) -> None:
    stage.run('UPDATE "patient" SET "status" = \'merged\' WHERE "id" = ?', stage.bound("stranger"))


def known_number(stage: Stage) -> dict[str, str]:
    known = stage.one("patient", id=stage.bound("zhang"))
    return {"name": "张海", "sex": "1", "birth_date": known["birth_date"], "id_no": known["id_no"]}


def drafted_without_a_diagnosis(stage: Stage) -> None:
    stage.consult()
    stage.does("doc", "prescription.create", patient="$zhang")


def special(stage: Stage) -> None:
    stage.run('UPDATE "drugs" SET "antibacterial_level" = \'特殊\' WHERE "drug_code" = ?', DRUG)


def the_day_ends(stage: Stage) -> None:
    stage.at(NEXT_DAY)
    stage.hospital.tick()


def recalled(stage: Stage) -> None:
    stage.run('UPDATE "stock_batch" SET "status" = \'quarantined\' WHERE "drug" = ?', DRUG)


def sold_out(stage: Stage) -> None:
    stage.run('UPDATE "stock_batch" SET "quantity" = 0 WHERE "drug" = ?', DRUG)


def the_batch(stage: Stage) -> dict[str, list[str]]:
    return {"batches": [stage.bound("batch")]}


def opened(stage: Stage) -> dict[str, str]:
    """Return a pack as it was dispensed, but for its seal."""
    return {"batch_no": batch_no(stage), "quantity": "1"}


def slip(stage: Stage) -> str:
    return f"/pharmacy/pick?q={stage.one('prescription', id=RX(stage))['rx_no']}"


def applied_for_by_finance(stage: Stage) -> None:
    stage.run('UPDATE "charge_item" SET "applicant" = ?', stage.rows()[0].data["seats"]["fin"])


def shift_closed(stage: Stage) -> None:
    stage.does("cas", "cashier_shift.open")
    stage.does("cas", "cashier_shift.close", counted="0")


def phone_corrected(stage: Stage) -> None:
    for key in ("stranger", "li", "zhang"):
        stage.does("reg", "patient_index.update", target=f"${key}", phone="15400000077")


def disabled(stage: Stage) -> None:
    stage.run('UPDATE "his_account" SET "status" = \'disabled\' WHERE "name" = ?', account_name("doc"))


def at_the_door(stage: Stage, _: str) -> Browser:
    return Browser(sit(stage, "ita").client.application, stage)


FEE = latest("charge_item", patient="$li")


def fee_to_give_back(stage: Stage) -> None:
    stage.does("cas", "charge_item.post", patient="$li", item="F008", quantity=1)
    stage.does("cas", "charge_item.pay", target=FEE(stage), channel="WX")
    stage.does("cas", "charge_item.apply_refund", target=FEE(stage), reason="DUPCHG")
    stage.does("fin", "charge_item.approve", target=FEE(stage))


FEE_BACK = Way(
    action="charge_item.refund",
    source="refund_approved",
    seat="cas",
    before=fee_to_give_back,
    page=lambda stage: f"/refunds?item={FEE(stage)}",
    record=FEE,
    fields={"second": "colleague"},
)
LOG_IN = Way(
    action="auth.login",
    source="active",
    seat="doc",
    arrives=at_the_door,
    page=lambda _: "/login",
    fields={"account": account_name("doc"), "password": password("doc")},
)
EXPORT = Way(
    action="export.request",
    source="-",
    seat="doc",
    page=lambda _: "/safety/export",
    fields={"what": "LIST", "purpose": "随访"},
)
REPORT = Way(
    action="report.run",
    source="-",
    seat="fin",
    page=lambda _: "/reports/?report=workload",
    fields={"report": DRUGS_BY_DOCTOR},
)
