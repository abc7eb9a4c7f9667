"""Services posted by themselves 记账: by cashiers at the window, by nurses for a visit; taken back by the poster."""

from __future__ import annotations

from typing import Any

from his.chart import billing, dictionary, machine, permission, till, typed
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused

_MOST = 99
"""Pieces of one service in one posting."""
_BRINGERS = ("prescription", "registration", "lab_request", "imaging_request")
ALONE = " AND ".join(f'"{name}" IS NULL' for name in _BRINGERS)
"""Condition of charge items that were posted by themselves: no ticket, prescription or request brought them."""


def post(
    act: Acting,
    *,
    patient: str | None = None,
    encounter: str | None = None,
    charge_item: str | None = None,
    item: str = "",
    quantity: Any = 1,
) -> str:
    """Post a service 记账: of the list of fees for a patient, or one that is planned; return its id.

    Nurses post what was done in a visit of their own department, E-GEN-02 otherwise. Refused with E-GEN-06 for an
    unknown fee or quantity, E-GEN-03 for a drug, which becomes billable by its review, and for what no nurse posts.
    """
    if charge_item is not None:
        record = act.fetch("charge_item", charge_item)
        edge = machine.enter(act, "charge_item", "post", record)
        if record["prescription"] is not None:
            raise Refused("E-GEN-03", hint_zh="药品费由审方通过后记账", hint_en="Drugs are posted by their review")
        machine.move(act, edge, record)
        return charge_item
    count = typed.whole(quantity, _MOST) or None
    data = {"item": item or None, "quantity": count}
    act.attempt("charge_item.post", patient=patient, encounter=encounter, data=data)
    scope = permission.require(act, "charge.create")
    visit = None if encounter is None else act.fetch("encounter", encounter)
    if scope == permission.OWN:
        permission.require_own(act, visit or {})
    person = act.fetch("patient", str(patient if visit is None else visit["patient"]))
    fee = dictionary.require_row(act, "fee_items", "fee_code", item)
    if scope == permission.OWN and fee not in services(act):
        raise Refused("E-GEN-03", hint_zh="不是治疗室记账的项目", hint_en="Not posted in the treatment room")
    if count is None:
        raise Refused("E-GEN-06", hint_zh="请填写数量", hint_en="Enter the quantity")
    key = _plan(act, {"patient": person["id"], "encounter": encounter}, fee, count)
    record = act.fetch("charge_item", key)
    machine.move(act, machine.enter(act, "charge_item", "post", record, data=data), record, data=data)
    return key


def void(act: Acting, *, charge_item: str, reason: str = "", version: int | None = None) -> None:
    """Take a charge back that oneself has posted, before it is paid, in the same shift, for a written reason.

    Refused with E-CHG-01 once it is paid, E-GEN-02 for somebody else's, E-GEN-03 for one of an earlier shift.
    """
    record = act.fetch("charge_item", charge_item)
    data = {"reason": reason.strip() or None}
    edge = machine.enter(act, "charge_item", "void", record, version=version, data=data)
    if record["created_by"] != act.who.staff:
        raise Refused("E-GEN-02", hint_zh="只能作废本人记账的项目", hint_en="Only what you have posted yourself")
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请填写作废原因", hint_en="Write why it is voided")
    shift = till.latest_shift(act, act.who.staff)
    if shift is not None and (shift["status"] != "open" or record["created_at"] < shift["opened_at"]):
        raise Refused("E-GEN-03", hint_zh="已跨班次,不能作废", hint_en="It was posted in another shift")
    machine.move(act, edge, record, data=data)


def is_alone(item: Record) -> bool:
    """Say whether a charge was posted by itself: `ALONE` for a row."""
    return all(item[name] is None for name in _BRINGERS)


def services(act: Acting) -> list[Record]:
    """Return what one may post by itself: all but the fees of visits; nurses the treatment room's kinds."""
    tickets = {each["fee_code"] for each in act.rows('SELECT "fee_code" FROM "registration_levels"')}
    found = act.rows('SELECT * FROM "fee_items" ORDER BY "fee_code"')
    if permission.scope(act, "charge.create") == permission.OWN:
        kinds = dictionary.text_limit(act, "treatment_fees").split(";")
        found = [each for each in found if each["category_zh"] in kinds]
    return [each for each in found if each["fee_code"] not in tickets]


def _plan(act: Acting, about: Record, fee: Record, count: int) -> str:
    values = {
        **about,
        "item": fee["fee_code"],
        "quantity": count,
        "price": fee["price_cny"],
        "amount": billing.money(billing.amount(fee["price_cny"]) * count),
        "status": "planned",
    }
    key = act.insert("charge_item", values)
    # Planned by the hospital for the posting that follows: no row comes before it that could be its cause.
    act.record("charge_item.plan", system=True, **about, target=key)
    return key
