"""Invoices on paper: printed once for the patient, printed again with a second person only, and counted."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import machine, second_person
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation


def was_printed(act: Acting, invoice: str) -> bool:
    """Say whether an invoice has been printed: from then on only as a reprint."""
    return (
        act.one(
            'SELECT 1 FROM "journal" WHERE "action" = \'print.document\' AND "outcome" = \'ok\' '
            "AND json_extract(\"data\", '$.document') = ? LIMIT 1",
            f"invoice:{invoice}",
        )
        is not None
    )


def reprint(
    act: Acting, *, invoice: str, second: str | None = None, identified: bool = True, version: int | None = None
) -> int:
    """Print an invoice again 补打, with a second person; return how often that was done.

    Refused with E-INV-01 once it is reversed, E-GEN-04 alone, E-GEN-07 if the second person is not who he says.
    """
    record = act.fetch("invoice", invoice)
    count = int(record["reprints"]) + 1
    data = {"second": second_person.named(act, second), "count": count}
    edge = machine.enter(act, "invoice", "reprint", record, version=version, data=data)
    second_person.require(act, second, identified=identified)
    about = {"patient": record["patient"], "target": invoice}
    number = record["number"]
    second_person.agree(act, about, second, step="invoice.reprint", subject=number, objection=_objection(act, record))
    machine.move(act, edge, record, {"reprints": count}, data=data)
    return count


def _objection(act: Acting, record: Record) -> tuple[str, str]:
    if not was_printed(act, record["id"]):
        return "该票据尚未打印过", "it has not been printed yet"
    return "", ""


ACTIONS: Mapping[str, Operation] = {"invoice.reprint": reprint}
