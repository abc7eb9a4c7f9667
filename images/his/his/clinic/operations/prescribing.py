"""Prescriptions: draft, sign with every check answered, revise, cancel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from his.chart import billing, colleague, dictionary, machine, reauth, stock
from his.chart.acting import Acting, Record, Who
from his.chart.hospital import Hospital, Operation
from his.chart.refusing import Alert, Refused
from his.chart.storing import next_code
from his.clinic import checking, rights
from his.clinic.checking import Line
from his.clinic.operations import answering
from his.clinic.operations.answering import Override
from his.hospital_time import DAY_S


def create(act: Acting, *, encounter: str, type: str = "W") -> str:  # noqa: A002 the field's own name
    """Begin a prescription in a running consultation; its lines come with the signature."""
    visit = act.fetch("encounter", encounter)
    data = {"type": type}
    edge = machine.enter(act, "prescription", "create", patient=visit["patient"], encounter=visit, data=data)
    if visit["status"] != "in_progress":
        raise Refused("E-GEN-03", hint_zh="该就诊未在进行中", hint_en="The visit is not in progress")
    dictionary.require_code(act, "rx_type", type)
    values = {
        "patient": visit["patient"],
        "encounter": encounter,
        "type": type,
        "prescriber": act.who.staff,
        "rx_no": next_code(act.connection, "prescription", "rx_no"),
        "amount": "0.00",
    }
    return machine.create(act, edge, values, data=data)[0]


def sign(act: Acting, *, prescription: str, **given: Any) -> list[Alert]:
    """Sign a draft with these lines (`items`); return the alerts that were shown and answered.

    `override` {reason, text} pushes alerts through, blocks only with a colleague's word; `long_supply_reason` lifts
    the limit of days; `identified` says that the password was typed again, which controlled drugs ask for (E-GEN-07).
    Limits refuse with E-RX-05, -06, -07, -16; unanswered blocks with E-RX-08, -09, -15; an
    unanswered warning with E-GEN-06. The refusal carries all alerts.
    """
    return _issue(act, "sign", prescription, **given)


def revise(act: Acting, *, prescription: str, **given: Any) -> list[Alert]:
    """Sign a prescription anew that the pharmacist sent back; without `items` its lines stay."""
    return _issue(act, "revise", prescription, **given)


def cancel(act: Acting, *, prescription: str, reason: str | None = None, version: int | None = None) -> None:
    """Cancel a prescription nobody has paid; what was planned for it is voided."""
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "cancel", record, version=version, data={"reason": reason})
    if record["status"] != "draft" or reason:
        dictionary.require_code(act, "cancel_reason", reason)
    cause = machine.move(act, edge, record, data={"reason": reason})
    _void_charges(act, prescription, cause)


def extend(act: Acting, *, prescription: str, days: int = 1, version: int | None = None) -> None:
    """Let a prescription be paid some days longer, up to the hospital's limit from the day of issue on (E-GEN-03)."""
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "extend", record, version=version, data={"days": days})
    if days < 1:
        raise Refused("E-GEN-06")
    issued = record["signed_at"] // DAY_S
    standing = record["valid_until"]
    until = (issued + dictionary.limit(act, "rx_valid_days") - 1 if standing is None else standing) + days
    if until > issued + dictionary.limit(act, "rx_valid_days_extended") - 1:
        raise Refused("E-GEN-03", hint_zh="已达处方有效期上限", hint_en="The longest validity is reached")
    machine.move(act, edge, record, {"valid_until": until}, data={"days": days})


def heed(act: Acting, *, encounter: str, rule: str, items: Sequence[str] = ()) -> None:
    """Note that the doctor went back to change what an alert was about."""
    visit = act.fetch("encounter", encounter)
    data = {"rule": rule, "items": list(items)}
    act.record("alert.heeded", patient=visit["patient"], encounter=encounter, data=data)


def draft_of(act: Acting, encounter: str) -> Record | None:
    """Return what the acting doctor has begun to prescribe in a visit and not signed."""
    return act.one(
        'SELECT * FROM "prescription" WHERE "encounter" = ? AND "prescriber" = ? AND "status" = \'draft\'',
        encounter,
        act.who.staff,
    )


def issue(
    hospital: Hospital,
    who: Who,
    *,
    encounter: str,
    draft: str | None = None,
    type: str | None = None,  # noqa: A002 the field's own name
    **given: Any,
) -> list[Alert]:
    """Sign this draft, or the visit's, beginning one first where there is none: one act, one row, each."""
    if draft is None:
        with hospital.looking(who) as act:
            draft = (draft_of(act, encounter) or {}).get("id")
    key = draft or hospital.perform(who, create, encounter=encounter, type=type or "W")
    return hospital.perform(who, sign, prescription=key, type=type, **given)


