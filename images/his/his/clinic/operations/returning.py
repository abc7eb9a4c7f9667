"""The doctor's application to give dispensed drugs back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from his.chart import dictionary, machine, stock, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused


def apply(
    act: Acting,
    *,
    prescription: str,
    reason: str | None = None,
    items: Sequence[Mapping[str, Any]] | None = None,
    version: int | None = None,
) -> None:
    """Ask the pharmacy to take dispensed drugs back: `items` are {drug, quantity}, by default everything.

    Only for a quality problem, an adverse reaction or a prescribing error (list drug_return_reason); never for drugs
    of the cold chain (E-RX-13). Refused with E-GEN-06 for a quantity that was not dispensed.
    """
    record = act.fetch("prescription", prescription)
    lines = stock.lines(act, prescription)
    wanted = _wanted(lines, items)
    data = {
        "reason": reason or None,
        "drugs": [each["drug"] for each in lines if wanted.get(each["id"])],
        "quantity": sum(wanted.values()),
    }
    edge = machine.enter(act, "prescription", "return_apply", record, version=version, data=data)
    dictionary.require_code(act, "drug_return_reason", reason)
    chosen = [each for each in lines if wanted.get(each["id"])]
    if not chosen or any(not 0 <= wanted[each["id"]] <= each["quantity"] for each in chosen):
        raise Refused("E-GEN-06", hint_zh="请填写退药数量", hint_en="Enter the quantity to return")
    if any(dictionary.is_cold(dictionary.drug(act, each["drug"])) for each in chosen):
        raise Refused("E-RX-13")
    for each in chosen:
        act.update("rx_item", act.fetch("rx_item", each["id"]), {"return_qty": wanted[each["id"]]})
    machine.move(act, edge, record, {"return_reason": reason}, data=data)


def _wanted(lines: Sequence[Record], items: Sequence[Mapping[str, Any]] | None) -> dict[str, int]:
    """Return line -> packs; a number that is none counts as nothing."""
    if items is None:
        return {each["id"]: each["quantity"] for each in lines}
    asked = {str(each.get("drug")): typed.whole(each.get("quantity")) for each in items}
    found = {each["id"]: asked.get(each["drug"]) for each in lines}
    return {line: packs for line, packs in found.items() if packs is not None}


ACTIONS: Mapping[str, Operation] = {"prescription.return_apply": apply}
