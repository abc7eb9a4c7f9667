"""Reading the insurance card 读卡: what it says, beside what the record says."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import permission
from his.chart.acting import Acting
from his.chart.hospital import Operation


def read(act: Acting, *, patient: str) -> str:
    """Read the card that the patient hands over; return the insurance type on it.

    The journal has the card's number and whether its type is that of the record. A wrong type is let pass: real
    windows do so too, and the grader sees it.
    """
    act.attempt("scan.card", patient=patient, target=patient)
    permission.require(act, "registration.create")
    person = act.fetch("patient", patient)
    found = str(person["card_insurance"] or person["insurance_type"] or "")
    data = {"value": person["card_no"], "match": found == (person["insurance_type"] or "")}
    act.record("scan.card", patient=patient, target=patient, data=data)
    return found


ACTIONS: Mapping[str, Operation] = {"scan.card": read}
