"""Refunds as the pages show them: which ones wait for whom, and how far one of them has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from his.cashier import operations, refunding, shift_views, views
from his.chart import billing, people
from his.chart.acting import Acting, Record
from his.chart.billing import Refund
from his.shell import keyboard, naming
from his.shell.glossary import money
from sandbox.contract import machines

REQUESTED, APPROVED, RETURNED, PAID, HELD, DONE = "requested", "approved", "returned", "paid", "held", "done"
"""Waits for approval; for paying out; for an application (drugs are back, or never left); drugs are out; refunded."""

_FROM = (
    'SELECT c.*, p."name", p."sex", p."birth_date", r."rx_no", COALESCE(r."status", l."status", m."status") '
    'AS whole_status, i."number", i."channel", '
    'i."total" AS invoice_total FROM "charge_item" c JOIN "patient" p ON p."id" = c."patient" '
    'LEFT JOIN "prescription" r ON r."id" = c."prescription" '
    'LEFT JOIN "lab_request" l ON l."id" = c."lab_request" '
    'LEFT JOIN "imaging_request" m ON m."id" = c."imaging_request" LEFT JOIN "invoice" i ON i."id" = c."invoice" '
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A refund in the list."""

    id: str
    href: str
    what: str
    name: str
    sex: str
    age: str
    amount: str
    stage: str
    patient: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str
    charged: int
    price: str
    quantity: int
    amount: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """One refund: its lines and its chain."""

    id: str
    version: int
    entity: str
    """What is refunded as a whole, one of refunding.WHOLES; '' for a charge that stands for itself."""
    whole: str
    whole_version: int
    patient: str
    what: str
    number: str
    channel: str
    stage: str
    lines: Sequence[Line]
    total: str
    rest: str
    reason: str
    chain: Sequence[tuple[str, str, str]]
    """Wording key of each step taken, who took it, when."""
    red: str
    """Id of the red-letter invoice once it is paid out."""
    rejected: str
    returned: bool
    by_prescriber: bool
    """Whether a doctor has to apply: nobody has picked the drugs or carried the request out yet."""
    mine: bool
    """Whether the person at the keyboard has applied."""


def rows(act: Acting, found: Sequence[Record], *, hrefs: dict[str, str], key: str) -> list[Row]:
    """Return the refunds of a list; `hrefs` are their addresses."""
    return [_row(act, each, hrefs[each["id"]], chosen=each["id"] == key) for each in found]


def case(act: Acting, lead: Record) -> Case:
    """Return one refund, named by its first charge."""
    stage = stage_of(lead)
    refunds = of_stage(act, lead)
    total = sum((each.amount for each in refunds), Decimal(0))
    entity = refunding.whole_of(lead)
    whole = act.fetch(entity, lead[entity]) if entity else None
    invoice_total = Decimal(lead["invoice_total"] or "0")
    return Case(
        id=lead["id"],
        version=lead["version"],
        entity=entity,
        whole="" if whole is None else whole["id"],
        whole_version=0 if whole is None else whole["version"],
        patient=lead["patient"],
        what=_what(lead),
        number=lead["number"] or "",
        channel=keyboard.glossary().name("pay_channel", lead["channel"]),
        stage=stage,
        lines=[line(each) for each in refunds],
        total=billing.money(total),
        rest=billing.money(invoice_total - total),
        reason=keyboard.glossary().name("refund_reason", lead["refund_reason"]),
        chain=chain(act, lead),
        red=_red(act, lead) if stage == DONE else "",
        rejected=_rejection(act, lead) if lead["status"] == "paid" else "",
        returned=stage == RETURNED,
        by_prescriber=bool(entity) and stage == PAID,
        mine=lead["applicant"] == act.who.staff,
    )


def of_stage(act: Acting, lead: Record) -> list[Refund]:
    """Return what goes back: as applied for, or as it may be applied for."""
    if lead["status"] in ("refund_requested", "refund_approved", "refunded"):
        return refunding.applied(act, lead)
    return refunding.refundable(act, lead)


