"""Prices of drugs 药品调价: a notice says the new price and from when; at that moment open charges and shelves follow.

What is charged keeps the price it was charged with; a prescription nobody has paid takes the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from his.chart import billing, dictionary, moving, permission, second_person, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.hospital_time import DAY_S

ACTION = "stock.price_change"
PENDING, IN_FORCE = "pending", "in_force"


def change(
    act: Acting,
    *,
    drug: str | None = None,
    new: Any = None,
    notice: str = "",
    effective_at: str = "",
    reason: str | None = None,
    note: str = "",
    second: str | None = None,
    identified: bool = True,
) -> str:
    """Issue a notice 调价通知 with a second person and return its id; it is in force at once or from a later moment.

    `new` is yuan per pack, `effective_at` an ISO day with or without a time of day, empty for now. Refused E-GEN-04
    alone, E-GEN-06 for what is missing, E-GEN-03 for the price there is, a moment that has passed, or a drug whose
    last notice still waits.
    """
    told = {"notice": typed.text(notice).upper() or None, "note": typed.text(note) or None, "reason": reason or None}
    asked = {"new": typed.text(new) or None, "effective_at": typed.text(effective_at) or None}
    data = {**_now(act, drug), **asked, **told, "second": second_person.named(act, second)}
    act.attempt(ACTION, data=data)
    permission.require(act, "stock.price")
    second_person.require(act, second, identified=identified)
    price, since = _readable(act, drug, told["notice"], new, effective_at)
    dictionary.require_code(act, "price_reason", reason)
    old = Decimal(data["old"])
    _require_new(act, str(drug), old, price, since)
    objection = _objection(act, old, price, told["note"])
    agreed = second_person.agree(act, {}, second, step=ACTION, subject=str(told["notice"]), objection=objection)
    values = {
        "drug": drug,
        **told,
        "old_price": billing.money(old),
        "new_price": billing.money(price),
        "effective_at": since,
        "issued_by": act.who.staff,
        "issued_at": act.now,
        "second": agreed,
        "status": PENDING,
    }
    key = act.insert("price_change", values)
    data |= {"new": values["new_price"], "effective_at": act.iso(since)}
    cause = act.record(ACTION, target=key, data=data)
    if since <= act.now:
        _enforce(act, act.fetch("price_change", key), cause)
    return key


def take_effect(act: Acting) -> None:
    """Put every notice into force whose moment has come, in order of the moments."""
    for each in act.rows(
        'SELECT * FROM "price_change" WHERE "status" = ? AND "effective_at" <= ? '
        'ORDER BY "effective_at", LENGTH("id"), "id"',
        PENDING,
        act.now,
    ):
        issued = act.one(
            'SELECT "seq" FROM "journal" WHERE "action" = ? AND "target" = ? AND "outcome" = \'ok\' ORDER BY "seq"',
            ACTION,
            each["id"],
        )
        _enforce(act, each, None if issued is None else int(issued["seq"]))


def changes(act: Acting, *, drug: str = "", notice: str = "") -> list[Record]:
    """Return the notices, of one drug or of one number if asked for, latest first."""
    return act.rows(
        'SELECT * FROM "price_change" WHERE (? = \'\' OR "drug" = ?) AND (? = \'\' OR "notice" = ?) '
        'ORDER BY "effective_at" DESC, LENGTH("id") DESC, "id" DESC LIMIT 200',
        drug,
        drug,
        notice,
        notice,
    )


def held(act: Acting, drug: str) -> list[Record]:
    """Return the packs of a drug at each place, {place, packs}: what a new price revalues."""
    return act.rows(
        'SELECT "place", SUM("quantity") AS packs FROM "stock_batch" WHERE "drug" = ? AND "quantity" > 0 '
        'AND "status" NOT IN (\'scrapped\', \'returned_supplier\') GROUP BY "place" ORDER BY "place"',
        drug,
    )


def rise(record: Record) -> str:
    """Return by how much a notice moves the price: per cent, signed, one place."""
    old = Decimal(record["old_price"])
    return f"{(Decimal(record['new_price']) - old) * 100 / old:+.1f}%"


def _now(act: Acting, drug: str | None) -> dict[str, Any]:
    """Return drug and price as they are; nothing is known of a drug that is none."""
    known = act.one('SELECT "price_cny" FROM "drugs" WHERE "drug_code" = ?', drug)
    return {"drug": drug or None, "old": None if known is None else known["price_cny"]}


def _readable(act: Acting, drug: str | None, notice: str | None, new: Any, effective_at: str) -> tuple[Decimal, int]:
    """Return price and moment (hospital seconds). Refused E-GEN-06 for what is missing or none."""
    dictionary.drug(act, drug)
    if not notice:
        raise Refused("E-GEN-06", hint_zh="请填写调价通知号", hint_en="Enter the number of the notice")
    price = typed.money(new)
    if not typed.text(effective_at):
        return price, act.now
    since = typed.moment(act, effective_at)
    if since is None:
        zh, en = "生效时间格式：2026-01-31 08:00", "A moment is written 2026-01-31 08:00"
        raise Refused("E-GEN-06", hint_zh=zh, hint_en=en)
    return price, since


def _require_new(act: Acting, drug: str, old: Decimal, price: Decimal, since: int) -> None:
    if since < act.now - act.now % 60:
        raise Refused("E-GEN-03", hint_zh="生效时间已过", hint_en="That moment has passed")
    waiting = act.one('SELECT 1 FROM "price_change" WHERE "drug" = ? AND "status" = ?', drug, PENDING)
    if waiting is not None:
        raise Refused("E-GEN-03", hint_zh="该药品尚有未生效的调价", hint_en="Its last notice is not in force yet")
    if price == old:
        raise Refused("E-GEN-03", hint_zh="新价与现价相同", hint_en="That is the price it has")


def _objection(act: Acting, old: Decimal, price: Decimal, note: str | None) -> tuple[str, str]:
    """Return what a careful colleague minds: a large step nobody has written about."""
    share = dictionary.limit(act, "price_gap_percent")
    if abs(price - old) * 100 > share * old and not note:
        return f"调价幅度超过{share}%,未写明依据", f"changed by more than {share} % without a written ground"
    return "", ""


def _enforce(act: Acting, record: Record, cause: int | None) -> None:
    """Let a notice come into force: the price list, what is not paid yet, and the worth of what lies on the shelves."""
    drug, old, price = record["drug"], dictionary.drug(act, record["drug"])["price_cny"], record["new_price"]
    act.connection.execute(
        'UPDATE "drugs" SET "price_cny" = ? WHERE "drug_code" = ? AND "price_cny" = ?', (price, drug, old)
    )
    _reprice(act, drug, price)
    act.update("price_change", record, {"status": IN_FORCE, "old_price": old})
    data = {"drug": drug, "old": old, "new": price, "notice": record["notice"]}
    seq = act.record(ACTION, cause=cause, system=True, target=record["id"], data=data)
    step = Decimal(price) - Decimal(old)
    for batch in act.rows(
        'SELECT * FROM "stock_batch" WHERE "drug" = ? AND "quantity" > 0 '
        'AND "status" NOT IN (\'scrapped\', \'returned_supplier\') ORDER BY LENGTH("id"), "id"',
        drug,
    ):
        worth = f"{record['notice']} {old}→{price} {step * batch['quantity']:+.2f}"
        values = {"note": worth, "posted_by": record["issued_by"], "second": record["second"]}
        moving.post(act, batch, type="REPRICE", quantity=0, cause=seq, values=values, data={"note": worth})


def _reprice(act: Acting, drug: str, price: str) -> None:
    """Give the new price to every line that is not charged yet, and their sum to its prescription."""
    lines = act.rows(
        'SELECT i.* FROM "rx_item" i JOIN "prescription" p ON p."id" = i."prescription" WHERE i."drug" = ? '
        "AND i.\"status\" = 'active' AND p.\"status\" IN ('draft', 'issued', 'reviewed', 'rejected') "
        'ORDER BY LENGTH(i."id"), i."id"',
        drug,
    )
    for line in lines:
        act.update("rx_item", line, _priced(line, price))
    for key in dict.fromkeys(each["prescription"] for each in lines):
        for item in act.rows(
            'SELECT * FROM "charge_item" WHERE "prescription" = ? AND "item" = ? '
            'AND "status" IN (\'planned\', \'billable\') ORDER BY LENGTH("id"), "id"',
            key,
            drug,
        ):
            act.update("charge_item", item, _priced(item, price))
        own = act.rows('SELECT "amount" FROM "rx_item" WHERE "prescription" = ? AND "status" = \'active\'', key)
        act.update("prescription", act.fetch("prescription", key), {"amount": billing.money(billing.total_of(own))})


def _priced(line: Record, price: str) -> dict[str, str]:
    return {"price": price, "amount": billing.money(Decimal(price) * line["quantity"])}


def day_and_time(act: Acting, seconds: int) -> str:
    """Return a moment as it is typed: ISO day and time of day."""
    return act.iso(seconds - seconds % 60)[:16].replace("T", " ")


def tomorrow(act: Acting) -> str:
    """Return the next midnight as it is typed: when a price usually changes."""
    return day_and_time(act, (act.today + 1) * DAY_S)


ACTIONS: Mapping[str, Operation] = {ACTION: change}
