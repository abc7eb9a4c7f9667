"""The doctor's prescriptions: begun, signed, sent back and signed anew, extended, cancelled, asked back; or lapsed."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.ways.walking_on import Lapse, Way, bound, latest
from tests.his.stage import Stage

DRUG = "M008"
RX = latest("prescription", patient="$zhang")
_LINE = {"drug": DRUG, "days": "3"}
_PLANNED, _BILLABLE = (("charge_item.void", "planned"),), (("charge_item.void", "billable"),)
_STRANGER = {"doce": "E-PRV-01"}
"""A doctor who has nothing to do with the patient, and what he is told."""
_DAY = 24 * 60
"""Minutes."""


def drafted_by(seat: str) -> Callable[[Stage], None]:
    def before(stage: Stage) -> None:
        stage.diagnose()
        stage.does(seat, "prescription.create", patient="$zhang")

    return before


drafted = drafted_by("doc")


def issued(stage: Stage) -> None:
    stage.prescribe(DRUG)


def reviewed(stage: Stage) -> None:
    stage.review(DRUG)


def rejected(stage: Stage) -> None:
    issued(stage)
    stage.does("pha", "prescription.reject", patient="$zhang", reason="DOSE", note="减量")


def dispensed(stage: Stage) -> None:
    stage.check(DRUG)
    stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)


def grid(stage: Stage) -> str:
    visit = stage.one("registration", id=bound("zhang_ticket")(stage))["encounter"]
    return f"/clinic/charts/{visit}/prescription"


def _of_rx(stage: Stage) -> dict[str, str]:
    """Return the marks of the prescription's own form: the list has one per line."""
    return {"prescription": RX(stage)}


def _cancels(source: str, before: Callable[[Stage], None], seat: str = "doc", **fields: str) -> Way:
    return Way(
        action="prescription.cancel",
        source=source,
        seat=seat,
        before=before,
        page=grid,
        record=RX,
        marks=_of_rx,
        fields=fields,
        wrong=_STRANGER,
        follows={"issued": _PLANNED, "reviewed": _BILLABLE}.get(source, ()),
    )


def _extends(source: str, before: Callable[[Stage], None], seat: str = "doc") -> Way:
    return Way(
        action="prescription.extend",
        source=source,
        seat=seat,
        before=before,
        page=grid,
        record=RX,
        marks=_of_rx,
        wrong=_STRANGER,
    )


def _writes(seat: str) -> tuple[Way, ...]:
    """Return how a prescription comes into being, is signed, and signed anew after it was sent back."""
    return (
        Way(
            action="prescription.create",
            source="-",
            seat=seat,
            deed="prescription.sign",
            before=Stage.diagnose,
            page=grid,
            fields=_LINE,
            wrong=_STRANGER,
        ),
        Way(
            action="prescription.sign",
            source="draft",
            seat=seat,
            before=drafted_by(seat),
            page=grid,
            record=RX,
            fields=_LINE,
            follows=(("charge_item.plan", "-"),),
            wrong=_STRANGER,
        ),
        Way(
            action="prescription.revise",
            source="rejected",
            seat=seat,
            before=rejected,
            page=lambda stage: f"{grid(stage)}?revise={RX(stage)}",
            record=RX,
            fields={"days": "2"},
            follows=(("charge_item.plan", "-"), *_PLANNED),
            wrong=_STRANGER,
        ),
    )


WAYS = (
    *(way for seat in ("doc", "hod") for way in _writes(seat)),
    _cancels("draft", drafted),
    _cancels("issued", issued, reason="ERR"),
    _cancels("reviewed", reviewed, reason="PAT"),
    _cancels("rejected", rejected, reason="ERR"),
    _cancels("issued", issued, seat="hod", reason="ERR"),
    _extends("issued", issued),
    _extends("reviewed", reviewed),
    _extends("issued", issued, seat="hod"),
    Way(
        action="prescription.return_apply",
        source="dispensed",
        seat="doc",
        before=dispensed,
        page=lambda stage: f"/clinic/returns/{RX(stage)}",
        record=RX,
        fields={"reason": "ADR", "quantity": "1"},
        wrong=_STRANGER,
    ),
)

LAPSES = (
    Lapse(action="prescription.expire", source="issued", before=issued, record=RX, minutes=_DAY, follows=_PLANNED),
    Lapse(action="prescription.expire", source="reviewed", before=reviewed, record=RX, minutes=_DAY, follows=_BILLABLE),
)