def stage_of(item: Record) -> str:
    """Return how far a charge (with `whole_status`, of what it belongs to) has come in the chain."""
    stages = {"refund_requested": REQUESTED, "refund_approved": APPROVED, "refunded": DONE}
    if item["status"] != "paid":
        return stages.get(item["status"], HELD)
    entity, state = refunding.whole_of(item), item["whole_status"]
    if state == "returned":
        return RETURNED
    return PAID if not entity or machines.find(entity, state, "refund") is not None else HELD


def waiting(act: Acting) -> list[Record]:
    """Return the refunds that wait for the acting person's post: first those he can bring on."""
    found = _charges(
        act,
        'c."id" IN (SELECT "id" FROM "charge_item" WHERE "status" IN (\'refund_requested\', \'refund_approved\') '
        'UNION SELECT b."id" FROM "prescription" s JOIN "charge_item" b ON b."prescription" = s."id" '
        'JOIN "rx_item" x ON x."prescription" = s."id" AND x."drug" = b."item" '
        'WHERE s."status" = \'returned\' AND x."returned_qty" > 0 AND b."status" = \'paid\' '
        'UNION SELECT b."id" FROM "prescription" s JOIN "charge_item" b ON b."prescription" = s."id" '
        'WHERE ? AND s."status" = \'charged\' AND s."prescriber" = ? AND b."status" = \'paid\' '
        'UNION SELECT b."id" FROM "charge_item" b LEFT JOIN "lab_request" q ON q."id" = b."lab_request" '
        'LEFT JOIN "imaging_request" e ON e."id" = b."imaging_request" WHERE ? AND b."status" = \'paid\' '
        "AND ((q.\"status\" IN ('charged', 'rejected') AND q.\"requester\" = ?) "
        "OR (e.\"status\" IN ('charged', 'scheduled') AND e.\"requester\" = ?))) "
        'ORDER BY LENGTH(c."id"), c."id"',
        act.who.role in ("OPD", "IPD"),
        act.who.staff,
        act.who.role in ("OPD", "IPD"),
        act.who.staff,
        act.who.staff,
    )
    mine = _first_of_each([each for each in found if _concerns(act, each)])
    order = _ORDER[act.who.role] if act.who.role in _ORDER else _ORDER["CAS"]
    return sorted(mine, key=lambda each: order.index(stage_of(each)) if stage_of(each) in order else len(order))


_ORDER = {
    "CAS": (APPROVED, RETURNED, REQUESTED),
    "FIN": (REQUESTED, APPROVED),
    "HOD": (REQUESTED, APPROVED),
    "PHA": (RETURNED, REQUESTED, APPROVED),
    "OPD": (RETURNED, REQUESTED, APPROVED, PAID),
}


def found_by(act: Acting, query: str, people_found: Sequence[Record]) -> list[Record]:
    """Return what was paid by the invoice of a number, or by people found; the latest first."""
    keys = [each["id"] for each in people_found]
    marks = ", ".join("?" for _ in keys)
    paid = _charges(
        act,
        'c."invoice" IS NOT NULL AND c."registration" IS NULL AND (i."number" = ? '
        f'OR c."patient" IN ({marks})) ORDER BY LENGTH(c."id") DESC, c."id" DESC LIMIT 60',
        people.normalised(query).upper(),
        *keys,
    )
    return _first_of_each(paid)


def lead(act: Acting, key: str) -> Record | None:
    """Return a charge with what the pages show of it."""
    return next(iter(_charges(act, 'c."id" = ?', key)), None)


def _charges(act: Acting, where: str, *values: object) -> list[Record]:
    return act.rows(f"{_FROM} WHERE {where}", *values)


def _concerns(act: Acting, item: Record) -> bool:
    """Say whether a refund is to be shown: doctors see those of their own department, pharmacists those of drugs."""
    if act.who.role in ("OPD", "IPD", "HOD"):
        visit = act.one('SELECT "dept", "attending" FROM "encounter" WHERE "id" = ?', item["encounter"]) or {}
        return act.who.role == "HOD" or act.who.staff == visit.get("attending") or act.who.dept == visit.get("dept")
    if act.who.role == "PHA":
        return item["prescription"] is not None
    return stage_of(item) in (REQUESTED, APPROVED) if act.who.role == "FIN" else True