def expire(act: Acting) -> None:
    """Let prescriptions lapse that were neither paid nor extended on the day of issue."""
    stale = act.rows(
        'SELECT * FROM "prescription" WHERE "status" IN (\'issued\', \'reviewed\') AND "signed_at" BETWEEN 0 AND ? '
        'AND COALESCE("valid_until", -1) < ? ORDER BY "signed_at", "id"',
        (act.today + 1 - dictionary.limit(act, "rx_valid_days")) * DAY_S - 1,
        act.today,
    )
    for record in stale:
        _void_charges(act, record["id"], machine.follow(act, "prescription", "expire", record, None))


def _issue(
    act: Acting,
    event: str,
    prescription: str,
    *,
    items: Sequence[Mapping[str, Any]] | None = None,
    override: Mapping[str, str] | None = None,
    long_supply_reason: str | None = None,
    type: str | None = None,  # noqa: A002 the field's own name
    version: int | None = None,
    identified: bool = True,
) -> list[Alert]:
    stored = act.fetch("prescription", prescription)
    act.attempt(f"prescription.{event}", patient=stored["patient"], encounter=stored["encounter"], target=prescription)
    # The kind may be chosen anew as long as nothing is signed.
    record = {**stored, "type": dictionary.require_code(act, "rx_type", type)} if type else stored
    grid = checking.lines(act, stock.lines(act, prescription) if items is None else items)
    data = _facts(grid, long_supply_reason)
    edge = machine.enter(act, "prescription", event, stored, version=version, data=data)
    rights.check(act, record, grid, long_supply_reason)
    shown = checking.alerts(act, record, grid)
    _answer(act, record, grid, shown, Override(**override) if override else None)
    if rights.is_controlled(act, grid):
        reauth.confirm(act, record, purpose="prescription.controlled", identified=identified)
    amount = _replace_lines(act, record, grid)
    last_day = act.today + dictionary.limit(act, "rx_valid_days") - 1
    values = {
        "type": record["type"],
        "signed_at": act.now,
        "valid_until": last_day,
        "amount": amount,
        "prescriber": act.who.staff,
    }
    cause = machine.move(act, edge, stored, {**values, "reviewer": None, "review_reason": None}, data=data)
    _void_charges(act, prescription, cause)
    _plan_charges(act, record, cause)
    return shown


def _facts(grid: Sequence[Line], long_supply_reason: str | None) -> dict[str, Any]:
    return {
        "drugs": [each.code for each in grid],
        "classes": sorted({name for each in grid for name in each.classes}),
        "items": len(grid),
        "max_days": max((each.days for each in grid), default=0),
        "long_supply_reason": long_supply_reason or None,
    }


def _answer(
    act: Acting, record: Record, grid: Sequence[Line], shown: Sequence[Alert], override: Override | None
) -> None:
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": record["id"]}

    def agrees(second: Record, blocks: Sequence[Alert]) -> bool:
        severe = checking.is_severe(act, record["patient"], blocks, grid)
        text = override.text if override is not None else ""
        return colleague.ask_to_override(act, second, {**about, "lasting": True}, text, severe=severe)

    answering.answer(act, about, shown, override, agrees=agrees)


def _replace_lines(act: Acting, record: Record, grid: Sequence[Line]) -> str:
    for old in act.rows('SELECT * FROM "rx_item" WHERE "prescription" = ? AND "status" = \'active\'', record["id"]):
        act.update("rx_item", old, {"status": "replaced"})
    total = Decimal(0)
    for each in grid:
        amount = billing.money(Decimal(each.drug["price_cny"]) * each.quantity)
        total += Decimal(amount)
        act.insert(
            "rx_item",
            {
                "prescription": record["id"],
                "patient": record["patient"],
                "drug": each.code,
                "dose": str(each.dose),
                "dose_unit": each.drug["dose_unit"],
                "route": each.route,
                "freq": each.freq["code"],
                "days": each.days,
                "quantity": each.quantity,
                "price": each.drug["price_cny"],
                "amount": amount,
                "status": "active",
            },
        )
    return billing.money(total)


def _plan_charges(act: Acting, record: Record, cause: int) -> None:
    about = {"patient": record["patient"], "encounter": record["encounter"], "prescription": record["id"]}
    for each in stock.lines(act, record["id"]):
        billing.bill(
            act, about, item=each["drug"], quantity=each["quantity"], price=each["price"], cause=cause, post=False
        )


def _void_charges(act: Acting, prescription: str, cause: int) -> None:
    for item in act.rows(
        'SELECT * FROM "charge_item" WHERE "prescription" = ? AND "status" IN (\'planned\', \'billable\')', prescription
    ):
        machine.follow(act, "charge_item", "void", item, cause)


ACTIONS: Mapping[str, Operation] = {
    "prescription.create": create,
    "prescription.sign": sign,
    "prescription.revise": revise,
    "prescription.cancel": cancel,
    "prescription.extend": extend,
    "alert.heeded": heed,
}
