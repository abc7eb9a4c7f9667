"""What becomes of a signed prescription: reviewed, paid, tested, picked, checked, handed out, taken back, refunded."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.ways.prescribing import DRUG, RX, dispensed, issued, reviewed
from tests.his.pages.ways.walking_on import Way, latest
from tests.his.stage import Stage

_TESTED = "M001"
_LIS = latest("prescription", patient="$li")
_CHARGE = latest("charge_item", patient="$zhang", item=DRUG)


def step(name: str) -> Callable[[Stage], str]:
    """Return where a step of the pharmacy has Zhang's prescription."""
    return lambda stage: f"/pharmacy/{name}?prescription={RX(stage)}"


def refunds(stage: Stage) -> str:
    return f"/refunds?item={_CHARGE(stage)}"


def _charged(stage: Stage) -> None:
    stage.charge(DRUG)


def _picked(stage: Stage) -> None:
    stage.pick(DRUG)


def _checked(stage: Stage) -> None:
    stage.check(DRUG)


def asked_back(stage: Stage) -> None:
    dispensed(stage)
    items = [{"drug": DRUG, "quantity": 1}]
    stage.does("doc", "prescription.return_apply", patient="$zhang", reason="ADR", items=items)


def batch_no(stage: Stage) -> str:
    """Return the batch from which Zhang's drug was dispensed."""
    gone = [each["batch"] for each in stage.table("stock_movement") if each["prescription"] == RX(stage)]
    return str(stage.one("stock_batch", id=gone[0])["batch_no"])


def _as_dispensed(stage: Stage) -> dict[str, str]:
    return {"batch_no": batch_no(stage), "quantity": "1", "intact": DRUG}


def _given_up(stage: Stage) -> None:
    _charged(stage)
    stage.does("doc", "charge_item.apply_refund", target=_CHARGE(stage), reason="PATIENT")
    stage.does("fin", "charge_item.approve", target=_CHARGE(stage))


def _to_be_tested(stage: Stage) -> None:
    stage.charge(_TESTED, name="li")


def _observed(stage: Stage) -> None:
    _to_be_tested(stage)
    stage.does("nur", "prescription.skin_test", patient="$li", drug=_TESTED, solution_no="PS1")
    stage.at(21)


def _skin_test(before: Callable[[Stage], None], **fields: str) -> Way:
    return Way(
        action="prescription.skin_test",
        source="charged",
        seat="nur",
        before=before,
        page=lambda stage: f"/treatment?prescription={_LIS(stage)}",
        record=_LIS,
        fields=fields,
    )


def _at(
    name: str, event: str, source: str, seat: str, before: Callable[[Stage], None], **fields: str | list[str]
) -> Way:
    return Way(
        action=f"prescription.{event}",
        source=source,
        seat=seat,
        before=before,
        page=step(name),
        record=RX,
        fields=fields,
    )


WAYS = (
    Way(
        action="prescription.approve",
        source="issued",
        seat="pha",
        before=issued,
        page=step("review"),
        record=RX,
        follows=(("charge_item.post", "planned"),),
    ),
    _at("review", "reject", "issued", "pha", issued, reason="DOSE", note="减量"),
    Way(
        action="prescription.charge",
        source="reviewed",
        seat="cas",
        before=reviewed,
        page=lambda stage: f"/cashier/?patient={stage.bound('zhang')}",
        record=RX,
        fields={"channel": "CASH", "tendered": "500"},
        follows=(("charge_item.pay", "billable"), ("invoice.issue", "-")),
    ),
    _skin_test(_to_be_tested, solution_no="PS1"),
    _skin_test(_observed, result="NEG", second="colleague"),
    _at("pick", "pick", "charged", "pha", _charged),
    _at("check", "check", "dispensing", "pha2", _picked),
    _at("check", "unpick", "dispensing", "pha", _picked, reason="患者稍后取药"),
    _at("dispense", "unpick", "checked", "pha2", _checked, reason="患者稍后取药"),
    Way(
        action="prescription.dispense",
        source="checked",
        seat="pha2",
        before=_checked,
        page=step("dispense"),
        record=RX,
        fields={"identifiers": ["name", "birth"]},
    ),
    Way(
        action="prescription.accept_return",
        source="return_requested",
        seat="pha",
        before=asked_back,
        page=step("returns"),
        record=RX,
        fields=_as_dispensed,
    ),
    _at("returns", "refuse_return", "return_requested", "pha", asked_back, reason="GROUND"),
    Way(
        action="prescription.refund",
        source="charged",
        seat="cas",
        before=_given_up,
        page=refunds,
        record=RX,
        fields={"channel": "CASH"},
        follows=(("charge_item.refund", "refund_approved"), ("invoice.reverse", "issued")),
    ),
)