def _first_of_each(found: Sequence[Record]) -> list[Record]:
    """Return one charge per prescription: its others go along. What was refunded stands behind what was not."""
    kept: dict[str, Record] = {}
    for each in sorted(found, key=lambda item: item["status"] == "refunded"):
        kept.setdefault(each["prescription"] or each["id"], each)
    return [each for each in found if each in kept.values()]


def _row(act: Acting, item: Record, href: str, *, chosen: bool) -> Row:
    return Row(
        **naming.person(act, item),
        id=item["id"],
        href=href,
        what=_what(item),
        amount=billing.money(sum((each.amount for each in of_stage(act, item)), Decimal(0))),
        stage=stage_of(item),
        patient=item["patient"],
        chosen=chosen,
    )


def _what(item: Record) -> str:
    return str(item["rx_no"]) if item["rx_no"] else views.name_of(item["item"])


def line(refund: Refund) -> Line:
    """Return what goes back of one charge."""
    return Line(
        name=views.name_of(refund.item["item"]),
        charged=refund.item["quantity"],
        price=money(refund.item["price"]),
        quantity=refund.quantity,
        amount=billing.money(refund.amount),
    )


def chain(act: Acting, item: Record) -> list[tuple[str, str, str]]:
    """Return the steps taken: who applied, who approved, who paid out, and when."""
    if item["status"] not in ("refund_requested", "refund_approved", "refunded"):
        return []
    red = act.one('SELECT * FROM "invoice" WHERE "reverses" = ?', item["invoice"])
    steps = [("chain.applied", item["applicant"], _when(act, item, "apply_refund"))]
    if item["approver"]:
        steps.append(("chain.approved", item["approver"], _when(act, item, "approve")))
    if item["status"] == "refunded" and red is not None:
        steps.append(("chain.executed", red["cashier"], keyboard.when(red["issued_at"])))
    return [(key, shift_views.staff(act, who), at) for key, who, at in steps]


def _red(act: Acting, item: Record) -> str:
    found = act.one('SELECT "id" FROM "invoice" WHERE "reverses" = ?', item["invoice"])
    return "" if found is None else str(found["id"])


def _when(act: Acting, item: Record, event: str) -> str:
    found = act.one(
        'SELECT "at" FROM "journal" WHERE "target" = ? AND "action" = ? AND "outcome" = \'ok\' '
        'ORDER BY "seq" DESC LIMIT 1',
        item["id"],
        f"charge_item.{event}",
    )
    return "" if found is None else str(found["at"])[5:16].replace("T", " ")


def _rejection(act: Acting, item: Record) -> str:
    """Return why the last application was rejected."""
    found = act.one(
        'SELECT json_extract("data", \'$.reason\') AS reason FROM "journal" WHERE "target" = ? '
        'AND "action" = \'charge_item.reject\' AND "outcome" = \'ok\' ORDER BY "seq" DESC LIMIT 1',
        item["id"],
    )
    return "" if found is None else str(found["reason"])


def people_of(query: str) -> list[Record]:
    """Find the people a search names, as a journaled act; nobody for the number of an invoice."""
    wanted = people.normalised(query)
    return keyboard.perform(operations.find_patient, query=query) if wanted else []


def counted(act: Acting) -> int:
    """Count the refunds that the acting person's post can bring on now."""
    wanted = {"CAS": (APPROVED, RETURNED), "PHA": (RETURNED,), "OPD": ()}.get(act.who.role, (REQUESTED,))
    if not act.one("SELECT 1 FROM \"charge_item\" WHERE \"status\" IN ('refund_requested', 'refund_approved')") and (
        not act.one('SELECT 1 FROM "prescription" WHERE "status" = \'returned\'')
    ):
        return 0
    return sum(stage_of(each) in wanted for each in waiting(act))
